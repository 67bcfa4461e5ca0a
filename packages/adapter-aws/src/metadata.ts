import type { KeyOrigin, KeyRecord } from '@keyglot/core';
import { algorithmsOf, specOf, type WireUsage, wireUsage } from './algorithms.js';
import { type AwsCall, keyArn } from './call.js';
import { expirationMembers, factsOf, isComplete, isImported } from './imports.js';
import { awaitsReplicas, multiRegionMembers } from './multiRegion.js';
import { scheduleOf } from './rotation.js';

const STATES: { readonly [state: string]: string } = {
  creating: 'Creating',
  enabled: 'Enabled',
  disabled: 'Disabled',
  'pending-import': 'PendingImport',
  'pending-deletion': 'PendingDeletion',
  unavailable: 'Unavailable',
  updating: 'Updating',
};

const ORIGINS: { readonly [Origin in KeyOrigin]: string } = {
  generated: 'AWS_KMS',
  imported: 'EXTERNAL',
  external: 'EXTERNAL_KEY_STORE',
};

const LISTS: { readonly [Usage in WireUsage]: string } = {
  ENCRYPT_DECRYPT: 'EncryptionAlgorithms',
  SIGN_VERIFY: 'SigningAlgorithms',
  GENERATE_VERIFY_MAC: 'MacAlgorithms',
  KEY_AGREEMENT: 'KeyAgreementAlgorithms',
  ENCAPSULATE_DECAPSULATE: 'EncapsulationAlgorithms',
};

/** `KeyState` on the wire. @internal */
export function wireState(key: KeyRecord, nowMs: number): string {
  if (awaitsReplicas(key, nowMs)) return 'PendingReplicaDeletion';
  return STATES[key.state] ?? key.state;
}

/** `Origin` on the wire. @internal */
export function wireOrigin(key: KeyRecord): string {
  return ORIGINS[key.origin];
}

/**
 * Whether a key is to be shown as one that rotates by itself: "while a KMS key is pending deletion, its
 * key rotation status is false". Recorded: it stays true while a primary key waits for its replica keys.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html
 * @see https://github.com/radkawar/stackd/blob/9dc356f/testdata/aws/kms/multi_region.json
 * @internal
 */
export function rotates(key: KeyRecord, nowMs: number): boolean {
  const goes = key.state === 'pending-deletion' && !awaitsReplicas(key, nowMs);
  return !goes && scheduleOf(key) !== undefined;
}

/** The member that lists what a key can do: exactly one, by the key's usage. @internal */
export function algorithmList(key: KeyRecord): Record<string, readonly string[]> {
  return { [LISTS[wireUsage(key.usages)]]: [...algorithmsOf(key).keys()] };
}

/**
 * The `KeyMetadata` of a key.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html
 * @internal
 */
export function keyMetadata(call: AwsCall, key: KeyRecord): Record<string, unknown> {
  const spec = specOf(key).name;
  const primary = key.versions.find(({ id }) => id === key.primaryVersion);
  return {
    AWSAccountId: key.realm.tenant,
    KeyId: key.wireId,
    Arn: keyArn(call, key),
    CreationDate: seconds(key.createdAt),
    Enabled: key.state === 'enabled',
    Description: key.attributes['description'] ?? '',
    KeyUsage: wireUsage(key.usages),
    KeyState: wireState(key, call.nowMs),
    ...deletionDate(key, call.nowMs),
    Origin: wireOrigin(key),
    ...importedMembers(key),
    KeyManager: 'CUSTOMER',
    CustomerMasterKeySpec: spec,
    KeySpec: spec,
    ...algorithmList(key),
    ...multiRegionMembers(call, key),
    // Only symmetric encryption keys show their material: recorded in LocalStack's snapshots.
    ...(key.spec === 'aes-256' && primary ? { CurrentKeyMaterialId: primary.wireId } : {}),
  };
}

/**
 * The members about the expiry of imported material, present while all of it is there.
 *
 * @see https://github.com/radkawar/stackd/blob/9dc356f/testdata/aws/kms/imports.json
 * @internal
 */
export function importedMembers(key: KeyRecord): Record<string, unknown> {
  if (!isImported(key) || !isComplete(key)) return {};
  return expirationMembers(factsOf(key).filter(({ role }) => role === 'permanent'));
}

/** The member that tells when a key will be deleted; none while that depends on its replica keys. @internal */
export function deletionDate(key: KeyRecord, nowMs: number): Record<string, number> {
  if (key.deletionAt === null || awaitsReplicas(key, nowMs)) return {};
  return { DeletionDate: seconds(key.deletionAt) };
}

/** A moment as AWS's JSON carries it: seconds since 1970 with milliseconds as fraction. @internal */
export function seconds(at: Date): number {
  return at.getTime() / 1_000;
}
