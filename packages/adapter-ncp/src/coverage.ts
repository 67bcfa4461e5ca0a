import type { CoverageRow } from '@keyglot/dialect';
import { pageOf } from './codec.js';
import { OPERATIONS } from './operations/index.js';
import { UNSUPPORTED } from './operations/unsupported.js';
import { type Api, type OperationName, ROUTES, type RouteRow } from './routes.js';

const ROWS = new Map(OPERATIONS.map((row) => [row.name, row]));
const MISSING = new Map(UNSUPPORTED.map((row) => [row.name, row]));

/** Every operation of the published reference, API 2.0 first, then those of the API 1.0. @internal */
export function coverage(): readonly CoverageRow[] {
  // Object.entries forgets the names' own type.
  const all = Object.entries(ROUTES) as [OperationName, RouteRow][];
  return [
    ...all.map(([name]) => line(name, '2.0')),
    ...all.filter(([, { page1 }]) => page1 !== undefined).map(([name]) => line(name, '1.0')),
  ];
}

function line(name: OperationName, api: Api): CoverageRow {
  const shown = { dialect: 'ncp', operation: api === '1.0' ? `${name} (API 1.0)` : name };
  const row = ROWS.get(name);
  if (row === undefined) {
    const { state = 'not yet', reason = '' } = MISSING.get(name) ?? {};
    return { ...shown, state, evidence: undefined, note: reason };
  }
  const evidence = { ...row.evidence, source: pageOf(name, api) };
  const state = row.simulated === undefined ? 'done' : 'simulated';
  return { ...shown, state, evidence, note: row.simulated ?? '' };
}
