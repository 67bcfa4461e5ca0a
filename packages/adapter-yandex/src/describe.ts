import { type CoverageRow, type FaultRow, faultRows } from '@keyglot/dialect';
import { coverage } from './coverage.js';
import { grpcNumber, YANDEX_FAULTS } from './faults.js';

/** Every method of the published interface, and what Keyglot does with it. @public */
export function describeOperations(): readonly CoverageRow[] {
  return coverage();
}

/**
 * Every cell of the fault table, in its order. The body is that of REST without its `details`, which
 * only have the request id; over gRPC the same two members are the status.
 *
 * @public
 */
export function describeFaults(): readonly FaultRow[] {
  return faultRows({
    table: YANDEX_FAULTS,
    call: undefined,
    forms: { Validation: [{ problems: ['<field>: <problem>'] }] },
    bodyOf: ({ code, message }) => JSON.stringify({ code: grpcNumber(code), message }),
  });
}
