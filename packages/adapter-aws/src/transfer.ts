import {
  type AsymmetricEncryptionSuite,
  type Destination,
  fault,
  fitsLayout,
  type KeyRecord,
  type LoadedKey,
  type Source as OpenedSource,
} from '@keyglot/core';
import { specOf, suiteId } from './algorithms.js';
import type { AwsCall } from './call.js';
import { requireAlgorithm, requireUsage } from './checks.js';
import { awsFault } from './faults.js';
import { AWS_SIZES } from './inspect.js';
import { layoutOf } from './layouts.js';
import { contextOf, requireNoContext } from './operations/shared.js';
import { type Source, SYMMETRIC } from './source.js';
import { requireState, USE } from './states.js';
import { validationMessage } from './validation.js';

/** Encryption context as it is in a request. @internal */
export type WireContext = Readonly<Record<string, string>> | undefined;

/** The suite of an asymmetric algorithm that the key's spec is known to have. @internal */
export function encryptionSuite(
  call: AwsCall,
  name: string,
  key: KeyRecord,
): AsymmetricEncryptionSuite {
  return call.vault.suites.encryptionSuite(suiteId(name, key));
}

/**
 * The source end of a transfer, ready to be opened.
 *
 * @throws KmsFault CiphertextInvalid when the blob does not have the layout, Validation for a context beside RSA
 * @internal
 */
export function sourceEnd(
  call: AwsCall,
  { key, envelope, foreign }: Source,
  algorithm: string,
  blob: Buffer | undefined,
  wireContext: WireContext,
): OpenedSource {
  if (algorithm === SYMMETRIC) {
    const context = contextOf(wireContext);
    if (foreign !== undefined && fitsLayout(foreign.layout, context)) {
      return { kind: 'symmetric', ...foreign, context };
    }
    if (envelope === undefined) throw fault('CiphertextInvalid', {});
    return { kind: 'symmetric', key, layout: layoutOf(call.profile), envelope, context };
  }
  requireNoContext(wireContext);
  if (blob === undefined) throw fault('CiphertextInvalid', {});
  const suite = encryptionSuite(call, algorithm, key.record);
  return { kind: 'asymmetric', key, suite, ciphertext: blob };
}

/**
 * Checks a destination in AWS's order: usage, state, algorithm.
 *
 * @throws KmsFault KeyUsageInvalid, KeyDisabled, KeyStateInvalid, AlgorithmIncompatible, Validation
 * @internal
 */
export function checkDestinationKey(
  call: AwsCall,
  { record }: LoadedKey,
  algorithm: string,
  wireContext: WireContext,
): void {
  requireUsage(record, 'ENCRYPT_DECRYPT', call);
  requireState(record, USE, call);
  requireAlgorithm(record, algorithm);
  if (record.spec !== 'aes-256') requireNoContext(wireContext);
}

/** The destination end of a transfer. @internal */
export function destinationEnd(
  call: AwsCall,
  key: LoadedKey,
  algorithm: string,
  wireContext: WireContext,
): Destination {
  if (algorithm === SYMMETRIC) {
    const context = contextOf(wireContext);
    return { kind: 'symmetric', key, layout: layoutOf(call.profile), context, requireSize };
  }
  return {
    kind: 'asymmetric',
    key,
    suite: encryptionSuite(call, algorithm, key.record),
    tooLarge(limitBytes, plaintextBytes) {
      // What no key may be given is refused before anybody looks at the key.
      requireSize(plaintextBytes);
      throw fault('PlaintextTooLarge', { algorithm, spec: specOf(key.record).name, limitBytes });
    },
  };
}

/** What Encrypt says of such a plaintext; only one of another dialect's ciphertexts can be too long here. */
function requireSize(plaintextBytes: number): void {
  const { maxPlaintextBytes } = AWS_SIZES;
  if (plaintextBytes > 0 && plaintextBytes <= maxPlaintextBytes) return;
  const tooLong = plaintextBytes > 0;
  const message = validationMessage([
    {
      path: ['Plaintext'],
      rule: tooLong ? 'maxLength' : 'minLength',
      limit: tooLong ? maxPlaintextBytes : 1,
      value: undefined,
      sensitive: true,
    },
  ]);
  throw awsFault('Validation', { message });
}
