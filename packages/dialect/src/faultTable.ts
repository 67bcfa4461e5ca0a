import type { CoreFault, CoreFaults, KmsFault } from '@keyglot/core';
import type { Evidence } from './evidence.js';

/** What a fault looks like on the wire of one dialect; the codec turns it into bytes. @public */
export interface WireError {
  readonly status: number;
  readonly code: string;
  /** Undefined where the provider sends no text. */
  readonly message: string | undefined;
}

/** How one dialect says one fault. @public */
export interface FaultCell<Details, Call> {
  readonly evidence: Evidence;
  say(details: Details, call: Call): WireError;
}

/**
 * A cell for every fault of the vault and every fault that only this dialect has. A fault without a
 * cell does not compile.
 *
 * @public
 */
export type FaultTable<OwnFaults, Call> = {
  readonly [Code in keyof OwnFaults | CoreFault]: FaultCell<
    Code extends keyof OwnFaults
      ? OwnFaults[Code]
      : Code extends CoreFault
        ? CoreFaults[Code]
        : never,
    Call
  >;
};

/** Finds the cell of a fault and lets it speak. A fault without a cell is a defect: Internal. @public */
export function sayFault<OwnFaults, Call>(
  table: FaultTable<OwnFaults, Call>,
  thrown: KmsFault,
  call: Call,
): { readonly error: WireError; readonly evidence: Evidence } {
  // The table is total over the codes, and a fault's details are checked where it is made.
  const cells = table as unknown as Record<string, FaultCell<unknown, Call>>;
  const known = Object.hasOwn(cells, thrown.code);
  const cell = cells[known ? thrown.code : 'Internal'];
  if (cell === undefined) throw new TypeError('a fault table has no cell for Internal');
  const details = known ? thrown.details : { what: 'a fault without a cell' };
  return { error: cell.say(details, call), evidence: cell.evidence };
}
