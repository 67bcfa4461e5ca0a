import assert from 'node:assert/strict';
import { constants, createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { Pool } from './driver.js';
import type { Target } from './gateway.js';
import { signedRequest } from './sign.js';

/** What is measured. */
export type Work =
  | 'Encrypt'
  | 'Decrypt'
  | 'GenerateDataKey'
  | 'ReEncrypt'
  | 'Sign RSA RAW'
  | 'Sign RSA DIGEST'
  | 'Sign P-256 RAW'
  | 'ListKeys';

/** Requests of one kind, and a look at the answers that were set aside. */
export interface PreparedPool extends Pool {
  /** Opens what was sealed during a run. @throws Error when something else comes out */
  check(): Promise<void>;
}

/** The keys that requests are about, made by the gateway that is measured. */
export interface Material {
  readonly symmetric: readonly string[];
  readonly rsa: readonly SigningKey[];
  readonly elliptic: readonly SigningKey[];
}

interface SigningKey {
  readonly id: string;
  readonly publicKey: KeyObject;
}

/** Requests of each kind; more than a cache of whole requests would remember by chance. */
const POOL_SIZE = 4_000;
const SYMMETRIC_KEYS = 1_000;
const RSA_KEYS = 4;
const ELLIPTIC_KEYS = 16;
/** Signatures are dated over the last minute, so that not even their dates are the same. */
const SPREAD_MS = 60_000;
const KEPT_SAMPLES = 50;

/** Makes the keys. */
export async function prepareMaterial(target: Target): Promise<Material> {
  const symmetric = await makeKeys(target, SYMMETRIC_KEYS, {});
  const signing = async (count: number, KeySpec: string): Promise<SigningKey[]> => {
    const ids = await makeKeys(target, count, { KeySpec, KeyUsage: 'SIGN_VERIFY' });
    const answers = await target.ask('GetPublicKey', ids.map(named));
    return answers.map((answer, index) => {
      const key = Buffer.from(String(answer['PublicKey']), 'base64');
      return {
        id: ids[index] ?? '',
        publicKey: createPublicKey({ key, format: 'der', type: 'spki' }),
      };
    });
  };
  const rsa = await signing(RSA_KEYS, 'RSA_2048');
  return { symmetric, rsa, elliptic: await signing(ELLIPTIC_KEYS, 'ECC_NIST_P256') };
}

async function makeKeys(target: Target, count: number, input: object): Promise<string[]> {
  const answers = await target.ask('CreateKey', new Array<object>(count).fill(input));
  return answers.map((answer) => {
    const metadata: Record<string, unknown> = Object(answer['KeyMetadata']);
    return String(metadata['KeyId']);
  });
}

const named = (KeyId: string): object => ({ KeyId });

/** What one request is about, so that its answer can be checked. */
interface Case {
  readonly keyId: string;
  readonly plaintext: Buffer;
  readonly context: Readonly<Record<string, string>>;
}

/** Makes and signs the requests of one kind. */
export async function preparePool(
  work: Work,
  target: Target,
  material: Material,
): Promise<PreparedPool> {
  switch (work) {
    case 'Encrypt':
      return encryptPool(target, material);
    case 'Decrypt':
      return decryptPool(target, material);
    case 'GenerateDataKey':
      return dataKeyPool(target, material);
    case 'ReEncrypt':
      return reEncryptPool(target, material);
    case 'Sign RSA RAW':
      return signPool(target, material.rsa, 'RAW', 'RSASSA_PSS_SHA_256');
    case 'Sign RSA DIGEST':
      return signPool(target, material.rsa, 'DIGEST', 'RSASSA_PSS_SHA_256');
    case 'Sign P-256 RAW':
      return signPool(target, material.elliptic, 'RAW', 'ECDSA_SHA_256');
    case 'ListKeys':
      return listPool(target);
  }
}

function makeCases(material: Material): Case[] {
  return Array.from({ length: POOL_SIZE }, (_, index) => {
    const context: Record<string, string> = {};
    if (index % 3 > 0) context['tenant'] = `tenant-${index % 97}`;
    if (index % 3 > 1) context['purpose'] = `order ${index}`;
    const plaintext = Buffer.alloc(16 + ((index * 37) % 112));
    plaintext.write(`plaintext ${index}`);
    return { keyId: at(material.symmetric, index * 7), plaintext, context };
  });
}

function encryptPool(target: Target, material: Material): PreparedPool {
  const cases = makeCases(material);
  const inputs = cases.map(encryptInput);
  const sealed: [Case, unknown][] = [];
  return {
    requests: signAll(target, 'Encrypt', inputs),
    sample(index, body) {
      if (sealed.length < KEPT_SAMPLES)
        sealed.push([at(cases, index), member(body, 'CiphertextBlob')]);
    },
    check: () => openAll(target, sealed),
  };
}

async function decryptPool(target: Target, material: Material): Promise<PreparedPool> {
  const cases = makeCases(material);
  const blobs = await target.ask('Encrypt', cases.map(encryptInput));
  const inputs = cases.map(({ context }, index) => ({
    CiphertextBlob: at(blobs, index)['CiphertextBlob'],
    EncryptionContext: context,
  }));
  return {
    requests: signAll(target, 'Decrypt', inputs),
    sample(index, body) {
      assert.equal(member(body, 'Plaintext'), at(cases, index).plaintext.toString('base64'));
    },
    check: async () => {},
  };
}

function dataKeyPool(target: Target, material: Material): PreparedPool {
  const cases = makeCases(material);
  const inputs = cases.map(({ keyId, context }) => ({
    KeyId: keyId,
    EncryptionContext: context,
    KeySpec: 'AES_256',
  }));
  const sealed: [Case, unknown][] = [];
  return {
    requests: signAll(target, 'GenerateDataKey', inputs),
    sample(index, body) {
      const plaintext = Buffer.from(String(member(body, 'Plaintext')), 'base64');
      assert.equal(plaintext.length, 32);
      if (sealed.length >= KEPT_SAMPLES) return;
      sealed.push([{ ...at(cases, index), plaintext }, member(body, 'CiphertextBlob')]);
    },
    check: () => openAll(target, sealed),
  };
}

async function reEncryptPool(target: Target, material: Material): Promise<PreparedPool> {
  const cases = makeCases(material);
  const blobs = await target.ask('Encrypt', cases.map(encryptInput));
  const after = cases.map((one, index) => ({
    ...one,
    keyId: at(material.symmetric, index * 11 + 3),
    context: { moved: `to ${index % 13}` },
  }));
  const inputs = after.map(({ keyId, context }, index) => ({
    CiphertextBlob: at(blobs, index)['CiphertextBlob'],
    SourceEncryptionContext: at(cases, index).context,
    DestinationKeyId: keyId,
    DestinationEncryptionContext: context,
  }));
  const sealed: [Case, unknown][] = [];
  return {
    requests: signAll(target, 'ReEncrypt', inputs),
    sample(index, body) {
      if (sealed.length < KEPT_SAMPLES)
        sealed.push([at(after, index), member(body, 'CiphertextBlob')]);
    },
    check: () => openAll(target, sealed),
  };
}

function signPool(
  target: Target,
  keys: readonly SigningKey[],
  messageType: 'RAW' | 'DIGEST',
  algorithm: string,
): PreparedPool {
  const messages = Array.from({ length: POOL_SIZE }, (_, index) => Buffer.from(`message ${index}`));
  const inputs = messages.map((message, index) => ({
    KeyId: at(keys, index).id,
    Message: (messageType === 'RAW'
      ? message
      : createHash('sha256').update(message).digest()
    ).toString('base64'),
    MessageType: messageType,
    SigningAlgorithm: algorithm,
  }));
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
  return {
    requests: signAll(target, 'Sign', inputs),
    sample(index, body) {
      const key = at(keys, index).publicKey;
      const how = algorithm.startsWith('RSASSA') ? { key, ...pss } : key;
      const signature = Buffer.from(String(member(body, 'Signature')), 'base64');
      assert.ok(verify('sha256', at(messages, index), how, signature), 'a signature is wrong');
    },
    check: async () => {},
  };
}

/** Pages of 100 keys, each request from another place on. */
async function listPool(target: Target): Promise<PreparedPool> {
  const markers: unknown[] = [];
  for (let marker: unknown; markers.length < 8; ) {
    const input = marker === undefined ? { Limit: 100 } : { Limit: 100, Marker: marker };
    const [page] = await target.ask('ListKeys', [input]);
    marker = page?.['NextMarker'];
    markers.push(marker);
  }
  const inputs = Array.from({ length: POOL_SIZE }, (_, index) => ({
    Limit: 100,
    Marker: at(markers, index),
  }));
  return {
    requests: signAll(target, 'ListKeys', inputs),
    sample(_index, body) {
      const keys = member(body, 'Keys');
      assert.ok(Array.isArray(keys) && keys.length === 100, 'a page is not full');
    },
    check: async () => {},
  };
}

/** Requests for pages of a given size, for a vault that holds many keys. */
export async function largeListPool(target: Target, limit: number): Promise<PreparedPool> {
  const markers: unknown[] = [];
  for (let marker: unknown; ; ) {
    const input = marker === undefined ? { Limit: 1_000 } : { Limit: 1_000, Marker: marker };
    const [page] = await target.ask('ListKeys', [input]);
    if (page?.['Truncated'] !== true) break;
    marker = page['NextMarker'];
    markers.push(marker);
  }
  // From the last ones on there may be less than a page.
  const full = markers.slice(0, -1);
  const inputs = Array.from({ length: POOL_SIZE }, (_, index) => ({
    Limit: limit,
    Marker: at(full, index * 17),
  }));
  return {
    requests: signAll(target, 'ListKeys', inputs),
    sample(_index, body) {
      const keys = member(body, 'Keys');
      assert.ok(Array.isArray(keys) && keys.length === limit, 'a page is not full');
    },
    check: async () => {},
  };
}

function encryptInput({ keyId, plaintext, context }: Case): object {
  const input = { KeyId: keyId, Plaintext: plaintext.toString('base64') };
  return Object.keys(context).length === 0 ? input : { ...input, EncryptionContext: context };
}

async function openAll(target: Target, sealed: readonly [Case, unknown][]): Promise<void> {
  assert.ok(sealed.length > 0, 'no answer was looked at');
  const inputs = sealed.map(([{ context }, blob]) => ({
    CiphertextBlob: blob,
    EncryptionContext: context,
  }));
  const opened = await target.ask('Decrypt', inputs);
  for (const [index, [{ plaintext, keyId }]] of sealed.entries()) {
    assert.equal(at(opened, index)['Plaintext'], plaintext.toString('base64'));
    assert.ok(String(at(opened, index)['KeyId']).endsWith(`/${keyId}`));
  }
}

function signAll(target: Target, operation: string, inputs: readonly object[]): Buffer[] {
  const now = Date.now();
  return inputs.map((input, index) => {
    const atMs = now - Math.floor((index / inputs.length) * SPREAD_MS);
    return signedRequest(target.signer, operation, input, atMs);
  });
}

function member(body: string, name: string): unknown {
  const value: Record<string, unknown> = Object(JSON.parse(body));
  return value[name];
}

/** An element, counted round and round. */
function at<T>(list: readonly T[], index: number): T {
  const found = list[index % list.length];
  if (found === undefined) throw new Error('an empty list');
  return found;
}
