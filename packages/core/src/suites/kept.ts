import type { KeyObject } from 'node:crypto';
import { fault } from '../faults.js';
import type { KeySpecId } from './keySpecs.js';
import type { PreparedMaterial } from './suite.js';

/**
 * Gives what a suite keeps beside a key, and makes it at the first call. A name belongs to one caller.
 *
 * @internal
 */
export function keep<T>(material: PreparedMaterial, name: string, make: () => T): T {
  const found = material.kept.get(name);
  if (found !== undefined) {
    // A name has one caller, so what is found is what its `make` returned.
    return found as T;
  }
  const made = make();
  material.kept.set(name, made);
  return made;
}

/**
 * Refuses material of a kind that a suite does not work with: callers decide by `specs` beforehand.
 *
 * @throws KmsFault Internal
 * @internal
 */
export function requireSpec(suite: string, specs: readonly KeySpecId[], spec: KeySpecId): void {
  if (!specs.includes(spec)) {
    throw fault('Internal', { what: `${suite} with material ${spec}` });
  }
}

/**
 * Gives the public half of material that has the right spec.
 *
 * @throws KmsFault Internal when the spec is another one or there is no public half
 * @internal
 */
export function requirePublic(
  suite: string,
  specs: readonly KeySpecId[],
  material: PreparedMaterial,
): { readonly key: KeyObject; readonly der: Buffer } {
  requireSpec(suite, specs, material.spec);
  if (material.publicKey === undefined || material.publicDer === undefined) {
    throw fault('Internal', { what: `${suite} without public key` });
  }
  return { key: material.publicKey, der: material.publicDer };
}
