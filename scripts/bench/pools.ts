import assert from 'node:assert/strict';
import { constants, createHash, verify } from 'node:crypto';
import { type Dialect, dialectPool } from './dialectPools.js';
import type { Pool } from './driver.js';
import type { Target } from './gateway.js';
import { listPool } from './listPools.js';
import type { Material, SigningKey } from './material.js';
import { at, member, POOL_SIZE, signAll } from './requests.js';

/** What is measured. */
export type Work =
  | 'Encrypt'
  | 'Decrypt'
  | 'GenerateDataKey'
  | 'ReEncrypt'
  | 'Sign RSA RAW'
  | 'Sign RSA DIGEST'
  | 'Sign P-256 RAW'
  | 'ListKeys'
  | `${'Encrypt' | 'ReEncrypt'} ${Dialect}`;

/** Requests of one kind, and a look at the answers that were set aside. */
export interface PreparedPool extends Pool {
  /** Opens what was sealed during a run. @throws Error when something else comes out */
  check(): Promise<void>;
}

const KEPT_SAMPLES = 50;

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
    default: {
      const [kind, dialect] = splitWork(work);
      return dialectPool(dialect, kind, target);
    }
  }
}

function splitWork(work: `${'Encrypt' | 'ReEncrypt'} ${Dialect}`) {
  // The type of the text says what its two words are.
  return work.split(' ') as ['Encrypt' | 'ReEncrypt', Dialect];
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
