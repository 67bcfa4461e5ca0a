import { createHash } from 'node:crypto';
import type { Entropy, KeyRecord, Realm } from '@keyglot/core';
import { header, type RequestHead } from '@keyglot/dialect';
import { isNcpHost } from './claim.js';

/**
 * A new key tag: 64 lower-case hexadecimal digits, the one length that was seen in the wild. The service
 * derives it from the name and something unknown; to clients it is opaque.
 *
 * @internal
 */
export function newKeyTag(entropy: Entropy): string {
  return entropy.bytes(32).toString('hex');
}

/** `keyId`: a whole number that fits a Java int, taken from the tag. No path names it. @internal */
export function keyIdOf(keyTag: string): number {
  return integerOf(`key/${keyTag}`);
}

/** `keystoreId`: one key store for each account and boundary. @internal */
export function keystoreIdOf(realm: Realm): number {
  return integerOf(`keystore/${realm.tenant}/${realm.region}`);
}

function integerOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE() & 0x7fffffff || 1;
}

const DOMAINS: { readonly [region: string]: string } = { gov: 'GOV' };

/**
 * `nrn:{domain}:{product}:{region}:{member}:{type}/{id}`; which id stands at the end is inferred.
 *
 * @see https://guide.ncloud-docs.com/docs/en/kms-resource
 * @internal
 */
export function nrnOf({ realm, wireId }: KeyRecord): string {
  return `nrn:${DOMAINS[realm.region] ?? 'PUB'}:KMS::${realm.tenant}:Key/${keyIdOf(wireId)}`;
}

const REGIONS: { readonly [hostname: string]: string } = {
  'ocapi-kr.ncloud.com': 'kr',
  'ocapi-jp.ncloud.com': 'jp',
  'ocapi.gov-ncloud.com': 'gov',
  'kms.apigw.gov-ntruss.com': 'gov',
  'kms.apigw.fin-ntruss.com': 'fin',
};

/**
 * The boundary that a host stands for, which is the region of our realms: `global`, `kr`, `jp`, `gov` or
 * `fin`. Other names, like this machine's, are `global`.
 *
 * @internal
 */
export function regionOf(hostname: string): string {
  return REGIONS[hostname] ?? 'global';
}

/** All boundaries. @internal */
export const REGION_NAMES: ReadonlySet<string> = new Set([regionOf(''), ...Object.values(REGIONS)]);

const BASE_URLS: { readonly [region: string]: string } = {
  kr: 'https://ocapi-kr.ncloud.com',
  jp: 'https://ocapi-jp.ncloud.com',
  gov: 'https://ocapi.gov-ncloud.com',
};

/**
 * `baseUrl`: the host of a key's boundary. Whoever did not call one of NAVER's own names gets the address
 * that he called, so that no client is sent away to the real service.
 *
 * @internal
 */
export function baseUrlOf(head: RequestHead): string {
  const { hostname, rawPath, path } = head;
  if (isNcpHost(hostname)) return BASE_URLS[regionOf(hostname)] ?? 'https://ocapi.ncloud.com';
  return `http://${header(head, 'host') ?? ''}${rawPath.slice(0, rawPath.length - path.length)}`;
}
