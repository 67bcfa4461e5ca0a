import type { FaultRow } from '@keyglot/dialect';
import { code, sourceLink, table } from './markdown.js';

/** The table of one dialect on the fault page. */
export function faultsPart(rows: readonly FaultRow[]): string {
  return table(
    ['fault', 'HTTP', 'body', 'evidence', 'date', 'source'],
    rows.map(({ fault, status, body, evidence }) => [
      code(fault),
      String(status),
      code(body),
      evidence.mark,
      evidence.date,
      sourceLink(evidence.source),
    ]),
  );
}
