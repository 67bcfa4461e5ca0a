import { fault } from '@keyglot/core';
import { typeRowOf } from './algorithms.js';
import type { NcpCall, OneKey } from './call.js';
import { requireState, type StateRow } from './states.js';

type KeyCheck = (resolved: OneKey, input: unknown, call: NcpCall) => void;

/** Refuses a key in the wrong state. @internal */
export function state(row: StateRow): KeyCheck {
  return ({ key }) => requireState(key.record, row);
}

/** Refuses a key of a type that cannot do this. @internal */
export function usage(wanted: 'encrypt' | 'sign'): KeyCheck {
  return ({ key: { record } }) => {
    if (!typeRowOf(record).usages.includes(wanted)) {
      throw fault('KeyUsageInvalid', { id: record.wireId, usage: wanted });
    }
  };
}
