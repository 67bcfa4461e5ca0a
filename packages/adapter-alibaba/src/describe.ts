import { Secret } from '@keyglot/core';
import { type FaultRow, faultRows } from '@keyglot/dialect';
import { ALIBABA_FAULTS } from './faults.js';

/**
 * Every cell of the fault table, in its order; one row for each form that a cell can take. The body is
 * that in JSON without the members that are the same in every refusal.
 *
 * @public
 */
export function describeFaults(): readonly FaultRow[] {
  const refused = { code: '<code>', message: '<message>' };
  return faultRows({
    table: ALIBABA_FAULTS,
    call: { operation: '<operation>' },
    forms: {
      KeyStateInvalid: [{ state: 'pending-deletion' }, { state: 'pending-import' }, {}],
      AlreadyExists: [{ kind: 'alias' }, {}],
      SignatureMismatch: [{ signed: new Secret(Buffer.from('<string to sign>')) }],
      DryRunRefused: [
        { refused: { ...refused, status: 403 } },
        { refused: { ...refused, status: 400 } },
      ],
    },
    bodyOf: ({ code, message }) => JSON.stringify({ Code: code, Message: message }),
  });
}
