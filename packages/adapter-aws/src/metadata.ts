import type { KeyRecord } from '@keyglot/core';
import { specOf, type WireUsage, wireUsage } from './algorithms.js';
import { type AwsCall, keyArn } from './call.js';

const STATES: { readonly [state: string]: string } = {
  creating: 'Creating',
  enabled: 'Enabled',
  disabled: 'Disabled',
  'pending-import': 'PendingImport',
  'pending-deletion': 'PendingDeletion',
  unavailable: 'Unavailable',
  updating: 'Updating',
};

const LISTS: { readonly [Usage in WireUsage]: string } = {
  ENCRYPT_DECRYPT: 'EncryptionAlgorithms',
  SIGN_VERIFY: 'SigningAlgorithms',
  GENERATE_VERIFY_MAC: 'MacAlgorithms',
  KEY_AGREEMENT: 'KeyAgreementAlgorithms',
};

/** `KeyState` on the wire. @internal */
export function wireState(key: KeyRecord): string {
  return STATES[key.state] ?? key.state;
}

/** The member that lists what a key can do: exactly one, by the key's usage. @internal */
export function algorithmList(key: KeyRecord): Record<string, readonly string[]> {
  const usage = wireUsage(key.usages);
  return { [LISTS[usage]]: specOf(key.spec).usages.get(usage) ?? [] };
}

/**
 * The `KeyMetadata` of a key.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html
 * @internal
 */
export function keyMetadata(call: AwsCall, key: KeyRecord): Record<string, unknown> {
  const spec = specOf(key.spec).name;
  const primary = key.versions.find(({ id }) => id === key.primaryVersion);
  return {
    AWSAccountId: key.realm.tenant,
    KeyId: key.wireId,
    Arn: keyArn(call, key),
    CreationDate: seconds(key.createdAt),
    Enabled: key.state === 'enabled',
    Description: key.attributes['description'] ?? '',
    KeyUsage: wireUsage(key.usages),
    KeyState: wireState(key),
    ...(key.deletionAt === null ? {} : { DeletionDate: seconds(key.deletionAt) }),
    Origin: 'AWS_KMS',
    KeyManager: 'CUSTOMER',
    CustomerMasterKeySpec: spec,
    KeySpec: spec,
    ...algorithmList(key),
    MultiRegion: false,
    // Only symmetric encryption keys show their material: recorded in LocalStack's snapshots.
    ...(key.spec === 'aes-256' && primary ? { CurrentKeyMaterialId: primary.wireId } : {}),
  };
}

/** A moment as AWS's JSON carries it: seconds since 1970 with milliseconds as fraction. @internal */
export function seconds(at: Date): number {
  return at.getTime() / 1_000;
}
