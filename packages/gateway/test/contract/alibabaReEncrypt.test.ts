import { createPublicKey, publicEncrypt } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ACTION_UNSUPPORTED,
  ALIAS_UNSUPPORTED,
  type AlibabaGateway,
  invalid,
  KEY_NOT_FOUND,
  KEY_UNSUPPORTED,
  type MadeKey,
  type Members,
  missing,
  NO_ID,
  type Params,
  rejected,
  startAlibabaGateway,
  VERSION_NOT_FOUND,
} from '../support/alibabaGateway.js';

let alibaba: AlibabaGateway;
let source: MadeKey;
let destination: MadeKey;
let rsa: MadeKey;
let sm2: MadeKey;
let signer: MadeKey;

beforeAll(async () => {
  alibaba = await startAlibabaGateway();
  source = await alibaba.makeKey();
  destination = await alibaba.makeKey();
  rsa = await alibaba.makeKey({ KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT/DECRYPT' });
  sm2 = await alibaba.makeKey({ KeySpec: 'EC_SM2', KeyUsage: 'ENCRYPT/DECRYPT' });
  signer = await alibaba.makeKey({ KeySpec: 'RSA_2048', KeyUsage: 'SIGN/VERIFY' });
});

afterAll(() => alibaba.close());

async function seal(Plaintext: string, more: Params = {}): Promise<string> {
  const params = { KeyId: source.id, Plaintext, ...more };
  return String((await alibaba.done('Encrypt', params))['CiphertextBlob']);
}

async function open(CiphertextBlob: unknown, more: Params = {}): Promise<Members> {
  return alibaba.done('Decrypt', { CiphertextBlob: String(CiphertextBlob), ...more });
}

function asymmetric(pair: MadeKey, SourceEncryptionAlgorithm: string): Record<string, string> {
  return { SourceKeyId: pair.id, SourceKeyVersionId: pair.version, SourceEncryptionAlgorithm };
}

async function sealFor(pair: MadeKey, Algorithm: string, bytes: Buffer): Promise<string> {
  const made = await alibaba.done('AsymmetricEncrypt', {
    KeyId: pair.id,
    KeyVersionId: pair.version,
    Algorithm,
    Plaintext: bytes.toString('base64'),
  });
  return String(made['CiphertextBlob']);
}

describe('a symmetric source', () => {
  test('goes to another key, and the answer names the source', async () => {
    const CiphertextBlob = await seal('text');
    const made = await alibaba.done('ReEncrypt', {
      CiphertextBlob,
      DestinationKeyId: destination.id,
    });
    expect(made).toEqual({
      KeyId: source.id,
      KeyVersionId: source.version,
      CiphertextBlob: expect.any(String),
    });
    expect(await open(made['CiphertextBlob'])).toEqual({
      KeyId: destination.id,
      KeyVersionId: destination.version,
      Plaintext: 'text',
    });
    expect((await open(CiphertextBlob))['Plaintext']).toBe('text');
  });

  test('goes to the newest version of its own key after a rotation', async () => {
    const { id: KeyId, version } = await alibaba.makeKey();
    const CiphertextBlob = await seal('text', { KeyId });
    const { KeyVersion } = await alibaba.done('CreateKeyVersion', { KeyId });
    const { KeyVersionId } = KeyVersion as { KeyVersionId: string };
    const made = await alibaba.done('ReEncrypt', { CiphertextBlob, DestinationKeyId: KeyId });
    expect(made).toMatchObject({ KeyId, KeyVersionId: version });
    expect(await open(made['CiphertextBlob'])).toMatchObject({ KeyVersionId, Plaintext: 'text' });
  });

  test('may be a data key', async () => {
    const KeyId = source.id;
    const EncryptionContext = '{"a":"1"}';
    const data = await alibaba.done('GenerateDataKey', { KeyId, EncryptionContext });
    const made = await alibaba.done('ReEncrypt', {
      CiphertextBlob: String(data['CiphertextBlob']),
      SourceEncryptionContext: EncryptionContext,
      DestinationKeyId: destination.id,
    });
    expect((await open(made['CiphertextBlob']))['Plaintext']).toBe(data['Plaintext']);
  });

  test('keeps its text, whatever text and contexts are', async () => {
    const context = fc.dictionary(fc.string({ maxLength: 20 }), fc.string({ maxLength: 20 }), {
      maxKeys: 3,
    });
    const text = fc.string({ minLength: 1, maxLength: 200, unit: 'grapheme' });
    await fc.assert(
      fc.asyncProperty(text, context, context, async (plaintext, from, to) => {
        const EncryptionContext = JSON.stringify(from);
        const CiphertextBlob = await seal(plaintext, { EncryptionContext });
        const made = await alibaba.done('ReEncrypt', {
          CiphertextBlob,
          DestinationKeyId: destination.id,
          SourceEncryptionContext: EncryptionContext,
          DestinationEncryptionContext: JSON.stringify(to),
        });
        const opened = await open(made['CiphertextBlob'], {
          EncryptionContext: JSON.stringify(to),
        });
        expect(opened['Plaintext']).toBe(plaintext);
      }),
      { numRuns: 25 },
    );
  });

  test('changes its context alone when both keys are the same', async () => {
    const CiphertextBlob = await seal('text', { EncryptionContext: '{"old":"1"}' });
    const made = await alibaba.done('ReEncrypt', {
      CiphertextBlob,
      DestinationKeyId: source.arn,
      SourceEncryptionContext: '{"old":"1"}',
      DestinationEncryptionContext: '{"new":"2"}',
    });
    const blob = String(made['CiphertextBlob']);
    expect((await open(blob, { EncryptionContext: '{"new":"2"}' }))['Plaintext']).toBe('text');
    expect(await alibaba.refused('Decrypt', { CiphertextBlob: blob })).toEqual(
      invalid('CiphertextBlob'),
    );
  });

  test('is refused with a wrong context', async () => {
    const CiphertextBlob = await seal('text', { EncryptionContext: '{"a":"1"}' });
    for (const more of [{}, { SourceEncryptionContext: '{"a":"2"}' }]) {
      const params = { CiphertextBlob, DestinationKeyId: destination.id, ...more };
      expect(await alibaba.refused('ReEncrypt', params)).toEqual(invalid('CiphertextBlob'));
    }
  });

  test.each(['SourceEncryptionContext', 'DestinationEncryptionContext'])(
    'is refused with a %s that is none',
    async (name) => {
      const CiphertextBlob = await seal('text');
      for (const value of ['[]', '{"a":1}', '{']) {
        const params = { CiphertextBlob, DestinationKeyId: destination.id, [name]: value };
        expect(await alibaba.refused('ReEncrypt', params)).toEqual(invalid(name));
      }
    },
  );

  test('is refused when it is corrupted, cut or none', async () => {
    const blob = Buffer.from(await seal('text'), 'base64');
    const changed = Buffer.from(blob);
    changed.writeUInt8(changed.readUInt8(50) ^ 1, 50);
    for (const CiphertextBlob of [
      changed.toString('base64'),
      blob.subarray(0, 48).toString('base64'),
      'not base64!',
      Buffer.alloc(256, 200).toString('base64'),
    ]) {
      const params = { CiphertextBlob, DestinationKeyId: destination.id };
      expect(await alibaba.refused('ReEncrypt', params)).toEqual(invalid('CiphertextBlob'));
    }
    blob.write(NO_ID, 0, 'latin1');
    const params = {
      CiphertextBlob: blob.toString('base64'),
      DestinationKeyId: destination.id,
    };
    expect(await alibaba.refused('ReEncrypt', params)).toEqual(KEY_NOT_FOUND);
  });
});

describe('an asymmetric source', () => {
  test.each([
    ['RSAES_OAEP_SHA_256', () => rsa],
    ['RSAES_OAEP_SHA_1', () => rsa],
    ['SM2PKE', () => sm2],
  ])('of %s becomes the base64 of its bytes', async (algorithm, pairOf) => {
    const pair = pairOf();
    const bytes = Buffer.from([0, 255, 128, 10]);
    const made = await alibaba.done('ReEncrypt', {
      CiphertextBlob: await sealFor(pair, algorithm, bytes),
      ...asymmetric(pair, algorithm),
      DestinationKeyId: destination.id,
      DestinationEncryptionContext: '{"a":"1"}',
    });
    expect(made).toEqual({
      KeyId: pair.id,
      KeyVersionId: pair.version,
      CiphertextBlob: expect.any(String),
    });
    expect(await open(made['CiphertextBlob'], { EncryptionContext: '{"a":"1"}' })).toEqual({
      KeyId: destination.id,
      KeyVersionId: destination.version,
      Plaintext: bytes.toString('base64'),
    });
  });

  test('may have been encrypted outside', async () => {
    const { PublicKey } = await alibaba.done('GetPublicKey', {
      KeyId: rsa.id,
      KeyVersionId: rsa.version,
    });
    const sealed = publicEncrypt(
      { key: createPublicKey(String(PublicKey)), oaepHash: 'sha1' },
      Buffer.from('outside'),
    );
    const made = await alibaba.done('ReEncrypt', {
      CiphertextBlob: sealed.toString('base64'),
      ...asymmetric(rsa, 'RSAES_OAEP_SHA_1'),
      DestinationKeyId: destination.id,
    });
    const { Plaintext } = await open(made['CiphertextBlob']);
    expect(Buffer.from(String(Plaintext), 'base64').toString()).toBe('outside');
  });

  test('is one as soon as any of its three parameters is there', async () => {
    const CiphertextBlob = await seal('text');
    const all = asymmetric(rsa, 'RSAES_OAEP_SHA_256');
    for (const [given, wanted] of [
      [['SourceKeyId'], 'SourceKeyVersionId'],
      [['SourceKeyVersionId'], 'SourceKeyId'],
      [['SourceEncryptionAlgorithm'], 'SourceKeyId'],
      [['SourceKeyId', 'SourceKeyVersionId'], 'SourceEncryptionAlgorithm'],
      [['SourceKeyId', 'SourceEncryptionAlgorithm'], 'SourceKeyVersionId'],
    ] as const) {
      const some = Object.fromEntries(given.map((name) => [name, all[name] ?? '']));
      const params = { CiphertextBlob, DestinationKeyId: destination.id, ...some };
      expect(await alibaba.refused('ReEncrypt', params)).toEqual(missing(wanted));
    }
  });

  test('is refused when it does not fit', async () => {
    const CiphertextBlob = await sealFor(rsa, 'RSAES_OAEP_SHA_256', Buffer.from('x'));
    const good = {
      CiphertextBlob,
      ...asymmetric(rsa, 'RSAES_OAEP_SHA_256'),
      DestinationKeyId: destination.id,
    };
    const refused = (params: Params) => alibaba.refused('ReEncrypt', { ...good, ...params });
    expect(await refused({ SourceKeyId: NO_ID })).toEqual(KEY_NOT_FOUND);
    expect(await refused({ SourceKeyId: 'alias/rsa' })).toEqual(ALIAS_UNSUPPORTED);
    expect(await refused({ SourceKeyId: 'acs:x' })).toEqual(invalid('SourceKeyId'));
    expect(await refused({ SourceKeyVersionId: NO_ID })).toEqual(VERSION_NOT_FOUND);
    expect(await refused({ SourceEncryptionAlgorithm: 'RSA' })).toEqual(
      invalid('SourceEncryptionAlgorithm'),
    );
    expect(await refused({ SourceEncryptionAlgorithm: 'SM2PKE' })).toEqual(KEY_UNSUPPORTED);
    expect(await refused({ SourceEncryptionAlgorithm: 'RSAES_OAEP_SHA_1' })).toEqual(
      invalid('CiphertextBlob'),
    );
    expect(await refused(asymmetric(signer, 'RSAES_OAEP_SHA_256'))).toEqual(KEY_UNSUPPORTED);
    expect(await refused(asymmetric(source, 'RSAES_OAEP_SHA_256'))).toEqual(KEY_UNSUPPORTED);
    expect(await refused(asymmetric(sm2, 'SM2PKE'))).toEqual(invalid('CiphertextBlob'));
    expect(await refused({ SourceEncryptionContext: '{"a":"1"}' })).toEqual(
      invalid('SourceEncryptionContext'),
    );
    for (const blob of ['not base64!', 'eA==', Buffer.alloc(256, 1).toString('base64')]) {
      expect(await refused({ CiphertextBlob: blob })).toEqual(invalid('CiphertextBlob'));
    }
  });
});

describe('the destination', () => {
  test('is refused when it does not fit', async () => {
    const CiphertextBlob = await seal('text');
    const refused = (params: Params) => alibaba.refused('ReEncrypt', { CiphertextBlob, ...params });
    expect(await refused({})).toEqual(missing('DestinationKeyId'));
    expect(await refused({ DestinationKeyId: NO_ID })).toEqual(KEY_NOT_FOUND);
    expect(await refused({ DestinationKeyId: 'alias/x' })).toEqual(ALIAS_UNSUPPORTED);
    expect(await refused({ DestinationKeyId: 'acs:x' })).toEqual(invalid('DestinationKeyId'));
    for (const { id } of [rsa, sm2, signer]) {
      expect(await refused({ DestinationKeyId: id })).toEqual(ACTION_UNSUPPORTED);
    }
    expect(await alibaba.refused('ReEncrypt', { DestinationKeyId: destination.id })).toEqual(
      missing('CiphertextBlob'),
    );
  });
});

describe('key states', () => {
  test.each([
    ['disabled', 'Disabled'],
    ['pending-deletion', 'PendingDeletion'],
    ['pending-import', 'PendingImport'],
    ['unavailable', 'Unavailable'],
  ] as const)('%s is refused at either end', async (state, wire) => {
    const key = await alibaba.makeKey();
    const pair = await alibaba.makeKey({ KeySpec: 'EC_SM2', KeyUsage: 'ENCRYPT/DECRYPT' });
    const own = await seal('text', { KeyId: key.id });
    const sealed = await sealFor(pair, 'SM2PKE', Buffer.from('x'));
    const other = await seal('text');
    for (const { id } of [key, pair]) await alibaba.force(id, state);
    for (const params of [
      { CiphertextBlob: own, DestinationKeyId: destination.id },
      { CiphertextBlob: other, DestinationKeyId: key.id },
      { CiphertextBlob: sealed, ...asymmetric(pair, 'SM2PKE'), DestinationKeyId: destination.id },
    ]) {
      expect(await alibaba.refused('ReEncrypt', params)).toEqual(rejected(wire));
    }
  });
});

test('the gateway of an instance does not have the operation', async () => {
  const host = 'kst-hzz0000000000000000.cryptoservice.kms.aliyuncs.com';
  const params = { CiphertextBlob: await seal('text'), DestinationKeyId: destination.id };
  expect(await alibaba.refused('ReEncrypt', params, { headers: { host } })).toEqual(
    ACTION_UNSUPPORTED,
  );
  const opened = await alibaba.done(
    'Decrypt',
    { CiphertextBlob: await seal('text') },
    { headers: { host } },
  );
  expect(opened['Plaintext']).toBe('text');
});
