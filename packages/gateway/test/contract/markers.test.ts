import type { KMSClient } from '@aws-sdk/client-kms';
import { operationsTaking } from '@keyglot/adapter-aws/testing';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type AwsGateway,
  type MadeKey,
  makeKey,
  OTHER_ACCOUNT,
  refusal,
  refused,
  startAwsGateway,
} from '../support/awsGateway.js';
import { PRESENT_OPERATIONS } from '../support/awsOperations.js';
import { LISTING_CASES, type ListingCase, ONE_PAGE } from '../support/listingCases.js';

// https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html and the pages of the others

let aws: AwsGateway;
let kms: KMSClient;
let key: MadeKey;

beforeEach(async () => {
  aws = await startAwsGateway();
  kms = aws.client();
  key = await makeKey(kms);
});

afterEach(() => aws.close());

const BAD_MARKER = refused('InvalidMarkerException');
const taking = operationsTaking('Marker');
const LISTINGS = PRESENT_OPERATIONS.filter((operation) => taking.has(operation));

test('every listing with more than one page is tried', () => {
  const told = LISTING_CASES.map(({ operation }) => operation);
  expect(LISTINGS.filter((operation) => !ONE_PAGE.has(operation)).sort()).toEqual(told.sort());
});

test.each(LISTINGS)('%s refuses a marker that nobody made', async (operation) => {
  const about = operationsTaking('KeyId').has(operation) ? { KeyId: key.id } : {};
  const more = operation === 'ListRetirableGrants' ? { RetiringPrincipal: ROOT } : {};
  for (const Marker of ['no marker', 'AAAA', '=', 'A'.repeat(1024), Buffer.from('x').toString()]) {
    const { status, body } = await aws.call(operation, { ...about, ...more, Marker });
    expect([status, body], Marker).toEqual([400, { __type: 'InvalidMarkerException' }]);
  }
});

const ROOT = 'arn:aws:iam::000000000000:root';

describe.each(LISTING_CASES)('$operation', (one) => {
  async function firstMarker(client = kms, of = key): Promise<string> {
    await one.fill(client, of, 2);
    const { next } = await one.page(client, of, { Limit: 1 });
    if (next === undefined) throw new Error('there is no second page');
    return next;
  }

  test('shows everything once, page by page, whatever the size of each page', async () => {
    const made = await one.fill(kms, key, 5);
    const shown: string[] = [];
    let next: string | undefined;
    for (const [Limit, count, truncated] of [
      [2, 2, true],
      [1, 1, true],
      [3, 2, false],
    ] as const) {
      const page = await one.page(kms, key, {
        Limit,
        ...(next === undefined ? {} : { Marker: next }),
      });
      expect([page.items.length, page.truncated, page.next === undefined]).toEqual([
        count,
        truncated,
        !truncated,
      ]);
      shown.push(...page.items);
      next = page.next;
    }
    expect(shown.sort()).toEqual([...made].sort());
  });

  test('has no next page behind the last item', async () => {
    await one.fill(kms, key, 2);
    const page = await one.page(kms, key, { Limit: 2 });
    expect(page).toEqual({ items: expect.any(Array), truncated: false, next: undefined });
  });

  test('may be asked for the same page again', async () => {
    const Marker = await firstMarker();
    const first = await one.page(kms, key, { Limit: 1, Marker });
    expect(await one.page(kms, key, { Limit: 1, Marker })).toEqual(first);
  });

  test('has markers that tell nothing of what is listed', async () => {
    const [item] = await one.fill(kms, key, 2);
    const { next = '' } = await one.page(kms, key, { Limit: 1 });
    const text = Buffer.from(next, 'base64url').toString('latin1');
    expect(next).toMatch(/^[\w-]{1,1024}$/);
    for (const told of [item ?? '', key.id]) expect(text).not.toContain(told);
  });

  test('refuses a marker with any character changed, added or lost', async () => {
    const marker = await firstMarker();
    const changes = fc.oneof(
      fc.nat(marker.length - 1).map((at) => {
        const other = marker[at] === 'A' ? 'B' : 'A';
        return `${marker.slice(0, at)}${other}${marker.slice(at + 1)}`;
      }),
      fc.constantFrom('=', 'A', '.', ' ').map((end) => `${marker}${end}`),
      fc.nat({ max: marker.length - 2 }).map((size) => marker.slice(0, size + 1)),
    );
    const each = fc.asyncProperty(changes, async (Marker) => {
      expect(await refusal(one.page(kms, key, { Marker })), Marker).toEqual(BAD_MARKER);
    });
    await fc.assert(each, { numRuns: 40 });
  });

  test('refuses a marker of another account, region or sandbox', async () => {
    const others = [
      aws.client({ account: OTHER_ACCOUNT }),
      aws.client({ region: 'eu-west-1' }),
      aws.client({ path: '/s/elsewhere' }),
    ];
    const Marker = await firstMarker();
    for (const client of others) {
      const there = await makeKey(client);
      expect(await refusal(one.page(client, there, { Marker }))).toEqual(BAD_MARKER);
    }
  });

  test('refuses a marker of another listing', async () => {
    for (const other of LISTING_CASES.filter(({ operation }) => operation !== one.operation)) {
      const Marker = await markerOf(other);
      expect(await refusal(one.page(kms, key, { Marker })), other.operation).toEqual(BAD_MARKER);
    }
  });

  test.runIf(one.ofKey)('refuses a marker of another key', async () => {
    const Marker = await firstMarker(kms, await makeKey(kms));
    expect(await refusal(one.page(kms, key, { Marker }))).toEqual(BAD_MARKER);
  });
});

async function markerOf(one: ListingCase): Promise<string> {
  const of = await makeKey(kms);
  await one.fill(kms, of, 2);
  return (await one.page(kms, of, { Limit: 1 })).next ?? '';
}
