import { type CoverageRow, type FaultRow, faultRows } from '@keyglot/dialect';
import { errorBody } from './codec.js';
import { coverage } from './coverage.js';
import { NCP_FAULTS } from './faults.js';

/** Every operation of API 2.0 and API 1.0, and what Keyglot does with it. @public */
export function describeOperations(): readonly CoverageRow[] {
  return coverage();
}

/** Every cell of the fault table, in its order. @public */
export function describeFaults(): readonly FaultRow[] {
  return faultRows({ table: NCP_FAULTS, call: undefined, forms: {}, bodyOf: errorBody });
}
