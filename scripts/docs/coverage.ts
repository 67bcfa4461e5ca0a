import type { CoverageRow } from '@keyglot/dialect';
import { MOUNTS, type Mount } from '../../packages/gateway/src/claim/place.js';
import { code, sourceLink, table } from './markdown.js';

const TITLES: { readonly [Name in Mount]: string } = {
  aws: 'AWS KMS',
  qkms: 'QKMS',
  alibaba: 'Alibaba Cloud KMS',
  yandex: 'Yandex Cloud KMS',
  ncp: 'NAVER Cloud (NCP) KMS',
};

const STATES = ['done', 'simulated', 'refused', 'not yet'] as const;

/** The table of the README: how much of each API answers. */
export function supportPart(rows: readonly CoverageRow[]): string {
  const counts = MOUNTS.map((dialect) => {
    const own = rows.filter((row) => row.dialect === dialect);
    if (own.length === 0) return [TITLES[dialect], ...STATES.map(() => '–'), 'not yet'];
    const numbers = STATES.map((state) => String(own.filter((row) => row.state === state).length));
    return [TITLES[dialect], ...numbers, `\`/${dialect}\`, [page](docs/dialects/${dialect}.md)`];
  });
  const done = rows.filter(({ dialect, state }) => dialect === 'aws' && state === 'done');
  return `${table(['operations of', ...STATES, 'mount and details'], counts)}

Done today in the AWS KMS dialect: ${done.map(({ operation }) => code(operation)).join(', ')}.`;
}

/** The table of one dialect's page. */
export function operationsPart(rows: readonly CoverageRow[], dialect: string): string {
  return table(
    ['operation', 'state', 'evidence', 'note'],
    rows
      .filter((row) => row.dialect === dialect)
      .map(({ operation, state, evidence, note }) => [
        code(operation),
        state,
        evidence === undefined ? '' : `${evidence.mark}, ${sourceLink(evidence.source)}`,
        note,
      ]),
  );
}

/** The coverage page: operation × dialect, then the evidence of every answer. */
export function coveragePart(rows: readonly CoverageRow[]): string {
  const dialects = MOUNTS.filter((dialect) => rows.some((row) => row.dialect === dialect));
  const operations = [...new Set(rows.map(({ operation }) => operation))];
  const stateOf = (operation: string, dialect: string): string =>
    rows.find((row) => row.operation === operation && row.dialect === dialect)?.state ?? '–';
  const matrix = table(
    ['operation', ...dialects.map((dialect) => TITLES[dialect])],
    operations.map((operation) => [
      code(operation),
      ...dialects.map((dialect) => stateOf(operation, dialect)),
    ]),
  );
  const missing = MOUNTS.filter((dialect) => !dialects.includes(dialect));
  const sections = dialects.map(
    (dialect) => `## ${TITLES[dialect]}\n\n${evidenceTable(rows, dialect)}`,
  );
  return [
    `## Operation by dialect\n\n${matrix}`,
    `Not yet at all: ${missing.map((dialect) => TITLES[dialect]).join(', ')}.`,
    ...sections,
  ].join('\n\n');
}

function evidenceTable(rows: readonly CoverageRow[], dialect: string): string {
  return table(
    ['operation', 'state', 'evidence', 'date', 'source', 'note'],
    rows
      .filter((row) => row.dialect === dialect)
      .map(({ operation, state, evidence, note }) => [
        code(operation),
        state,
        evidence?.mark ?? '',
        evidence?.date ?? '',
        evidence === undefined ? '' : sourceLink(evidence.source),
        note,
      ]),
  );
}
