import { KmsFault } from '../faults.js';
import type { AliasRecord, KeyRecord, Locator, MaterialRecord, Realm } from '../model/key.js';
import type { ResourceRecord } from '../model/resource.js';
import type { NewKey, NewVersion, Page } from '../ports/store.js';

/** A realm for tests. @public */
export const REALM: Realm = { dialect: 'aws', tenant: '000000000000', region: 'eu-central-1' };

/** The first page of a listing, long enough for every test. @internal */
export const FIRST_PAGE: Page = { after: undefined, limit: 1000 };

/** A moment with a fraction of a second, for tests. @internal */
export const AT: Date = new Date('2026-03-04T05:06:07.891Z');

/** Texts that break whoever pastes them into a query, a path or an object. @internal */
export const HOSTILE_NAMES: readonly string[] = [
  '__proto__',
  "'; DROP TABLE keyglot_key; --",
  '"quoted" \\ and {braces}, $1',
  'two\nlines\ttab\r',
  'ünï→日本 𝒳 \u{1F511}',
  '\uFEFF\u202E\u0001',
  '%_*?',
  ' leading and trailing ',
];

/** Texts that no store keeps: with NUL, and with half a surrogate pair. @internal */
export const UNSTORABLE_NAMES: readonly string[] = ['a\0b', '\uD800', 'x\uDC00y'];

/** How a test key differs from the usual one. @public */
export interface KeyOptions {
  readonly realm?: Realm;
  readonly wireId?: string;
  readonly materialId?: string;
  readonly wrapped?: Uint8Array;
  readonly set?: Partial<KeyRecord>;
}

/** A key with one version, its material and locators for both. @public */
export function newKey(sandbox: string, id: string, options: KeyOptions = {}): NewKey {
  const realm = options.realm ?? REALM;
  const wireId = options.wireId ?? `wire-${id}`;
  const version = newVersion(sandbox, id, 1, options);
  const key: KeyRecord = {
    sandbox,
    id,
    realm,
    wireId,
    spec: 'aes-256',
    usages: ['encrypt'],
    origin: 'generated',
    state: 'enabled',
    deletionAt: null,
    dueAt: null,
    createdAt: AT,
    primaryVersion: version.version.id,
    revision: 1,
    twinGroup: '',
    attributes: {},
    versions: [version.version],
    ...options.set,
  };
  const locator: Locator = {
    ...placeOf(sandbox, realm),
    kind: 'key',
    wireId,
    keyId: id,
    versionId: '',
  };
  return { key, materials: [version.material], locators: [locator, ...version.locators] };
}

/** A further version of a test key, with material of its own. @public */
export function newVersion(
  sandbox: string,
  keyId: string,
  number: number,
  options: KeyOptions = {},
): NewVersion & { readonly material: MaterialRecord } {
  const id = `${keyId}-v${number}`;
  const material: MaterialRecord = {
    sandbox,
    id: options.materialId ?? `material-${id}`,
    spec: 'aes-256',
    wrapped: options.wrapped ?? Uint8Array.of(number, 0, 255, 10, 92, 39),
    rootKeyId: '0123456789abcdef',
  };
  const locator: Locator = {
    ...placeOf(sandbox, options.realm ?? REALM),
    kind: 'version',
    wireId: `wire-${id}`,
    keyId,
    versionId: id,
  };
  return {
    version: {
      id,
      number,
      wireId: locator.wireId,
      state: 'enabled',
      createdAt: AT,
      materialId: material.id,
      attributes: {},
    },
    material,
    locators: [locator],
  };
}

/** An alias of a test key. @public */
export function newAlias(name: string, target: KeyRecord): AliasRecord {
  return {
    sandbox: target.sandbox,
    realm: target.realm,
    name,
    keyId: target.id,
    keyWireId: target.wireId,
    createdAt: AT,
    updatedAt: AT,
  };
}

/** A new resource. @public */
export function newResource(
  sandbox: string,
  id: string,
  set: Partial<ResourceRecord> = {},
): ResourceRecord {
  return {
    sandbox,
    kind: 'grant',
    id,
    parent: '',
    body: {},
    sealed: null,
    version: 1,
    ...set,
  };
}

/**
 * The fault that a call ends in.
 *
 * @throws Error when it does not end in a fault of the vault
 * @public
 */
export async function faultOf(call: Promise<unknown>): Promise<KmsFault> {
  const outcome = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof KmsFault) return outcome;
  throw new Error('the call did not end in a fault of the vault', { cause: outcome });
}

/** Codes of the faults and number of successes among calls that ran at once. @public */
export async function outcomes(
  calls: readonly Promise<unknown>[],
): Promise<{ readonly done: number; readonly codes: readonly string[] }> {
  const results = await Promise.allSettled(calls);
  const codes = results.flatMap((result) => {
    if (result.status === 'fulfilled') return [];
    return [result.reason instanceof KmsFault ? result.reason.code : String(result.reason)];
  });
  return { done: results.length - codes.length, codes };
}

/** Ascending by code point, which is the order of listings. @internal */
export function sorted(texts: readonly string[]): readonly string[] {
  return [...texts].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/** Bytes without their class, so that stores may give any kind of array. @internal */
export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function placeOf(
  sandbox: string,
  realm: Realm,
): Pick<Locator, 'sandbox' | 'dialect' | 'tenant' | 'region'> {
  return { sandbox, ...realm };
}
