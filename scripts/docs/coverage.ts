import type { DescribedDialect } from './dialects.js';
import { code, sourceLink, table } from './markdown.js';
import { tasksTable } from './tasks.js';

const STATES = ['done', 'simulated', 'refused', 'not yet'] as const;

/** The table of the README: how much of each API answers. */
export function supportPart(dialects: readonly DescribedDialect[]): string {
  return table(
    ['operations of', ...STATES, 'mount and details'],
    dialects.map(({ name, title, operations }) => [
      title,
      ...STATES.map((state) => String(operations.filter((row) => row.state === state).length)),
      `\`/${name}\`, [page](docs/dialects/${name}.md)`,
    ]),
  );
}

/** The table of one dialect's page. */
export function operationsPart({ operations }: DescribedDialect): string {
  return table(
    ['operation', 'state', 'evidence', 'note'],
    operations.map(({ operation, state, evidence, note }) => [
      code(operation),
      state,
      evidence === undefined ? '' : `${evidence.mark}, ${sourceLink(evidence.source)}`,
      note,
    ]),
  );
}

/** The coverage page: task by dialect, then the evidence of every answer. */
export function coveragePart(dialects: readonly DescribedDialect[]): string {
  return [
    `## Task by dialect\n\n${tasksTable(dialects)}`,
    ...dialects.map((dialect) => `## ${dialect.title}\n\n${evidenceTable(dialect)}`),
  ].join('\n\n');
}

function evidenceTable({ operations }: DescribedDialect): string {
  return table(
    ['operation', 'state', 'evidence', 'date', 'source', 'note'],
    operations.map(({ operation, state, evidence, note }) => [
      code(operation),
      state,
      evidence?.mark ?? '',
      evidence?.date ?? '',
      evidence === undefined ? '' : sourceLink(evidence.source),
      note,
    ]),
  );
}
