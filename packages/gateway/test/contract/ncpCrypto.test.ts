import { constants, createPublicKey, publicEncrypt, verify } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  base64,
  INVALID_REQUEST,
  INVALID_STATUS,
  type NcpAnswer,
  type NcpGateway,
  NOT_FOUND,
  shown,
  startNcpGateway,
} from '../support/ncpGateway.js';

let ncp: NcpGateway;
let aes: string;
let convergent: string;
let rsa: string;
let ec: string;

beforeAll(async () => {
  ncp = await startNcpGateway();
  aes = await ncp.makeKey();
  convergent = await ncp.makeKey({ isConvergent: true });
  rsa = await ncp.makeKey({ keyType: 'RSA2048' });
  ec = await ncp.makeKey({ keyType: 'ECDSA' });
});

afterAll(() => ncp.close());

const on = (tag: string, action: string, body: unknown): Promise<NcpAnswer> =>
  ncp.call('POST', `/kms/v1/keys/${tag}/${action}`, body);
const data = async (
  tag: string,
  action: string,
  body: unknown,
): Promise<Record<string, unknown>> => {
  const answer = await on(tag, action, body);
  if (answer.status !== 200) throw new Error(`refused: ${answer.text}`);
  return answer.json.data ?? {};
};
const payloadOf = (text: unknown): Buffer =>
  Buffer.from(String(text).split(':')[2] ?? '', 'base64');
const CONTEXT = base64('context');

/** Flips one bit of the base64 part. */
function damaged(text: unknown, at: number): string {
  const [name, version] = String(text).split(':');
  const bytes = payloadOf(text);
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  return `${name}:${version}:${bytes.toString('base64')}`;
}

describe('Encrypt and Decrypt', () => {
  test('take a text or an array, and give back the same form under the same name', async () => {
    const one = await data(aes, 'encrypt', { plaintext: base64('one') });
    expect(Object.keys(one)).toEqual(['ciphertext']);
    expect(await data(aes, 'decrypt', one)).toEqual({ plaintext: base64('one') });
    const plaintext = [base64('one'), base64('two'), base64('two')];
    const many = await data(aes, 'encrypt', { plaintext });
    expect(many['ciphertext']).toHaveLength(3);
    expect(new Set(many['ciphertext'] as string[]).size).toBe(3);
    expect(await data(aes, 'decrypt', many)).toEqual({ plaintext });
    const single = await data(aes, 'encrypt', { plaintext: [base64('one')] });
    expect(await data(aes, 'decrypt', single)).toEqual({ plaintext: [base64('one')] });
  });

  test('lay out IV, ciphertext and tag: 28 bytes more than the plaintext', async () => {
    for (const size of [1, 40, 32_768]) {
      const { ciphertext } = await data(aes, 'encrypt', { plaintext: base64(Buffer.alloc(size)) });
      expect(ciphertext).toMatch(/^ncpkms:v1:[A-Za-z0-9+/]+=*$/);
      expect(payloadOf(ciphertext)).toHaveLength(size + 28);
    }
  });

  test('never use an IV twice', async () => {
    const plaintext = Array.from({ length: 500 }, () => base64('a'));
    const { ciphertext } = await data(aes, 'encrypt', { plaintext });
    const ivs = (ciphertext as string[]).map((text) => payloadOf(text).toString('hex', 0, 12));
    expect(new Set(ivs).size).toBe(500);
  });

  test('RSA2048 is RSAES-OAEP with SHA-256: what the public key encrypts, the key opens', async () => {
    const { publicKey } = await data(rsa, 'get-pub-key', {});
    const key = String(publicKey);
    const sealed = publicEncrypt(
      { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' },
      Buffer.from('outside'),
    );
    const ciphertext = `ncpkms:v1:${sealed.toString('base64')}`;
    expect(await data(rsa, 'decrypt', { ciphertext })).toEqual({ plaintext: base64('outside') });
    const largest = base64(Buffer.alloc(190, 1));
    const made = await data(rsa, 'encrypt', { plaintext: [largest, base64('b')] });
    expect((made['ciphertext'] as string[]).map((text) => payloadOf(text).length)).toEqual([
      256, 256,
    ]);
    expect(await data(rsa, 'decrypt', made)).toEqual({ plaintext: [largest, base64('b')] });
  });

  test('any plaintext comes back, under either key type and both APIs', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 190 }),
        fc.constantFrom(aes, rsa),
        fc.constantFrom('/kms/v1/keys', '/keys', '/keys/v1', '/keys/v2'),
        async (bytes, tag, base) => {
          const plaintext = Buffer.from(bytes).toString('base64');
          const sealed = await ncp.call('POST', `${base}/${tag}/encrypt`, { plaintext });
          const opened = await ncp.call('POST', `${base}/${tag}/decrypt`, sealed.json.data);
          expect(opened.json.data).toEqual({ plaintext });
        },
      ),
      { numRuns: 40 },
    );
  });

  test.each([
    ['no plaintext', {}],
    ['an empty plaintext', { plaintext: '' }],
    ['an empty array', { plaintext: [] }],
    ['a number', { plaintext: 1 }],
    ['an array with a number', { plaintext: [base64('a'), 1] }],
    ['an array in an array', { plaintext: [[base64('a')]] }],
    ['text that is no base64', { plaintext: 'a' }],
    ['the URL alphabet', { plaintext: 'a-_a' }],
    ['more than 32 KB', { plaintext: base64(Buffer.alloc(32_769)) }],
    ['more than 32 KB together', { plaintext: Array(3).fill(base64(Buffer.alloc(11_000))) }],
    ['more than 1024 items', { plaintext: Array(1_025).fill(base64('a')) }],
    ['a context of 51 bytes', { plaintext: base64('a'), context: base64(Buffer.alloc(51)) }],
    ['a context that is no base64', { plaintext: base64('a'), context: '!' }],
  ])('Encrypt refuses %s', async (_what, body) => {
    expect(shown(await on(aes, 'encrypt', body))).toEqual(INVALID_REQUEST);
  });

  test('Encrypt refuses what is too long for RSA2048, also in an array', async () => {
    const long = base64(Buffer.alloc(191));
    expect(shown(await on(rsa, 'encrypt', { plaintext: long }))).toEqual(INVALID_REQUEST);
    const plaintext = [base64('a'), long];
    expect(shown(await on(rsa, 'encrypt', { plaintext }))).toEqual(INVALID_REQUEST);
  });

  test.each(['encrypt', 'decrypt', 're-encrypt'])('ECDSA keys do not %s', async (action) => {
    const body = { plaintext: base64('a'), ciphertext: 'ncpkms:v1:AAAA' };
    expect(shown(await on(ec, action, body))).toEqual(INVALID_REQUEST);
  });
});

describe('ciphertexts that are not right', () => {
  test('a bit flipped anywhere is refused, by Decrypt and by Re-encrypt', async () => {
    for (const tag of [aes, rsa]) {
      const { ciphertext } = await data(tag, 'encrypt', { plaintext: base64('secret') });
      const { length } = payloadOf(ciphertext);
      for (const at of [0, 11, 12, 17, 18, length - 1].filter((one) => one < length)) {
        const body = { ciphertext: damaged(ciphertext, at) };
        expect(shown(await on(tag, 'decrypt', body))).toEqual(INVALID_REQUEST);
        expect(shown(await on(tag, 're-encrypt', body))).toEqual(INVALID_REQUEST);
      }
    }
  });

  test('one bad item fails the whole array', async () => {
    for (const tag of [aes, rsa]) {
      const { ciphertext } = await data(tag, 'encrypt', { plaintext: base64('secret') });
      const body = { ciphertext: [ciphertext, damaged(ciphertext, 5), ciphertext] };
      expect(shown(await on(tag, 'decrypt', body))).toEqual(INVALID_REQUEST);
      expect(shown(await on(tag, 're-encrypt', body))).toEqual(INVALID_REQUEST);
    }
  });

  test.each([
    ['no prefix', (text: string) => text.slice('ncpkms:v1:'.length)],
    ['another prefix', (text: string) => text.replace('ncpkms', 'vault')],
    ['another version', (text: string) => text.replace(':v1:', ':v2:')],
    ['version 0', (text: string) => text.replace(':v1:', ':v0:')],
    ['no padding', (text: string) => text.replace(/=+$/, '')],
    ['a short payload', () => 'ncpkms:v1:AAAA'],
    ['nothing', () => ''],
  ])('%s is refused', async (_what, change) => {
    const { ciphertext } = await data(aes, 'encrypt', { plaintext: base64('secr') });
    const body = { ciphertext: change(String(ciphertext)) };
    expect(shown(await on(aes, 'decrypt', body))).toEqual(INVALID_REQUEST);
    expect(shown(await on(aes, 're-encrypt', { ciphertext: [body.ciphertext] }))).toEqual(
      INVALID_REQUEST,
    );
  });

  test('a ciphertext of another key is refused', async () => {
    const other = await ncp.makeKey();
    const body = await data(other, 'encrypt', { plaintext: base64('secret') });
    expect(shown(await on(aes, 'decrypt', body))).toEqual(INVALID_REQUEST);
  });

  test('more than 32 KB of plaintext in one array is refused', async () => {
    const plaintext = base64(Buffer.alloc(16_384));
    const { ciphertext } = await data(aes, 'encrypt', { plaintext: [plaintext, plaintext] });
    const both = ciphertext as string[];
    await data(aes, 'decrypt', { ciphertext: both });
    const { ciphertext: more } = await data(aes, 'encrypt', { plaintext: base64('a') });
    const body = { ciphertext: [...both, more] };
    expect(shown(await on(aes, 'decrypt', body))).toEqual(INVALID_REQUEST);
  });
});

describe('convergent keys', () => {
  test('give the same ciphertext for the same plaintext and context, of one version', async () => {
    const tag = await ncp.makeKey({ isConvergent: true });
    const body = { plaintext: base64('same'), context: CONTEXT };
    const first = await data(tag, 'encrypt', body);
    expect(await data(tag, 'encrypt', body)).toEqual(first);
    expect(await data(tag, 'encrypt', { ...body, context: base64('other') })).not.toEqual(first);
    expect(await data(tag, 'encrypt', { ...body, plaintext: base64('diff') })).not.toEqual(first);
    const list = await data(tag, 'encrypt', { ...body, plaintext: Array(2).fill(base64('same')) });
    expect(list['ciphertext']).toEqual([first['ciphertext'], first['ciphertext']]);
    await on(tag, 'rotate', undefined);
    const next = await data(tag, 'encrypt', body);
    expect(next['ciphertext']).toMatch(/^ncpkms:v2:/);
    const moved = { newCiphertext: next['ciphertext'] };
    expect(await data(tag, 're-encrypt', { ...first, context: CONTEXT })).toEqual(moved);
    expect(await data(tag, 're-encrypt', { ...next, context: CONTEXT })).toEqual(moved);
  });

  test('two plaintexts under one context never share an IV', async () => {
    const first = await data(convergent, 'encrypt', { plaintext: base64('a'), context: CONTEXT });
    const second = await data(convergent, 'encrypt', { plaintext: base64('b'), context: CONTEXT });
    const iv = (answer: Record<string, unknown>): Buffer =>
      payloadOf(answer['ciphertext']).subarray(0, 12);
    expect(iv(first)).not.toEqual(iv(second));
  });

  test.each([
    ['encrypt', { plaintext: base64('a') }],
    ['decrypt', { ciphertext: 'ncpkms:v1:AAAA' }],
    ['re-encrypt', { ciphertext: 'ncpkms:v1:AAAA' }],
    ['create-custom-key', {}],
  ])('%s needs a context', async (action, body) => {
    expect(shown(await on(convergent, action, body))).toEqual(INVALID_REQUEST);
    expect(shown(await on(convergent, action, { ...body, context: '' }))).toEqual(INVALID_REQUEST);
  });

  test('another context opens nothing', async () => {
    const sealed = await data(convergent, 'encrypt', { plaintext: base64('a'), context: CONTEXT });
    const body = { ...sealed, context: base64('contexu') };
    expect(shown(await on(convergent, 'decrypt', body))).toEqual(INVALID_REQUEST);
    expect(shown(await on(convergent, 're-encrypt', body))).toEqual(INVALID_REQUEST);
    expect(await data(convergent, 'decrypt', { ...sealed, context: CONTEXT })).toEqual({
      plaintext: base64('a'),
    });
  });

  test('a context of any 1 to 50 bytes opens what it sealed, and no other does', async () => {
    const contexts = fc.uint8Array({ minLength: 1, maxLength: 50 });
    await fc.assert(
      fc.asyncProperty(contexts, contexts, async (one, two) => {
        const context = Buffer.from(one).toString('base64');
        const other = Buffer.from(two).toString('base64');
        const sealed = await data(convergent, 'encrypt', { plaintext: base64('a'), context });
        const { status } = await on(convergent, 'decrypt', { ...sealed, context: other });
        expect(status).toBe(context === other ? 200 : 400);
      }),
      { numRuns: 25 },
    );
  });

  test('other keys ignore a context, and the journal says so', async () => {
    const sealed = await data(aes, 'encrypt', { plaintext: base64('a'), context: CONTEXT });
    expect(await data(aes, 'decrypt', sealed)).toEqual({ plaintext: base64('a') });
    const journal = await ncp.send({
      method: 'GET',
      path: '/_keyglot/journal',
      headers: { authorization: `Bearer ${ncp.gateway.adminToken}` },
    });
    expect(journal.text).toContain('"ignored":["context"]');
  });
});

describe('Create Custom Key', () => {
  test.each([
    [undefined, 32],
    [128, 16],
    [256, 32],
    [512, 64],
  ])('of %s bits gives %i random bytes, sealed', async (bits, size) => {
    for (const tag of [aes, rsa]) {
      const made = await data(tag, 'create-custom-key', { bits, requestPlainKey: true });
      expect(Object.keys(made).sort()).toEqual(['ciphertext', 'key_version', 'plaintext']);
      expect(made['key_version']).toBe(1);
      expect(Buffer.from(String(made['plaintext']), 'base64')).toHaveLength(size);
      const { ciphertext, plaintext } = made;
      expect(await data(tag, 'decrypt', { ciphertext })).toEqual({ plaintext });
    }
  });

  test('keeps the plain key to itself unless it is asked for', async () => {
    const made = await data(aes, 'create-custom-key', { requestPlainKey: false });
    expect(Object.keys(made)).toEqual(['ciphertext', 'key_version']);
    expect(await data(aes, 'createCustomKey', undefined)).not.toHaveProperty('plaintext');
  });

  test('takes the context of a convergent key', async () => {
    const body = { context: CONTEXT, requestPlainKey: true };
    const { ciphertext, plaintext } = await data(convergent, 'create-custom-key', body);
    expect(await data(convergent, 'decrypt', { ciphertext, context: CONTEXT })).toEqual({
      plaintext,
    });
  });

  test.each([{ bits: 192 }, { bits: 0 }, { bits: '256' }, { bits: 256.5 }, { requestPlainKey: 1 }])(
    'refuses %j',
    async (body) => {
      expect(shown(await on(aes, 'create-custom-key', body))).toEqual(INVALID_REQUEST);
    },
  );

  test('refuses ECDSA keys', async () => {
    expect(shown(await on(ec, 'create-custom-key', {}))).toEqual(INVALID_REQUEST);
  });
});

// https://api.ncloud-docs.com/docs/en/security-kms2-reencrypt
describe('Re-encrypt', () => {
  test.each([['AES256'], ['RSA2048']])(
    'moves text and array of an %s key to the newest version',
    async (keyType) => {
      const tag = await ncp.makeKey({ keyType });
      const plaintext = ['a', 'b', 'c'].map(base64);
      const { ciphertext } = await data(tag, 'encrypt', { plaintext });
      const [first] = ciphertext as string[];
      await on(tag, 'rotate', undefined);
      await on(tag, 'rotate', undefined);
      const one = await data(tag, 're-encrypt', { ciphertext: first });
      expect(Object.keys(one)).toEqual(['newCiphertext']);
      expect(one['newCiphertext']).toMatch(/^ncpkms:v3:/);
      const many = await data(tag, 'reencrypt', { ciphertext });
      const moved = many['newCiphertext'] as string[];
      expect(moved).toHaveLength(3);
      expect(moved.every((text) => text.startsWith('ncpkms:v3:'))).toBe(true);
      expect(await data(tag, 'decrypt', { ciphertext: moved })).toEqual({ plaintext });
      // Of mixed versions, and again when it is the newest already.
      const again = await data(tag, 're-encrypt', { ciphertext: [first, moved[1]] });
      const fresh = again['newCiphertext'] as string[];
      expect(fresh[1]).not.toBe(moved[1]);
      expect(await data(tag, 'decrypt', { ciphertext: fresh })).toEqual({
        plaintext: plaintext.slice(0, 2),
      });
    },
  );

  test.each([
    ['/kms/v1/keys', 're-encrypt', false],
    ['/kms/v1/keys', 'reencrypt', false],
    ['/keys', 're-encrypt', false],
    ['/keys', 'reencrypt', false],
    ['/keys/v1', 'reencrypt', true],
    ['/keys/v1', 're-encrypt', true],
    ['/keys/v2', 'reencrypt', true],
    ['/keys/v2', 're-encrypt', true],
  ])('is spelled %s/…/%s, with the envelope of its API', async (base, action, first) => {
    const sealed = await data(aes, 'encrypt', { plaintext: base64('a') });
    const answer = await ncp.call('POST', `${base}/${aes}/${action}`, sealed);
    const newCiphertext = expect.stringMatching(/^ncpkms:v1:/);
    expect(answer.json).toEqual({
      code: 'SUCCESS',
      ...(first ? { msg: '' } : {}),
      data: { newCiphertext },
    });
    expect(answer.text).toContain(
      first ? '{"code":"SUCCESS","msg":"","data":' : '"SUCCESS","data"',
    );
  });

  test.each([
    ['no ciphertext', {}],
    ['an empty array', { ciphertext: [] }],
    ['a number', { ciphertext: 1 }],
    ['an object', { ciphertext: {} }],
  ])('refuses %s', async (_what, body) => {
    expect(shown(await on(aes, 're-encrypt', body))).toEqual(INVALID_REQUEST);
  });

  test('knows only the one key of its path', async () => {
    const sealed = await data(aes, 'encrypt', { plaintext: base64('a') });
    const body = { ...sealed, destinationKeyTag: rsa };
    expect(await data(aes, 're-encrypt', body)).toEqual({ newCiphertext: expect.any(String) });
    expect(shown(await on('f'.repeat(64), 're-encrypt', sealed))).toEqual(NOT_FOUND);
  });
});

describe('Sign and Verify', () => {
  test.each([['RSA2048'], ['ECDSA']])('an %s key signs what it verifies', async (keyType) => {
    const tag = await ncp.makeKey({ keyType });
    const body = { data: base64('message') };
    const { signature } = await data(tag, 'sign', body);
    expect(signature).toMatch(/^ncpkms:v1:/);
    expect(await data(tag, 'verify', { ...body, signature })).toEqual({ valid: true });
    const other = { data: base64('massage'), signature };
    expect(await data(tag, 'verify', other)).toEqual({ valid: false });
    const broken = damaged(signature, payloadOf(signature).length - 1);
    expect(await data(tag, 'verify', { ...body, signature: broken })).toEqual({ valid: false });

    // https://developer.hashicorp.com/vault/api-docs/secret/transit#sign-data, its defaults
    const { publicKey } = await data(tag, 'get-pub-key', {});
    const key = createPublicKey(String(publicKey));
    const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
    const outside = verify(
      'sha256',
      Buffer.from('message'),
      keyType === 'RSA2048' ? { key, ...pss } : { key, dsaEncoding: 'der' },
      payloadOf(signature),
    );
    expect(outside).toBe(true);

    await on(tag, 'rotate', undefined);
    expect(await data(tag, 'verify', { ...body, signature })).toEqual({ valid: true });
    const next = await data(tag, 'sign', body);
    expect(next['signature']).toMatch(/^ncpkms:v2:/);
    const old = await data(tag, 'get-pub-key', { keyVersion: 1 });
    expect(old).toEqual({ publicKey });
    expect(await data(tag, 'get-pub-key', undefined)).not.toEqual(old);
    await on(tag, 'versions/1/disable', undefined);
    expect(shown(await on(tag, 'verify', { ...body, signature }))).toEqual(INVALID_STATUS);
    expect(shown(await on(tag, 'get-pub-key', { keyVersion: 1 }))).toEqual(INVALID_STATUS);
    expect(shown(await on(tag, 'get-pub-key', { keyVersion: 3 }))).toEqual(INVALID_REQUEST);
  });

  test.each([
    ['no data', {}],
    ['empty data', { data: '' }],
    ['more than 8 KB', { data: base64(Buffer.alloc(8_193)) }],
    ['an array', { data: [base64('a')] }],
  ])('Sign refuses %s', async (_what, body) => {
    expect(shown(await on(ec, 'sign', body))).toEqual(INVALID_REQUEST);
  });

  test.each([
    ['no signature', {}],
    ['no prefix', { signature: 'AAAA' }],
    ['another version', { signature: 'ncpkms:v9:AAAA' }],
    ['no base64', { signature: 'ncpkms:v1:A' }],
  ])('Verify refuses %s', async (_what, body) => {
    const answer = await on(ec, 'verify', { data: base64('a'), ...body });
    expect(shown(answer)).toEqual(INVALID_REQUEST);
  });

  test('Verify says false to what has the form and nothing else', async () => {
    const body = { data: base64('a'), signature: 'ncpkms:v1:AAAA' };
    expect(await data(ec, 'verify', body)).toEqual({ valid: false });
    expect(await data(rsa, 'verify', body)).toEqual({ valid: false });
  });

  test.each(['sign', 'verify', 'get-pub-key'])('AES256 keys do not %s', async (action) => {
    const body = { data: base64('a'), signature: 'ncpkms:v1:AAAA' };
    expect(shown(await on(aes, action, body))).toEqual(INVALID_REQUEST);
  });
});
