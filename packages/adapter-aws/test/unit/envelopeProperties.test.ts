import {
  type Context,
  createKey,
  createMemoryStore,
  createRootKey,
  createSystemEntropy,
  decrypt,
  encrypt,
  KmsFault,
  type LoadedKey,
  NO_CONTEXT,
  openVault,
  rotateKey,
  Secret,
  type Vault,
} from '@keyglot/core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createAwsLayout } from '../../src/envelope.js';

const AWS = createAwsLayout('aws');
const QKMS = createAwsLayout('qkms');
const NOW_MS = Date.UTC(2026, 10, 24, 12);
const SEED = { seed: 20_261_124 };
const REFUSED = { code: 'CiphertextInvalid', details: {} };

const plaintexts = fc
  .uint8Array({ minLength: 1, maxLength: 4_096, size: 'max' })
  .map((bytes) => Buffer.from(bytes));
// Any UTF-16, lone surrogates too.
const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc
    .array(fc.integer({ min: 0xd700, max: 0xe000 }), { maxLength: 4 })
    .map((units) => String.fromCharCode(...units)),
);
const pairLists = fc.uniqueArray(fc.tuple(texts, texts), {
  selector: ([name]) => name,
  maxLength: 6,
});

let vault: Vault;
let key: LoadedKey;

beforeAll(async () => {
  const entropy = createSystemEntropy();
  vault = await openVault({
    store: createMemoryStore(),
    clock: { virtualMs: () => NOW_MS, realMs: () => NOW_MS, monotonicMs: () => 0 },
    entropy,
    rootKey: createRootKey(new Secret(Buffer.alloc(32, 3)), entropy),
  });
  key = await createKey(
    vault,
    {
      sandbox: 'main',
      realm: { dialect: 'aws', tenant: '000000000000', region: 'eu-central-1' },
      wireId: '12345678-1234-4234-8234-123456789012',
      spec: 'aes-256',
      usages: ['encrypt'],
      attributes: {},
      versionWireId: (fingerprint) => fingerprint.toString('hex'),
    },
    NOW_MS,
  );
});

function open(blob: Buffer, context: Context, layout = AWS): unknown {
  const envelope = layout.parse(blob);
  // What the dialect makes of a blob that is not of its layout.
  if (envelope === undefined) return REFUSED;
  try {
    return decrypt(key, layout, envelope, context);
  } catch (error) {
    if (!(error instanceof KmsFault)) throw error;
    return { code: error.code, details: error.details };
  }
}

function flip(blob: Buffer, bit: number): Buffer {
  const flipped = Buffer.from(blob);
  flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return flipped;
}

const pairs = (...list: readonly (readonly [string, string])[]): Context => ({
  kind: 'pairs',
  pairs: list,
});

/** Pairs in an order of their own, so that equal contexts have equal texts. */
function sortedText(list: readonly (readonly [string, string])[]): string {
  return JSON.stringify([...list].sort(([a], [b]) => (a < b ? -1 : 1)));
}

describe('blobs in the AWS layout', () => {
  it('open to any plaintext from 1 to 4,096 bytes under any context', () => {
    fc.assert(
      fc.property(plaintexts, pairLists, (plaintext, list) => {
        const context = pairs(...list);
        const blob = encrypt(vault, key, AWS, context, plaintext);
        expect(open(blob, context)).toEqual(plaintext);
      }),
      { ...SEED, numRuns: 200 },
    );
  });

  it('have a length that follows from that of the plaintext, without gap or overlap', () => {
    let last = 0;
    for (let sizeBytes = 0; sizeBytes <= 4_200; sizeBytes += 1) {
      const blob = encrypt(vault, key, AWS, NO_CONTEXT, Buffer.alloc(sizeBytes));
      expect(blob.length).toBeGreaterThan(last);
      last = blob.length;
      const envelope = AWS.parse(blob);
      expect(envelope?.body.length).toBe(sizeBytes + 11 + 16);
      expect(envelope && envelope.header.length + envelope.body.length).toBe(blob.length);
    }
    expect(encrypt(vault, key, AWS, NO_CONTEXT, Buffer.alloc(32)).length).toBe(184);
  });

  it('refuse every flipped bit of one blob', () => {
    const context = pairs(['tenant', '1']);
    const blob = encrypt(vault, key, AWS, context, Buffer.from('the plaintext of 32 bytes length'));
    expect(blob.length).toBe(184);
    for (let bit = 0; bit < blob.length * 8; bit += 1) {
      expect(open(flip(blob, bit), context)).toEqual(REFUSED);
    }
  });

  it('refuse any flipped bit of any blob', () => {
    fc.assert(
      fc.property(plaintexts, pairLists, fc.nat(), (plaintext, list, at) => {
        const context = pairs(...list);
        const blob = encrypt(vault, key, AWS, context, plaintext);
        expect(open(flip(blob, at % (blob.length * 8)), context)).toEqual(REFUSED);
      }),
      { ...SEED, numRuns: 500 },
    );
  });

  it('refuse any bytes that are not theirs, and blobs cut or lengthened anywhere', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300, size: 'max' }), (bytes) => {
        expect(open(Buffer.from(bytes), NO_CONTEXT)).toEqual(REFUSED);
      }),
      { ...SEED, numRuns: 500 },
    );
    const blob = encrypt(vault, key, AWS, NO_CONTEXT, Buffer.alloc(100));
    for (let length = 0; length < blob.length; length += 1) {
      expect(open(blob.subarray(0, length), NO_CONTEXT)).toEqual(REFUSED);
      expect(open(Buffer.concat([blob, blob.subarray(0, length + 1)]), NO_CONTEXT)).toEqual(
        REFUSED,
      );
    }
  });

  it('refuse any changed context, and take a reordered one', () => {
    fc.assert(
      fc.property(pairLists, pairLists, (sealed, given) => {
        const blob = encrypt(vault, key, AWS, pairs(...sealed), Buffer.from('x'));
        const same = sortedText(sealed) === sortedText(given);
        expect(open(blob, pairs(...given))).toEqual(same ? Buffer.from('x') : REFUSED);
        expect(open(blob, pairs(...[...sealed].reverse()))).toEqual(Buffer.from('x'));
        // The smallest changes of all.
        for (const [at, [name, value]] of sealed.entries()) {
          const without = sealed.filter((_, index) => index !== at);
          const swapped = [...without, [value, name] as const];
          expect(open(blob, pairs(...without))).toEqual(REFUSED);
          expect(open(blob, pairs(...without, [name, `${value}\0`]))).toEqual(REFUSED);
          if (sortedText(swapped) !== sortedText(sealed)) {
            expect(open(blob, pairs(...swapped))).toEqual(REFUSED);
          }
        }
      }),
      { ...SEED, numRuns: 200 },
    );
  });

  it('take an empty context for none', () => {
    const blob = encrypt(vault, key, AWS, NO_CONTEXT, Buffer.from('x'));
    expect(open(blob, pairs())).toEqual(Buffer.from('x'));
    expect(open(blob, pairs(['', '']))).toEqual(REFUSED);
  });

  it('open after any number of rotations, each under its own version only', async () => {
    const blobs: Buffer[] = [];
    for (let turn = 0; turn < 5; turn += 1) {
      blobs.push(encrypt(vault, key, AWS, NO_CONTEXT, Buffer.from(`turn ${turn}`)));
      key = await rotateKey(vault, key.record, NOW_MS, {
        check: () => ({}),
        versionWireId: (fingerprint) => fingerprint.toString('hex'),
      });
    }
    for (const [turn, blob] of blobs.entries()) {
      expect(open(blob, NO_CONTEXT)).toEqual(Buffer.from(`turn ${turn}`));
      for (const { wireId } of key.record.versions) {
        const relabelled = Buffer.from(blob);
        relabelled.write(wireId, 5, 'hex');
        const own = relabelled.equals(blob);
        expect(open(relabelled, NO_CONTEXT)).toEqual(own ? Buffer.from(`turn ${turn}`) : REFUSED);
      }
    }
  });

  it('of one profile do not open as those of the other, though they look alike', () => {
    fc.assert(
      fc.property(plaintexts, pairLists, (plaintext, list) => {
        const context = pairs(...list);
        const aws = encrypt(vault, key, AWS, context, plaintext);
        const qkms = encrypt(vault, key, QKMS, context, plaintext);
        expect(aws.length).toBe(qkms.length);
        expect(open(aws, context, QKMS)).toEqual(REFUSED);
        expect(open(qkms, context, AWS)).toEqual(REFUSED);
        expect(open(qkms, context, QKMS)).toEqual(plaintext);
      }),
      { ...SEED, numRuns: 50 },
    );
  });

  it('share salt and nonce in none of 10,000', () => {
    const seen = new Set<string>();
    for (let at = 0; at < 10_000; at += 1) {
      const envelope = AWS.parse(encrypt(vault, key, AWS, NO_CONTEXT, Buffer.alloc(1)));
      // Twelve bytes of the salt make the message key.
      if (envelope === undefined) throw new Error('not the layout');
      const { salt, nonce } = envelope;
      seen.add(Buffer.concat([salt.subarray(0, 12), nonce]).toString('hex'));
    }
    expect(seen.size).toBe(10_000);
  });
});

describe('the canonical context', () => {
  it('is the same for two lists of pairs exactly when they hold the same pairs', () => {
    fc.assert(
      fc.property(pairLists, pairLists, (a, b) => {
        const [one, two] = [AWS.canonicalContext(pairs(...a)), AWS.canonicalContext(pairs(...b))];
        expect(one.equals(two)).toBe(sortedText(a) === sortedText(b));
        expect(AWS.canonicalContext(pairs(...[...a].reverse()))).toEqual(one);
      }),
      { ...SEED, numRuns: 1_000 },
    );
  });

  it('tells texts apart that UTF-8 cannot, and those that run together', () => {
    const all = [
      pairs(['a', 'b']),
      pairs(['ab', '']),
      pairs(['', 'ab']),
      pairs(['a', ''], ['b', '']),
      pairs(['a', '\ufffd']),
      pairs(['a', '\ud800']),
      pairs(['a', '\ud801']),
      pairs(['a', '\udc00']),
      pairs(['a', '\ud800\udc00']),
      pairs(['a', '\udc00\ud800']),
      pairs(['\ud800', 'a']),
      pairs(['a', '\u0000\u00d8']),
      pairs(['a', '00d8']),
      pairs(['__proto__', 'a']),
      pairs(['constructor', 'a']),
      pairs(['a', '\u00e9']),
      pairs(['a', 'e\u0301']),
      pairs(['A', 'b']),
    ].map((context) => AWS.canonicalContext(context).toString('hex'));
    expect(new Set(all).size).toBe(all.length);
  });

  it('is not made of bytes, which this dialect does not have', () => {
    const context: Context = { kind: 'bytes', bytes: Buffer.from('context') };
    expect(() => AWS.canonicalContext(context)).toThrowError(
      expect.objectContaining({
        code: 'InputInvalid',
        details: { reason: 'an encryption context is pairs of name and value' },
      }),
    );
  });
});
