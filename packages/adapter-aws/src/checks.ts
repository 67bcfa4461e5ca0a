import { fault, type KeyRecord } from '@keyglot/core';
import { algorithmsOf, specOf, type WireUsage, wireUsage } from './algorithms.js';
import { type AwsCall, keyArn, type OneKey } from './call.js';
import { awsFault } from './faults.js';
import { isImported } from './imports.js';
import { requireState, type StateRow } from './states.js';

type KeyCheck = (resolved: OneKey, input: unknown, call: AwsCall) => void;

/** Refuses a key of another usage. @internal */
export function usage(wanted: WireUsage): KeyCheck {
  return ({ key }, _input, call) => requireUsage(key.record, wanted, call);
}

/** Refuses a key in the wrong state. @internal */
export function state(row: StateRow): KeyCheck {
  return ({ key }, _input, call) => {
    if (row[key.record.state] !== 'allowed') {
      requireState(key.record, row, call);
    }
  };
}

/** Refuses an algorithm that the key's spec does not have for its usage. @internal */
export function algorithm<Input>(read: (input: Input) => string) {
  return ({ key }: OneKey, input: Input): void => requireAlgorithm(key.record, read(input));
}

/** Refuses a key whose material does not come from outside. @internal */
export const external: KeyCheck = ({ key: { record } }, _input, call) => {
  if (!isImported(record)) {
    throw awsFault('OriginInvalid', { id: keyArn(call, record), origin: 'AWS_KMS' });
  }
};

/** Whether a key is a symmetric encryption key, the only kind with more than one material. @internal */
export function isSymmetric({ spec }: KeyRecord): boolean {
  return spec === 'aes-256';
}

/** @throws KmsFault KeyUsageInvalid @internal */
export function requireUsage(key: KeyRecord, wanted: WireUsage, call: AwsCall): void {
  const found = wireUsage(key.usages);
  if (found !== wanted) throw fault('KeyUsageInvalid', { id: keyArn(call, key), usage: found });
}

/** @throws KmsFault AlgorithmIncompatible @internal */
export function requireAlgorithm(key: KeyRecord, name: string): void {
  if (!algorithmsOf(key).has(name)) {
    throw fault('AlgorithmIncompatible', { algorithm: name, spec: specOf(key).name });
  }
}
