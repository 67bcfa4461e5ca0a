import {
  type Envelope,
  fault,
  type KeyVersion,
  type LoadedKey,
  type Source as OpenedSource,
} from '@keyglot/core';
import { decodeBase64Strict } from '@keyglot/dialect';
import type { AlibabaCall } from './call.js';
import { requireAlgorithm, requireAsymmetric, requireSymmetric } from './checks.js';
import { contextOf } from './context.js';
import { ALIBABA_LAYOUT } from './envelope.js';
import { alibabaFault } from './faults.js';
import { resolveByVersion } from './resolve.js';
import { requireState, USE } from './states.js';

/** A symmetric ciphertext, taken apart, with the key version that it names. @internal */
export interface SymmetricBlob {
  readonly key: LoadedKey;
  readonly version: KeyVersion;
  readonly envelope: Envelope;
}

/** Where a re-encryption comes from, as its parameters tell. @internal */
export type From =
  | ({ readonly kind: 'symmetric' } & SymmetricBlob)
  | {
      readonly kind: 'asymmetric';
      readonly key: LoadedKey;
      readonly version: KeyVersion;
      readonly algorithm: string;
    };

type WireContext = Readonly<Record<string, string>> | undefined;

/**
 * Finds the key of a symmetric ciphertext.
 *
 * @throws KmsFault CiphertextInvalid when it has not our layout, KeyNotFound when nobody has the version
 * @internal
 */
export function resolveBlob(call: AlibabaCall, ciphertextBlob: string): SymmetricBlob {
  const blob = decodeBase64Strict(ciphertextBlob);
  const envelope = blob && ALIBABA_LAYOUT.parse(blob);
  if (envelope === undefined) throw fault('CiphertextInvalid', {});
  return { ...resolveByVersion(call, envelope.versionWireId), envelope };
}

/**
 * Checks the source of a re-encryption: kind and usage, state, algorithm, context.
 *
 * @throws KmsFault Unsupported, OperationRejected, KeyUsageInvalid, AlgorithmIncompatible,
 *   ParameterInvalid, and what a wrong state throws
 * @internal
 */
export function checkSource(from: From, context: WireContext): void {
  const { record } = from.key;
  if (from.kind === 'symmetric') {
    requireSymmetric(record);
    requireState(record, USE);
    return;
  }
  requireAsymmetric(record, 'ENCRYPT/DECRYPT');
  requireState(record, USE);
  requireAlgorithm(record, from.algorithm);
  // Public-key ciphertexts have no context; nothing tells what the service does with one here.
  if (context !== undefined) {
    throw alibabaFault('ParameterInvalid', { name: 'SourceEncryptionContext' });
  }
}

/** Checks the destination: a symmetric key that is enabled. @internal */
export function checkDestination({ record }: LoadedKey): void {
  requireSymmetric(record);
  requireState(record, USE);
}

/**
 * The source, ready to be opened.
 *
 * @throws KmsFault CiphertextInvalid
 * @internal
 */
export function openedSource(
  call: AlibabaCall,
  from: From,
  ciphertextBlob: string,
  context: WireContext,
): OpenedSource {
  const { key } = from;
  if (from.kind === 'symmetric') {
    const { envelope } = from;
    return {
      kind: 'symmetric',
      key,
      layout: ALIBABA_LAYOUT,
      envelope,
      context: contextOf(context),
    };
  }
  const ciphertext = decodeBase64Strict(ciphertextBlob);
  const version = key.byWireId(from.version.wireId);
  if (ciphertext === undefined || version === undefined) throw fault('CiphertextInvalid', {});
  const suite = call.vault.suites.encryptionSuite(requireAlgorithm(key.record, from.algorithm));
  return { kind: 'asymmetric', key, suite, version, ciphertext };
}
