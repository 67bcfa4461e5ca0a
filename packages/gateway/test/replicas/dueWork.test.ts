import { constants, createPublicKey, publicEncrypt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Link, startDatabase, startLink, type TestDatabase } from './database.js';
import { done } from './overstayed.js';
import { type Answer, makeKey, type Replica, repeat, startReplica, watch } from './replica.js';

let database: TestDatabase;
let link: Link;
let one: Replica;
/** The other one, which no notification reaches. */
let two: Replica;

beforeAll(async () => {
  database = await startDatabase();
  link = await startLink(database.address);
  link.breaksOn = (sent) => sent.includes('LISTEN keyglot_change');
  [one, two] = await Promise.all([startReplica(database.address), startReplica(link.address)]);
});
afterAll(async () => {
  await Promise.all([one, two].map((replica) => replica?.stop()));
  await link?.close();
  await database?.stop();
});

const DAY_SECONDS = 86_400;
const KEYS = 12;

async function advance({ admin }: Replica, sandbox: string, days: number): Promise<void> {
  const move = { advanceSeconds: days * DAY_SECONDS };
  expect((await admin('POST', `/sandboxes/${sandbox}/clock`, move)).status).toBe(200);
}

const rotationsIn = ({ output }: Answer): readonly Record<string, unknown>[] =>
  Object(output['Rotations']);

describe.concurrent('of two gateways on one database', () => {
  it('each does what is due, but nobody does it twice', async () => {
    const path = '/s/due/aws/';
    const ids = await repeat(KEYS, () => makeKey(one, path));
    for (const KeyId of ids) {
      await done(one.call('EnableKeyRotation', { KeyId, RotationPeriodInDays: 90 }, path));
      await done(two.call('GetKeyRotationStatus', { KeyId }, path));
    }
    const list = (at: Replica, KeyId: string) => done(at.call('ListKeyRotations', { KeyId }, path));
    const moved = advance(one, 'due', 300);
    // The other gateway learns of the new time by and by; both run into the same rotations.
    const watched = ids.map((KeyId) =>
      watch(
        () => list(two, KeyId),
        (answer) => rotationsIn(answer).length > 0,
      ),
    );
    const asked = ids.map((KeyId) => list(one, KeyId));
    await Promise.all([moved, ...watched, ...asked]);
    for (const KeyId of ids) {
      const here = await list(one, KeyId);
      // It may hold an earlier state until its lease of that, and of the time, has ended.
      const { answer: there } = await watch(
        () => list(two, KeyId),
        (answer) => rotationsIn(answer).length === rotationsIn(here).length,
      );
      const dates = rotationsIn(here).map(({ RotationDate }) => Number(RotationDate));
      expect(rotationsIn(here).map(({ RotationType }) => RotationType)).toEqual([
        'AUTOMATIC',
        'AUTOMATIC',
        'AUTOMATIC',
      ]);
      const steps = dates.slice(1).map((date, at) => Math.round(date - (dates[at] ?? 0)));
      expect(steps).toEqual([90 * DAY_SECONDS, 90 * DAY_SECONDS]);
      expect(there.output).toEqual(here.output);
    }
  });

  it('what one imports the other uses within a lease, and neither after its expiry', async () => {
    const path = '/s/expiry/aws/';
    const made = await done(one.call('CreateKey', { Origin: 'EXTERNAL' }, path));
    const KeyId = String(Object(made.output['KeyMetadata']).KeyId);
    const encrypt = { KeyId, Plaintext: 'c2VjcmV0' };
    expect((await two.call('Encrypt', encrypt, path)).code).toBe('KMSInvalidStateException');
    const choice = { WrappingAlgorithm: 'RSAES_OAEP_SHA_256', WrappingKeySpec: 'RSA_2048' };
    const { output } = await done(one.call('GetParametersForImport', { KeyId, ...choice }, path));
    const key = createPublicKey({
      key: Buffer.from(String(output['PublicKey']), 'base64'),
      format: 'der',
      type: 'spki',
    });
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    const wrapped = publicEncrypt({ key, padding, oaepHash: 'sha256' }, Buffer.alloc(32, 4));
    const clock = await one.admin('GET', '/sandboxes/expiry/clock');
    const nowMs = Date.parse(JSON.parse(clock.text).now);
    // A token of one gateway is good at the other.
    const input = {
      KeyId,
      ImportToken: output['ImportToken'],
      EncryptedKeyMaterial: wrapped.toString('base64'),
      ValidTo: nowMs / 1_000 + 10 * DAY_SECONDS,
    };
    await done(two.call('ImportKeyMaterial', input, path));
    const sealed = await watch(
      () => one.call('Encrypt', encrypt, path),
      ({ code }) => code === 'ok',
    );
    const { CiphertextBlob } = sealed.answer.output;
    await done(two.call('Decrypt', { CiphertextBlob }, path));
    await advance(one, 'expiry', 10);
    expect((await one.call('Decrypt', { CiphertextBlob }, path)).code).toBe(
      'KMSInvalidStateException',
    );
    await watch(
      () => two.call('Decrypt', { CiphertextBlob }, path),
      ({ code }) => code === 'KMSInvalidStateException',
    );
  });
});
