import {
  type Envelope,
  type ForeignBlob,
  fault,
  findForeign,
  type KeyRecord,
  type LoadedKey,
  type PlaceFilter,
} from '@keyglot/core';
import { wireUsage } from './algorithms.js';
import { type AwsCall, keyArn } from './call.js';
import { requireAlgorithm } from './checks.js';
import { awsFault } from './faults.js';
import { layoutOf } from './layouts.js';
import { multiRegionOf } from './multiRegion.js';
import { namesOtherRegion, nearest, resolveKey } from './resolve.js';
import { requireState, USE } from './states.js';

/** Algorithm that an omitted parameter stands for. @internal */
export const SYMMETRIC = 'SYMMETRIC_DEFAULT';

/** A ciphertext to be opened, by Decrypt or as the source of ReEncrypt. @internal */
export interface SourceInput {
  readonly blob: Buffer | undefined;
  readonly keyId: string | undefined;
  readonly algorithm: string;
  /** Only the permission is asked for (`DryRunModifiers`); the ciphertext is not looked at. */
  readonly permissionOnly: boolean;
}

/** The key of a ciphertext, with the ciphertext taken apart when its layout is ours. @internal */
export interface Source {
  readonly key: LoadedKey;
  readonly envelope: Envelope | undefined;
  /** The ciphertext of a twin, when the key opens such ones. */
  readonly foreign?: ForeignBlob;
}

/**
 * Finds the key of a ciphertext: the one that the caller names, else the one that the blob names.
 *
 * @throws KmsFault Validation, CiphertextInvalid, CiphertextKeyUnreachable, and what a key look-up throws
 * @internal
 */
export function resolveSource(input: SourceInput, names: SourceNames, call: AwsCall): Source {
  if (input.blob === undefined && !input.permissionOnly) {
    throw awsFault('Validation', {
      message:
        "1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy constraint: Member must not be null",
    });
  }
  const envelope =
    input.blob !== undefined && input.algorithm === SYMMETRIC && !input.permissionOnly
      ? layoutOf(call.profile).parse(input.blob)
      : undefined;
  if (input.keyId !== undefined) {
    if (envelope !== undefined) refuseRelative(call, input.keyId, envelope);
    const named = resolveKey(call, input.keyId, 'any', names.action);
    const key =
      envelope === undefined
        ? named
        : call.vault.keys.withVersion(call.scope, named, envelope.versionWireId);
    const foreign =
      input.blob !== undefined && input.algorithm === SYMMETRIC && !madeBy(key, envelope)
        ? findForeign(call.vault, call.scope, key, input.blob)
        : undefined;
    return foreign === undefined ? { key, envelope } : { key, envelope, foreign };
  }
  if (input.permissionOnly) {
    throw awsFault('ValidationInferred', {
      message: `${names.keyId} is required for IGNORE_CIPHERTEXT.`,
    });
  }
  if (input.algorithm !== SYMMETRIC) {
    // Recorded for Decrypt: https://github.com/radkawar/stackd/blob/9dc356f/testdata/aws/kms/rsa.json
    throw awsFault(names.keyId === 'KeyId' ? 'Validation' : 'ValidationInferred', {
      message: `${names.keyId} must not be null`,
    });
  }
  if (envelope === undefined) throw fault('CiphertextInvalid', {});
  const found = keyOf(call, envelope);
  if (found === undefined) throw awsFault('CiphertextKeyUnreachable', {});
  return { key: found, envelope };
}
/** The key here that a blob names, unless the caller may not even know of it. */
function keyOf(call: AwsCall, { versionWireId }: Envelope): LoadedKey | undefined {
  const { vault, scope, realm } = call;
  const found = nearest(call, (region) => {
    const here: PlaceFilter = (place) => place.region === region;
    return vault.keys.byVersion(scope, realm.dialect, versionWireId, here)?.key;
  });
  const foreign = found !== undefined && found.record.realm.tenant !== call.caller.account;
  return foreign && call.auth === 'enforce' ? undefined : found;
}

/**
 * Refuses a multi-Region key that is named by the ARN of a key with the same id elsewhere.
 *
 * Recorded: https://github.com/radkawar/stackd/blob/9dc356f/testdata/aws/kms/multi_region.json
 */
function refuseRelative(call: AwsCall, keyId: string, envelope: Envelope): void {
  if (!namesOtherRegion(call, keyId)) return;
  const here = keyOf(call, envelope);
  if (here && multiRegionOf(here.record)) throw fault('KeyMismatch', { id: keyId });
}

function madeBy({ record }: LoadedKey, envelope: Envelope | undefined): boolean {
  return record.versions.some(({ wireId }) => wireId === envelope?.versionWireId);
}

/** How the operation spells its members. @internal */
export interface SourceNames {
  readonly keyId: string;
  /** Permission on the source key. */
  readonly action: string;
}

/**
 * Checks a source in AWS's order: usage, state, algorithm, then whether the key made the ciphertext.
 *
 * @throws KmsFault KeyMismatch, KeyDisabled, KeyStateInvalid, AlgorithmIncompatible, CiphertextInvalid
 * @internal
 */
export function checkSource(source: Source, input: SourceInput, call: AwsCall): void {
  const { record } = source.key;
  // Recorded: a key that cannot decrypt at all is an "incorrect key", not a usage error.
  if (wireUsage(record.usages) !== 'ENCRYPT_DECRYPT') throw mismatch(record, call);
  requireState(record, USE, call);
  if (input.permissionOnly) return;
  if (input.algorithm !== SYMMETRIC) {
    requireAlgorithm(record, input.algorithm);
    return;
  }
  if (source.foreign !== undefined) return;
  if (source.envelope === undefined) throw fault('CiphertextInvalid', {});
  if (!madeBy(source.key, source.envelope)) throw mismatch(record, call);
}

function mismatch(record: KeyRecord, call: AwsCall): Error {
  return fault('KeyMismatch', { id: keyArn(call, record) });
}

/**
 * Whether a dry run asks for the permission alone.
 *
 * @throws KmsFault Validation when the modifier comes without a dry run
 * @internal
 */
export function permissionOnly(input: {
  readonly DryRun?: boolean;
  readonly DryRunModifiers?: readonly string[];
}): boolean {
  if (input.DryRunModifiers === undefined || input.DryRunModifiers.length === 0) return false;
  if (input.DryRun !== true) {
    throw awsFault('ValidationInferred', {
      message: 'DryRunModifiers can only be specified when DryRun is true.',
    });
  }
  return input.DryRunModifiers.includes('IGNORE_CIPHERTEXT');
}

/** Id of the material that made a symmetric ciphertext, as this dialect shows it. @internal */
export function sourceMaterialId({ envelope, foreign }: Source): string | undefined {
  return foreign === undefined ? envelope?.versionWireId : foreign.version?.wireId;
}
