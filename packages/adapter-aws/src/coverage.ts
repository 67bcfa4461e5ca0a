import type { CoverageRow } from '@keyglot/dialect';
import { OPERATIONS } from './operations/index.js';
import type { Profile } from './profile.js';

const ROWS = new Map(OPERATIONS.map((row) => [row.name, row]));

/** The coverage of one profile: every operation of its model, in its order. @internal */
export function coverageOf(profile: Profile): readonly CoverageRow[] {
  return Object.keys(profile.model.operations).map((operation) => {
    const row = ROWS.get(operation);
    const line = { dialect: profile.name, operation };
    if (!profile.has(operation)) {
      const note = `${profile.title} does not document it: UnknownOperationException`;
      return { ...line, state: 'refused', evidence: undefined, note };
    }
    if (row === undefined) {
      const note = 'answered with UnsupportedOperationException';
      return { ...line, state: 'not yet', evidence: undefined, note };
    }
    const state = row.simulated === undefined ? 'done' : 'simulated';
    return { ...line, state, evidence: row.evidence, note: row.simulated ?? '' };
  });
}
