import {
  CreateAliasCommand,
  CreateGrantCommand,
  DescribeKeyCommand,
  type KMSClient,
  ListAliasesCommand,
  ListGrantsCommand,
  ListKeyRotationsCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  ListRetirableGrantsCommand,
  RotateKeyOnDemandCommand,
  TagResourceCommand,
} from '@aws-sdk/client-kms';
import { type MadeKey, makeKey } from './awsGateway.js';

/** One page of a listing, whatever its items are. */
export interface ListedPage {
  readonly items: readonly string[];
  readonly truncated: boolean | undefined;
  readonly next: string | undefined;
}

/** How one listing is filled and read. */
export interface ListingCase {
  readonly operation: string;
  /** Makes `count` items that belong to `key` and gives their names, in any order. */
  fill(client: KMSClient, key: MadeKey, count: number): Promise<readonly string[]>;
  /** Reads a page; `key` names what is listed where the operation lists things of a key. */
  page(
    client: KMSClient,
    key: MadeKey,
    paging: { readonly Limit?: number; readonly Marker?: string },
  ): Promise<ListedPage>;
  /** Whether the listing is one of a key, so that another key is another listing. */
  readonly ofKey: boolean;
}

let serial = 0;

/** Every listing that can have more than one page must be here. */
export const LISTING_CASES: readonly ListingCase[] = [
  {
    operation: 'ListAliases',
    ofKey: true,
    async fill(client, key, count) {
      serial += 1;
      const names = Array.from({ length: count }, (_, n) => `alias/listed-${serial}-${n}`);
      for (const AliasName of names) {
        await client.send(new CreateAliasCommand({ AliasName, TargetKeyId: key.id }));
      }
      return names;
    },
    async page(client, key, paging) {
      const answer = await client.send(new ListAliasesCommand({ KeyId: key.id, ...paging }));
      return pageOf(
        answer,
        answer.Aliases?.map(({ AliasName }) => AliasName),
      );
    },
  },
  {
    operation: 'ListGrants',
    ofKey: true,
    fill: grants,
    async page(client, { id: KeyId }, paging) {
      const answer = await client.send(new ListGrantsCommand({ KeyId, ...paging }));
      return pageOf(
        answer,
        answer.Grants?.map(({ GrantId }) => GrantId),
      );
    },
  },
  {
    operation: 'ListKeys',
    ofKey: false,
    async fill(client, key, count) {
      const made = [key.id];
      for (let n = 1; n < count; n += 1) made.push((await makeKey(client)).id);
      return made;
    },
    async page(client, _key, paging) {
      const answer = await client.send(new ListKeysCommand(paging));
      return pageOf(
        answer,
        answer.Keys?.map(({ KeyId }) => KeyId),
      );
    },
  },
  {
    operation: 'ListKeyRotations',
    ofKey: true,
    async fill(client, { id: KeyId }, count) {
      const made: string[] = [];
      for (let n = 0; n < count; n += 1) {
        await client.send(new RotateKeyOnDemandCommand({ KeyId }));
        const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId }));
        made.push(KeyMetadata?.CurrentKeyMaterialId ?? '');
      }
      return made;
    },
    async page(client, { id: KeyId }, paging) {
      const answer = await client.send(new ListKeyRotationsCommand({ KeyId, ...paging }));
      return pageOf(
        answer,
        answer.Rotations?.map(({ KeyMaterialId }) => KeyMaterialId),
      );
    },
  },
  {
    operation: 'ListResourceTags',
    ofKey: true,
    async fill(client, { id: KeyId }, count) {
      const names = Array.from({ length: count }, (_, n) => `name-of-tag-${n}`);
      const Tags = names.map((TagKey) => ({ TagKey, TagValue: 'value' }));
      await client.send(new TagResourceCommand({ KeyId, Tags }));
      return names;
    },
    async page(client, { id: KeyId }, paging) {
      const answer = await client.send(new ListResourceTagsCommand({ KeyId, ...paging }));
      return pageOf(
        answer,
        answer.Tags?.map(({ TagKey }) => TagKey),
      );
    },
  },
  {
    operation: 'ListRetirableGrants',
    ofKey: false,
    fill: grants,
    async page(client, key, paging) {
      const RetiringPrincipal = rootOf(key);
      const answer = await client.send(
        new ListRetirableGrantsCommand({ RetiringPrincipal, ...paging }),
      );
      return pageOf(
        answer,
        answer.Grants?.map(({ GrantId }) => GrantId),
      );
    },
  },
];

/** Root user of a key's account. */
function rootOf({ arn }: MadeKey): string {
  return `arn:aws:iam::${arn.split(':')[4]}:root`;
}

async function grants(client: KMSClient, key: MadeKey, count: number): Promise<readonly string[]> {
  const input = {
    KeyId: key.id,
    GranteePrincipal: rootOf(key),
    RetiringPrincipal: rootOf(key),
    Operations: ['DescribeKey' as const],
  };
  const made: string[] = [];
  for (let n = 0; n < count; n += 1) {
    made.push((await client.send(new CreateGrantCommand(input))).GrantId ?? '');
  }
  return made;
}

/** Listings that always fit on one page: there is one policy of a key. */
export const ONE_PAGE: ReadonlySet<string> = new Set(['ListKeyPolicies']);

function pageOf(
  answer: { readonly Truncated?: boolean | undefined; readonly NextMarker?: string | undefined },
  items: readonly (string | undefined)[] | undefined,
): ListedPage {
  const named = (items ?? []).map((item) => item ?? '');
  return { items: named, truncated: answer.Truncated, next: answer.NextMarker };
}
