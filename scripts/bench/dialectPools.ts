import assert from 'node:assert/strict';
import { type Body, SPEAKERS, type Speaker } from './dialects.js';
import type { Target } from './gateway.js';
import type { PreparedPool } from './pools.js';
import { at, POOL_SIZE } from './requests.js';

/** A dialect beside AWS. */
export type Dialect = keyof typeof SPEAKERS;

const KEYS = 200;
const KEPT_SAMPLES = 50;

/** Requests of one dialect to encrypt, or to re-encrypt what was encrypted before. */
export async function dialectPool(
  dialect: Dialect,
  kind: 'Encrypt' | 'ReEncrypt',
  target: Target,
): Promise<PreparedPool> {
  const speaker: Speaker = SPEAKERS[dialect](target.signer.host);
  await target.register(speaker.credential);
  const answers = async (requests: readonly (() => Buffer)[]): Promise<Body[]> =>
    (await target.send(requests)).map((text) => Object(JSON.parse(text)));
  const made = await answers(
    Array.from({ length: KEYS }, (_, serial) => () => speaker.createKey(`${kind}-${serial}`)),
  );
  const keys = made.map((body) => String(speaker.keyOf(body)));
  const cases = Array.from({ length: POOL_SIZE }, (_, index) => ({
    keyId: at(keys, index * 7),
    plaintext: Buffer.alloc(16 + ((index * 37) % 112), `plaintext ${index} `),
  }));
  const encrypting = cases.map(
    ({ keyId, plaintext }) =>
      () =>
        speaker.encrypt(keyId, plaintext),
  );
  const sealed: [index: number, ciphertext: string][] = [];
  const sample = (index: number, body: string): void => {
    if (sealed.length >= KEPT_SAMPLES) return;
    sealed.push([index, String(speaker.ciphertextOf(Object(JSON.parse(body))))]);
  };
  const check = async (keyOf: (index: number) => string): Promise<void> => {
    assert.ok(sealed.length > 0, 'no answer was looked at');
    const opening = sealed.map(
      ([index, text]) =>
        () =>
          speaker.decrypt(keyOf(index), text),
    );
    for (const [place, body] of (await answers(opening)).entries()) {
      const [index] = at(sealed, place);
      assert.deepEqual(speaker.plaintextOf(body), at(cases, index).plaintext);
    }
  };
  if (kind === 'Encrypt') {
    const requests = encrypting.map((make) => make());
    return { requests, sample, check: () => check((index) => at(cases, index).keyId) };
  }
  const blobs = (await answers(encrypting)).map((body) => String(speaker.ciphertextOf(body)));
  const toOf = (index: number): string => at(keys, index * (dialect === 'ncp' ? 7 : 11));
  const requests = cases.map(({ keyId }, index) =>
    speaker.reEncrypt(keyId, at(blobs, index), toOf(index)),
  );
  return { requests, sample, check: () => check(toOf) };
}
