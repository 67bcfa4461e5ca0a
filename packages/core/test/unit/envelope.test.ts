import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { KmsFault } from '../../src/faults.js';
import { type Context, NO_CONTEXT } from '../../src/model/context.js';
import type { EnvelopeLayout } from '../../src/model/envelope.js';
import { createKey } from '../../src/vault/createKey.js';
import { decrypt } from '../../src/vault/decrypt.js';
import { encrypt } from '../../src/vault/encrypt.js';
import { generateDataKey } from '../../src/vault/generateDataKey.js';
import type { LoadedKey } from '../../src/vault/loadedKey.js';
import { reEncrypt } from '../../src/vault/reEncrypt.js';
import { rotateKey } from '../../src/vault/rotateKey.js';
import { START_MS } from '../support/fakeClock.js';
import { flipBit } from '../support/material.js';
import { draftOf, newTestKey, type TestVault, testLayout, testVault } from '../support/vault.js';

const REFUSED = { code: 'CiphertextInvalid', details: {} };
const SALTED = testLayout();
const UNSALTED = testLayout('plain', 0, '');
const OPTIONS = { seed: 20_261_124 };

const plaintexts = fc.uint8Array({ maxLength: 4_096 }).map((bytes) => Buffer.from(bytes));
const texts = fc.string({ unit: 'binary', maxLength: 20 });
const contexts: fc.Arbitrary<Context> = fc.oneof(
  fc.constant(NO_CONTEXT),
  fc.uint8Array({ maxLength: 50 }).map((bytes): Context => ({ kind: 'bytes', bytes })),
  fc
    .uniqueArray(fc.tuple(texts, texts), { selector: ([name]) => name, maxLength: 5 })
    .map((pairs): Context => ({ kind: 'pairs', pairs })),
);

let vault: TestVault;
let key: LoadedKey;

beforeAll(async () => {
  vault = await testVault();
  key = await newTestKey(vault);
});

function opened(
  layout: EnvelopeLayout,
  blob: Buffer,
  context: Context,
  under: LoadedKey = key,
  convergent = false,
): Buffer {
  const envelope = layout.parse(blob);
  if (envelope === undefined) throw new Error('not this layout');
  return decrypt(under, layout, envelope, context, { convergent });
}

function outcome(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof KmsFault)) throw error;
    return { code: error.code, details: error.details };
  }
}

describe('encrypt and decrypt', () => {
  it.each([
    ['with a salt', SALTED],
    ['without a salt', UNSALTED],
  ])('give any plaintext back under any context, %s', (_, layout) => {
    fc.assert(
      fc.property(plaintexts, contexts, (plaintext, context) => {
        const blob = encrypt(vault, key, layout, context, plaintext);
        expect(opened(layout, blob, context)).toEqual(plaintext);
        expect(blob.length).toBe(
          45 + layout.saltBytes + layout.innerPrefix.length + plaintext.length + 16,
        );
      }),
      { ...OPTIONS, numRuns: 200 },
    );
  });

  it('refuse every flipped bit of a blob, header and all, by one fault', () => {
    const context: Context = { kind: 'bytes', bytes: Buffer.from('context') };
    const blob = encrypt(vault, key, SALTED, context, Buffer.from('plaintext'));
    // The first byte is the layout's own; after it come version, salt, nonce, body and tag.
    for (let bit = 8; bit < blob.length * 8; bit += 1) {
      expect(outcome(() => opened(SALTED, flipBit(blob, bit), context))).toEqual(REFUSED);
    }
    for (let bit = 0; bit < 8; bit += 1) {
      expect(SALTED.parse(flipBit(blob, bit))).toBeUndefined();
    }
  });

  it('refuse a blob that is cut or has something behind it', () => {
    const blob = encrypt(vault, key, SALTED, NO_CONTEXT, Buffer.from('plaintext'));
    for (let cut = 1; cut <= 9; cut += 1) {
      const short = blob.subarray(0, blob.length - cut);
      expect(outcome(() => opened(SALTED, short, NO_CONTEXT))).toEqual(REFUSED);
    }
    const long = Buffer.concat([blob, Buffer.alloc(1)]);
    expect(outcome(() => opened(SALTED, long, NO_CONTEXT))).toEqual(REFUSED);
  });

  it('refuse any other context', () => {
    fc.assert(
      fc.property(contexts, contexts, (sealed, given) => {
        const blob = encrypt(vault, key, SALTED, sealed, Buffer.from('plaintext'));
        const same = SALTED.canonicalContext(sealed).equals(SALTED.canonicalContext(given));
        const result = outcome(() => opened(SALTED, blob, given));
        expect(result).toEqual(same ? Buffer.from('plaintext') : REFUSED);
      }),
      { ...OPTIONS, numRuns: 200 },
    );
  });

  it('refuse content that does not begin as the layout has it', () => {
    const other = { ...SALTED, innerPrefix: Buffer.from('inneR') };
    const none = { ...SALTED, innerPrefix: Buffer.alloc(0) };
    for (const layout of [other, none]) {
      const blob = encrypt(vault, key, layout, NO_CONTEXT, Buffer.from('plaintext'));
      expect(outcome(() => opened(SALTED, blob, NO_CONTEXT))).toEqual(REFUSED);
    }
  });

  it('refuse blobs of another key, of another version and of another dialect', async () => {
    const stranger = await newTestKey(vault);
    const blob = encrypt(vault, key, SALTED, NO_CONTEXT, Buffer.from('plaintext'));
    expect(outcome(() => opened(SALTED, blob, NO_CONTEXT, stranger))).toEqual(REFUSED);
    const rotated = await rotateKey(vault, key.record, START_MS, {
      check: () => ({}),
      versionWireId: (fingerprint) => fingerprint.toString('hex'),
    });
    const { wireId } = rotated.primary().version;
    // The same bytes, saying that the other version made them.
    const relabelled = Buffer.from(blob);
    relabelled.write(wireId, 1, 'hex');
    expect(outcome(() => opened(SALTED, relabelled, NO_CONTEXT, rotated))).toEqual(REFUSED);
    // Header unauthenticated: the versions' keys differ all the same.
    const envelope = SALTED.parse(blob);
    if (envelope === undefined) throw new Error('not this layout');
    const posed = { ...envelope, versionWireId: wireId };
    expect(outcome(() => decrypt(rotated, SALTED, posed, NO_CONTEXT))).toEqual(REFUSED);
    for (const dialect of ['aws', 'qkms', 'test2', '']) {
      expect(outcome(() => opened(testLayout(dialect), blob, NO_CONTEXT))).toEqual(REFUSED);
    }
    expect(opened(SALTED, blob, NO_CONTEXT, rotated).toString()).toBe('plaintext');
  });

  it('never share salt and nonce between two of 10,000 blobs', () => {
    const seen = new Set<string>();
    const plaintext = Buffer.alloc(0);
    for (let at = 0; at < 10_000; at += 1) {
      const envelope = SALTED.parse(encrypt(vault, key, SALTED, NO_CONTEXT, plaintext));
      if (envelope === undefined) throw new Error('not this layout');
      // Message keys come of 12 bytes of salt.
      const { salt, nonce } = envelope;
      seen.add(Buffer.concat([salt.subarray(0, 12), nonce]).toString('hex'));
    }
    expect(seen.size).toBe(10_000);
    const nonces = new Set<string>();
    for (let at = 0; at < 10_000; at += 1) {
      const envelope = UNSALTED.parse(encrypt(vault, key, UNSALTED, NO_CONTEXT, plaintext));
      nonces.add(envelope?.nonce.toString('hex') ?? '');
    }
    expect(nonces.size).toBe(10_000);
  });

  it.each(['rsa-2048', 'ec-p256', 'hmac-256'] as const)(
    'have nothing to do with %s keys',
    async (spec) => {
      const other = await newTestKey(vault, spec);
      expect(
        outcome(() => encrypt(vault, other, SALTED, NO_CONTEXT, Buffer.from('plaintext'))),
      ).toMatchObject({ code: 'Internal' });
      const blob = encrypt(vault, key, SALTED, NO_CONTEXT, Buffer.from('plaintext'));
      blob.write(other.primary().version.wireId, 1, 'hex');
      expect(outcome(() => opened(SALTED, blob, NO_CONTEXT, other))).toEqual(REFUSED);
    },
  );

  it('say nothing of plaintext, context or key when they refuse', () => {
    const secret = 'very secret text';
    const context: Context = { kind: 'bytes', bytes: Buffer.from(secret) };
    const blob = encrypt(vault, key, SALTED, context, Buffer.from(secret));
    try {
      opened(SALTED, flipBit(blob, 400), context);
      throw new Error('nothing was refused');
    } catch (error) {
      if (!(error instanceof KmsFault)) throw error;
      expect(error.message).toBe('CiphertextInvalid {}');
      expect(error.cause).toBeUndefined();
      expect(JSON.stringify(error)).not.toContain(secret);
    }
  });
});

describe('convergent sealing', () => {
  const convergent = { convergent: true };

  it('gives the same blob for the same input, and any plaintext back', () => {
    fc.assert(
      fc.property(plaintexts, contexts, (plaintext, context) => {
        const seal = (): Buffer => encrypt(vault, key, UNSALTED, context, plaintext, convergent);
        expect(seal()).toEqual(seal());
        expect(opened(UNSALTED, seal(), context, key, true)).toEqual(plaintext);
      }),
      { ...OPTIONS, numRuns: 100 },
    );
  });

  it('shares key and nonce between no two inputs', () => {
    fc.assert(
      fc.property(plaintexts, contexts, plaintexts, contexts, (a, inA, b, inB) => {
        const first = encrypt(vault, key, UNSALTED, inA, a, convergent);
        const second = encrypt(vault, key, UNSALTED, inB, b, convergent);
        const same =
          a.equals(b) && UNSALTED.canonicalContext(inA).equals(UNSALTED.canonicalContext(inB));
        const [one, two] = [UNSALTED.parse(first), UNSALTED.parse(second)];
        expect(one?.nonce.toString('hex') === two?.nonce.toString('hex')).toBe(same);
        expect(first.equals(second)).toBe(same);
      }),
      { ...OPTIONS, numRuns: 100 },
    );
  });

  it('is not opened as if it were not, nor the other way round', () => {
    const blob = encrypt(vault, key, UNSALTED, NO_CONTEXT, Buffer.from('x'), convergent);
    expect(outcome(() => opened(UNSALTED, blob, NO_CONTEXT))).toEqual(REFUSED);
    const usual = encrypt(vault, key, UNSALTED, NO_CONTEXT, Buffer.from('x'));
    expect(outcome(() => opened(UNSALTED, usual, NO_CONTEXT, key, true))).toEqual(REFUSED);
  });

  it('is refused for a layout with a salt, which could not be opened again', () => {
    const seal = (): unknown =>
      encrypt(vault, key, SALTED, NO_CONTEXT, Buffer.from('x'), convergent);
    expect(outcome(seal)).toEqual({
      code: 'Internal',
      details: { what: 'a convergent envelope with a salt' },
    });
  });
});

describe('sealing under a named version', () => {
  it('uses that version instead of the primary one', async () => {
    const fresh = await newTestKey(vault);
    const rotated = await rotateKey(vault, fresh.record, START_MS, {
      check: () => ({}),
      versionWireId: (fingerprint) => fingerprint.toString('hex'),
    });
    const [first] = rotated.record.versions;
    const version = rotated.byWireId(first?.wireId ?? '');
    if (version === undefined) throw new Error('no first version');
    const blob = encrypt(vault, rotated, SALTED, NO_CONTEXT, Buffer.from('x'), { version });
    expect(SALTED.parse(blob)?.versionWireId).toBe(first?.wireId);
    expect(opened(SALTED, blob, NO_CONTEXT, fresh).toString()).toBe('x');
  });
});

describe('a layout that authenticates the context alone', () => {
  it('opens with a changed header, but with no other version, context or body', () => {
    const layout: EnvelopeLayout = { ...UNSALTED, contextOnly: true };
    const blob = encrypt(vault, key, layout, NO_CONTEXT, Buffer.from('plaintext'));
    const envelope = layout.parse(blob);
    if (envelope === undefined) throw new Error('not this layout');
    const renamed = { ...envelope, header: Buffer.from('other') };
    expect(decrypt(key, layout, renamed, NO_CONTEXT).toString()).toBe('plaintext');
    expect(outcome(() => decrypt(key, UNSALTED, envelope, NO_CONTEXT))).toEqual(REFUSED);
    for (let bit = 33 * 8; bit < blob.length * 8; bit += 1) {
      expect(outcome(() => opened(layout, flipBit(blob, bit), NO_CONTEXT))).toEqual(REFUSED);
    }
    const context: Context = { kind: 'bytes', bytes: Buffer.alloc(0) };
    expect(outcome(() => opened(layout, blob, context))).toEqual(REFUSED);
  });
});

describe('generateDataKey', () => {
  it.each([1, 16, 32, 64, 1_024])('gives a fresh key of %i bytes and its blob', (sizeBytes) => {
    const context: Context = { kind: 'pairs', pairs: [['__proto__', 'x']] };
    const one = generateDataKey(vault, key, SALTED, context, sizeBytes);
    const two = generateDataKey(vault, key, SALTED, context, sizeBytes);
    expect(one.plaintext.length).toBe(sizeBytes);
    if (sizeBytes > 1) expect(one.plaintext).not.toEqual(two.plaintext);
    expect(opened(SALTED, one.blob, context)).toEqual(one.plaintext);
    expect(opened(SALTED, two.blob, context)).toEqual(two.plaintext);
  });
});

describe('reEncrypt', () => {
  const from = (blob: Buffer, context: Context = NO_CONTEXT) => {
    const envelope = SALTED.parse(blob);
    if (envelope === undefined) throw new Error('not this layout');
    return { kind: 'symmetric' as const, key, layout: SALTED, envelope, context };
  };

  it('keeps any plaintext on its way to another key, layout and context, without a promise', async () => {
    const target = await createKey(vault, draftOf(), START_MS);
    fc.assert(
      fc.property(plaintexts, contexts, contexts, (plaintext, before, after) => {
        const blob = encrypt(vault, key, SALTED, before, plaintext);
        const to = {
          kind: 'symmetric' as const,
          key: target,
          layout: UNSALTED,
          context: after,
        };
        const moved = reEncrypt(vault, from(blob, before), to);
        if (moved instanceof Promise) throw new Error('a promise');
        expect(opened(UNSALTED, moved, after, target)).toEqual(plaintext);
      }),
      { ...OPTIONS, numRuns: 100 },
    );
  });

  it('goes to an asymmetric key and back', async () => {
    const rsa = await newTestKey(vault, 'rsa-2048');
    const suite = vault.suites.encryptionSuite('rsa-oaep-sha256');
    const tooLarge = (): never => {
      throw new Error('too large');
    };
    const blob = encrypt(vault, key, SALTED, NO_CONTEXT, Buffer.from('plaintext'));
    const ciphertext = await reEncrypt(vault, from(blob), {
      kind: 'asymmetric',
      key: rsa,
      suite,
      tooLarge,
    });
    const to = { kind: 'symmetric' as const, key, layout: SALTED, context: NO_CONTEXT };
    const back = await reEncrypt(vault, { kind: 'asymmetric', key: rsa, suite, ciphertext }, to);
    expect(opened(SALTED, back, NO_CONTEXT).toString()).toBe('plaintext');
    const bad = { kind: 'asymmetric' as const, key: rsa, suite, ciphertext: Buffer.alloc(256) };
    await expect(reEncrypt(vault, bad, to)).rejects.toMatchObject(REFUSED);
  });

  it('says through its caller that a plaintext is too large', async () => {
    const rsa = await newTestKey(vault, 'rsa-2048');
    const suite = vault.suites.encryptionSuite('rsa-oaep-sha256');
    const refusal = new Error('too large');
    const tooLarge = (limitBytes: number): never => {
      throw Object.assign(refusal, { limitBytes });
    };
    const to = { kind: 'asymmetric' as const, key: rsa, suite, tooLarge };
    const seal = (sizeBytes: number): Buffer | Promise<Buffer> => {
      const blob = encrypt(vault, key, SALTED, NO_CONTEXT, Buffer.alloc(sizeBytes));
      return reEncrypt(vault, from(blob), to);
    };
    expect(() => seal(191)).toThrow(refusal);
    expect(refusal).toMatchObject({ limitBytes: 190 });
    expect((await seal(190)).length).toBe(256);
  });

  it('lets the caller change what a text is written as, between both ends', () => {
    const blob = encrypt(vault, key, SALTED, NO_CONTEXT, Buffer.from('plaintext'));
    const to = { kind: 'symmetric' as const, key, layout: SALTED, context: NO_CONTEXT };
    const moved = reEncrypt(vault, from(blob), to, (plaintext) =>
      Buffer.from(plaintext.toString('base64')),
    );
    if (moved instanceof Promise) throw new Error('a promise');
    expect(opened(SALTED, moved, NO_CONTEXT).toString()).toBe('cGxhaW50ZXh0');
  });
});
