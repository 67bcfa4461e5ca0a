import type { KeyRecord } from '@keyglot/core';
import { keyTypeOf } from './algorithms.js';
import { attributesOf, type KeyAttributes } from './attributes.js';
import { keyIdOf, keystoreIdOf, nrnOf } from './ids.js';
import { statusOf } from './states.js';

type View = { readonly [member: string]: unknown };

/** A key as Create Key answers it. https://api.ncloud-docs.com/docs/en/security-kms2-create-key @internal */
export function createdKey(key: KeyRecord): View {
  return {
    ...identity(key),
    keystoreId: keystoreIdOf(key.realm),
    ...protection(attributesOf(key)),
    memo: attributesOf(key).memo,
    ...settings(attributesOf(key)),
    registerDate: key.createdAt.getTime(),
  };
}

/** A key as Get Key Info answers it. https://api.ncloud-docs.com/docs/en/security-kms2-key-info @internal */
export function keyInfo(key: KeyRecord, baseUrl: string): View {
  return {
    ...identity(key),
    nrn: nrnOf(key),
    baseUrl,
    keystoreId: keystoreIdOf(key.realm),
    currentVersion: currentVersion(key),
    ...protection(attributesOf(key)),
    memo: attributesOf(key).memo,
    ...settings(attributesOf(key)),
    registerDate: key.createdAt.getTime(),
  };
}

/** An item of the key list. https://api.ncloud-docs.com/docs/en/security-kms2-key-list @internal */
export function listedKey(key: KeyRecord): View {
  return {
    ...identity(key),
    ...protection(attributesOf(key)),
    isConvergent: attributesOf(key).isConvergent,
    registerDate: key.createdAt.getTime(),
    destroyDate: key.deletionAt?.getTime() ?? null,
  };
}

/** Number of the version that new ciphertexts use. @internal */
export function currentVersion(key: KeyRecord): number {
  return key.versions.find(({ id }) => id === key.primaryVersion)?.number ?? 0;
}

function identity(key: KeyRecord): View {
  return {
    keyId: keyIdOf(key.wireId),
    keyTag: key.wireId,
    keyName: attributesOf(key).keyName,
    keyType: keyTypeOf(key),
    status: statusOf(key),
  };
}

/** The government zone does not have the member. */
function protection({ protectionType }: KeyAttributes): View {
  return protectionType === '' ? {} : { protectionType };
}

function settings({
  isConvergent,
  isAutoRotation,
  rotationPeriod,
  nextRotationDate,
}: KeyAttributes): View {
  return { isConvergent, isAutoRotation, rotationPeriod, nextRotationDate };
}
