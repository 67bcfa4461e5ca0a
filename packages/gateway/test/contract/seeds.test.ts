import { createPrivateKey, createPublicKey } from 'node:crypto';
import { CreateKeyCommand, GetPublicKeyCommand } from '@aws-sdk/client-kms';
import { KEY_SPECS, type KeySpec } from '@keyglot/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSeededEntropy } from '../../src/seed.js';
import { senderAt } from '../support/actors/actor.js';
import { ACTORS } from '../support/actors/index.js';
import { type AwsGateway, startAwsGateway } from '../support/awsGateway.js';

const SECRET = Buffer.from('secret');
const DIALECTS = Object.keys(ACTORS) as (keyof typeof ACTORS)[];

let one: AwsGateway;
let other: AwsGateway;
beforeAll(async () => {
  [one, other] = await Promise.all([startAwsGateway(), startAwsGateway()]);
});
afterAll(() => Promise.all([one.close(), other.close()]));

async function admin(of: AwsGateway, path: string, body: unknown) {
  const response = await fetch(`${of.url}/_keyglot/sandboxes${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${of.gateway.adminToken}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}

/** What a little work in each dialect gives, one request after the other. */
async function traces(of: AwsGateway, sandbox: string): Promise<string[]> {
  const send = senderAt(of.gateway.port, { sandbox });
  const seen: string[] = [];
  try {
    for (const dialect of DIALECTS) {
      const actor = ACTORS[dialect](send);
      const key = await actor.makeKey('symmetric');
      seen.push(key.end.keyId, await actor.encrypt(key, SECRET));
      // QKMS has no rotation on demand.
      if (dialect !== 'qkms') await actor.rotate(key);
      seen.push(await actor.encrypt(key, SECRET));
    }
  } finally {
    send.close();
  }
  return seen;
}

/** An RSA key of the service is drawn in JavaScript then, which takes its time. */
async function publicKeys(of: AwsGateway, sandbox: string): Promise<string[]> {
  const client = of.client({ path: `/s/${sandbox}/aws` });
  const seen: string[] = [];
  for (const KeySpec of [
    'ECC_NIST_P256',
    'ECC_SECG_P256K1',
    'ECC_NIST_EDWARDS25519',
    'RSA_2048',
  ] as const) {
    const made = await client.send(new CreateKeyCommand({ KeySpec, KeyUsage: 'SIGN_VERIFY' }));
    const KeyId = made.KeyMetadata?.KeyId;
    const { PublicKey } = await client.send(new GetPublicKeyCommand({ KeyId }));
    seen.push(String(KeyId), Buffer.from(PublicKey ?? []).toString('hex'));
  }
  return seen;
}

describe('a sandbox with a seed', () => {
  it('gives the same ids, material and ciphertexts on another gateway', async () => {
    for (const gateway of [one, other]) {
      const made = await admin(gateway, '', { name: 'seeded', seed: 'job-4711' });
      expect(made).toEqual({ status: 201, body: { name: 'seeded' } });
    }
    const seen = await traces(one, 'seeded');
    expect(new Set(seen).size).toBe(3 * DIALECTS.length);
    expect(await traces(other, 'seeded')).toEqual(seen);
  });

  it('begins anew at a reset, and with another seed when one is given', async () => {
    await admin(one, '', { name: 'again', seed: 'first' });
    const seen = await traces(one, 'again');
    expect((await admin(one, '/again/reset', {})).status).toBe(204);
    expect(await traces(one, 'again')).toEqual(seen);
    expect((await admin(one, '/again/reset', { seed: 'second' })).status).toBe(204);
    const others = await traces(one, 'again');
    expect(others.filter((value) => seen.includes(value))).toEqual([]);
  });

  it('is not disturbed by work in others, which have no seed', async () => {
    for (const name of ['calm', 'calmer']) await admin(one, '', { name, seed: 'calm' });
    const [seen, unseeded] = await Promise.all([traces(one, 'calm'), traces(one, 'wild')]);
    expect(await traces(one, 'calmer')).toEqual(seen);
    expect(unseeded.filter((value) => seen.includes(value))).toEqual([]);
  });

  it('repeats key pairs too', async () => {
    for (const gateway of [one, other]) await admin(gateway, '', { name: 'pairs', seed: 'pairs' });
    const [here, there] = [await publicKeys(one, 'pairs'), await publicKeys(other, 'pairs')];
    expect(new Set(here).size).toBe(8);
    expect(there).toEqual(here);
  });

  it.each([
    [{ name: 'bad', seed: '' }, 'seed must have 1 to 256 characters'],
    [{ name: 'bad', seed: 'x'.repeat(257) }, 'seed must have 1 to 256 characters'],
    [{ name: 'bad', seed: 7 }, 'seed must be a text'],
    [{ name: 'main', seed: 'x' }, 'the sandbox main is there already: give its reset the seed'],
  ])('is not made of %o', async (body, error) => {
    expect(await admin(one, '', body)).toEqual({ status: 400, body: { error } });
  });
});

describe('a seeded key pair', () => {
  const specs = Object.values(KEY_SPECS).filter(
    ({ id, family }: KeySpec) => family === 'ec' || id === 'rsa-2048',
  );
  it.each(specs)('of $id is a sound one of that size', async (spec: KeySpec) => {
    const pairOf = async (seed: string) => createSeededEntropy(seed).keyPair?.(spec);
    const [der, same, different] = [await pairOf('a'), await pairOf('a'), await pairOf('b')];
    expect(der?.equals(same ?? SECRET)).toBe(true);
    expect(der?.equals(different ?? SECRET)).toBe(false);
    const key = createPrivateKey({ key: der ?? SECRET, format: 'der', type: 'pkcs8' });
    const { namedCurve, modulusLength, publicExponent } = key.asymmetricKeyDetails ?? {};
    expect(namedCurve ?? modulusLength).toBe(spec.curve ?? spec.bits);
    if (spec.family === 'rsa') expect(publicExponent).toBe(65_537n);
    expect(createPublicKey(key).asymmetricKeyType).toBe(spec.family);
  });
});
