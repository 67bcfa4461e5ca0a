import type { KeyRecord, KeyVersion } from '@keyglot/core';
import { isSymmetric, specOf, wireUsage } from './algorithms.js';
import { keyArn } from './ids.js';
import { rotationOf } from './rotation.js';
import { wireState } from './wireState.js';

/**
 * The `KeyMetadata` of a key as CreateKey answers it; DescribeKey has two members more.
 *
 * @see https://www.alibabacloud.com/help/en/kms/key-management-service/developer-reference/api-describekey
 * @internal
 */
export function keyMetadata(key: KeyRecord): Record<string, unknown> {
  const { description = '', protectionLevel = 'SOFTWARE' } = key.attributes;
  const symmetric = isSymmetric(key);
  const primary = key.versions.find(({ id }) => id === key.primaryVersion);
  const { intervalSeconds, lastMs } = rotationOf(key);
  return {
    KeyId: key.wireId,
    Arn: keyArn(key),
    KeySpec: specOf(key).name,
    KeyUsage: wireUsage(key),
    KeyState: wireState(key.state),
    Description: description,
    CreationDate: wireDate(key.createdAt),
    Creator: key.realm.tenant,
    Origin: 'Aliyun_KMS',
    ProtectionLevel: protectionLevel,
    DeleteDate: key.deletionAt === null ? '' : wireDate(key.deletionAt),
    MaterialExpireTime: '',
    // Asymmetric keys have no primary version.
    PrimaryKeyVersion: symmetric ? (primary?.wireId ?? '') : '',
    LastRotationDate: wireDate(new Date(lastMs)),
    AutomaticRotation: rotationStatus(key, intervalSeconds),
    ...(intervalSeconds === 0
      ? {}
      : {
          RotationInterval: `${intervalSeconds}s`,
          NextRotationDate: wireDate(new Date(lastMs + intervalSeconds * 1_000)),
        }),
  };
}

/** `KeyVersion` of a key. @internal */
export function keyVersion(key: KeyRecord, version: KeyVersion): Record<string, unknown> {
  return {
    KeyId: key.wireId,
    KeyVersionId: version.wireId,
    CreationDate: wireDate(version.createdAt),
  };
}

/** A moment as the service writes it, without a fraction of a second. @internal */
export function wireDate(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`;
}

function rotationStatus(key: KeyRecord, intervalSeconds: number): string {
  if (intervalSeconds === 0) return 'Disabled';
  return key.state === 'enabled' ? 'Enabled' : 'Suspended';
}
