import { fault, type KeyRecord } from '@keyglot/core';
import { isSymmetric, suiteId, type WireUsage, wireUsage } from './algorithms.js';
import type { OneKey } from './call.js';
import { alibabaFault } from './faults.js';
import { requireState, type StateRow } from './states.js';

type KeyCheck = (resolved: OneKey) => void;

/** Refuses anything but a symmetric key. @internal */
export const symmetric: KeyCheck = ({ key }) => requireSymmetric(key.record);

/** Refuses symmetric keys. @internal */
export const asymmetric: KeyCheck = ({ key }) => {
  if (isSymmetric(key.record)) throw alibabaFault('OperationRejected', { id: key.record.wireId });
};

/** Refuses symmetric keys and asymmetric ones of another usage. @internal */
export function asymmetricFor(usage: WireUsage): KeyCheck {
  return ({ key }) => requireAsymmetric(key.record, usage);
}

/** Refuses a key in the wrong state. @internal */
export function state(row: StateRow): KeyCheck {
  return ({ key }) => requireState(key.record, row);
}

/** Refuses an algorithm that the key does not have for its usage. @internal */
export function algorithm({ key }: OneKey, input: { readonly Algorithm: string }): void {
  requireAlgorithm(key.record, input.Algorithm);
}

/** @throws KmsFault Unsupported @internal */
export function requireSymmetric(key: KeyRecord): void {
  if (!isSymmetric(key)) throw fault('Unsupported', { what: 'an asymmetric key here' });
}

/** @throws KmsFault OperationRejected, KeyUsageInvalid @internal */
export function requireAsymmetric(key: KeyRecord, usage: WireUsage): void {
  if (isSymmetric(key)) throw alibabaFault('OperationRejected', { id: key.wireId });
  const found = wireUsage(key);
  if (found !== usage) throw fault('KeyUsageInvalid', { id: key.wireId, usage: found });
}

/** @returns the id of core's suite @throws KmsFault AlgorithmIncompatible @internal */
export function requireAlgorithm(key: KeyRecord, name: string): string {
  const suite = suiteId(key, name);
  if (suite === undefined) {
    throw fault('AlgorithmIncompatible', { algorithm: name, spec: key.spec });
  }
  return suite;
}
