import type { Json, KeyRecord } from '@keyglot/core';

/** What this dialect keeps of a key beside what the vault knows. @internal */
export interface KeyAttributes {
  readonly keyName: string;
  readonly memo: string;
  readonly isConvergent: boolean;
  /** Empty in the government zone, which has none. */
  readonly protectionType: string;
  readonly isAutoRotation: boolean;
  /** Days; kept while auto rotation is off. */
  readonly rotationPeriod: number;
  /** Virtual time, milliseconds since 1970; null while auto rotation is off. */
  readonly nextRotationDate: number | null;
}

/** Reads the attributes of a key. @internal */
export function attributesOf({ attributes }: KeyRecord): KeyAttributes {
  const next = attributes['nextRotationDate'];
  return {
    keyName: String(attributes['keyName'] ?? ''),
    memo: String(attributes['memo'] ?? ''),
    isConvergent: attributes['isConvergent'] === true,
    protectionType: String(attributes['protectionType'] ?? ''),
    isAutoRotation: attributes['isAutoRotation'] === true,
    rotationPeriod: Number(attributes['rotationPeriod'] ?? DEFAULT_PERIOD_DAYS),
    nextRotationDate: typeof next === 'number' ? next : null,
  };
}

/** The attributes of a key with some of them changed. @internal */
export function withAttributes(
  key: KeyRecord,
  changed: Partial<KeyAttributes>,
): { readonly [name: string]: Json } {
  return { ...key.attributes, ...changed };
}

/** https://api.ncloud-docs.com/docs/en/security-kms2-create-key @internal */
export const DEFAULT_PERIOD_DAYS = 90;

/** Days in milliseconds. @internal */
export const DAY_MS = 86_400_000;
