import { expect } from 'vitest';
import { DAY_MS, type TestClock } from '../support/testClock.js';
import type { Members, Outcome, Transport } from '../support/yandexTransports.js';

/** What a scenario works with; the same for both transports. */
export interface Scene {
  readonly clock: TestClock;
  readonly transport: Transport['name'];
  call(method: string, request: Members, headers?: Record<string, string>): Promise<Outcome>;
  /** The answer; fails when the call is refused. */
  ok(method: string, request: Members, headers?: Record<string, string>): Promise<Members>;
  /** Fails unless the call is refused with exactly this. */
  refused(method: string, request: Members, code: number, message: string): Promise<void>;
}

/** A story that must go the same way over REST and over gRPC. */
export interface Scenario {
  readonly name: string;
  run(scene: Scene): Promise<void>;
}

/**
 * Steps whose outcomes may differ between the transports, as `<scenario> #<step>`, and why. Whatever
 * differs and is not named here fails.
 */
export const DIFFERENCES: { readonly [step: string]: string } = {
  'refuses requests that break a limit #8':
    'JSON knows the names of enums only, so the transcoder refuses another one; gRPC carries numbers',
  'exchanges tokens #4':
    'in JSON two members of one choice are an error of the transcoder; in protobuf the last one wins',
};

const CRYPTO = 'SymmetricCryptoService';
const KEYS = 'SymmetricKeyService';
const FOLDER = 'b1gfolder00000000000';
const NO_KEY = 'abj00000000000000000';

/** Format, length of the id, `abj`; the last sextet has two bits of the id's next character. */
const BLOB_START = /^AAAAAQAAABRhYm[op]/;

const INVALID = 3;
const NOT_FOUND = 5;
const EXHAUSTED = 8;
const PRECONDITION = 9;
const UNIMPLEMENTED = 12;

const text = (value: string): string => Buffer.from(value).toString('base64');
const sized = (sizeBytes: number): string => Buffer.alloc(sizeBytes, 7).toString('base64');
const validation = (...problems: string[]): string =>
  ['Validation failed:', ...problems.map((one) => `  - ${one}`)].join('\n');

function member(value: Members, name: string): Members {
  const found = value[name];
  expect(found).toBeTypeOf('object');
  return found as Members; // just checked
}

/** A new key's id and the id of its first version. */
async function makeKey(
  { ok }: Scene,
  more: Members = {},
): Promise<{ readonly keyId: string; readonly versionId: string }> {
  const request = { folderId: FOLDER, defaultAlgorithm: 'AES_256', ...more };
  const metadata = member(await ok(`${KEYS}/Create`, request), 'metadata');
  return {
    keyId: String(metadata['keyId']),
    versionId: String(metadata['primaryVersionId']),
  };
}

async function rotate({ ok }: Scene, keyId: string): Promise<string> {
  const operation = await ok(`${KEYS}/Rotate`, { keyId });
  return String(member(operation, 'metadata')['newPrimaryVersionId']);
}

async function seal({ ok }: Scene, keyId: string, more: Members = {}): Promise<string> {
  const sealed = await ok(`${CRYPTO}/Encrypt`, { keyId, plaintext: text('secret'), ...more });
  return String(sealed['ciphertext']);
}

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'creates a key and shows it',
    async run(scene) {
      const { ok } = scene;
      const operation = await ok(`${KEYS}/Create`, {
        folderId: FOLDER,
        name: 'Имя с пробелами',
        description: 'for tests',
        labels: { env: 'test', 'a-b_1': '' },
        defaultAlgorithm: 'AES_192',
        rotationPeriod: '604800s',
        deletionProtection: true,
      });
      const key = member(operation, 'response');
      expect(operation).toMatchObject({
        done: true,
        description: 'create symmetric key',
        createdAt: '2023-11-14T22:13:20.123Z',
        createdBy: 'aje00000000000000000',
        modifiedAt: '2023-11-14T22:13:20.123Z',
      });
      expect(key).toEqual({
        '@type': 'type.googleapis.com/yandex.cloud.kms.v1.SymmetricKey',
        id: expect.stringMatching(/^abj[0-9a-v]{17}$/),
        folderId: FOLDER,
        createdAt: '2023-11-14T22:13:20.123Z',
        name: 'Имя с пробелами',
        description: 'for tests',
        labels: expect.objectContaining({ env: 'test' }),
        status: 'ACTIVE',
        primaryVersion: {
          id: expect.stringMatching(/^abj[0-9a-v]{17}$/),
          keyId: key['id'],
          status: 'ACTIVE',
          algorithm: 'AES_192',
          createdAt: '2023-11-14T22:13:20.123Z',
          primary: true,
        },
        defaultAlgorithm: 'AES_192',
        rotatedAt: '2023-11-14T22:13:20.123Z',
        rotationPeriod: '604800s',
        deletionProtection: true,
      });
      expect(member(operation, 'metadata')).toEqual({
        '@type': 'type.googleapis.com/yandex.cloud.kms.v1.CreateSymmetricKeyMetadata',
        keyId: key['id'],
        primaryVersionId: member(key, 'primaryVersion')['id'],
      });
      const { '@type': _, ...shown } = key;
      expect(await ok(`${KEYS}/Get`, { keyId: key['id'] })).toEqual(shown);
      expect(await ok('OperationService/Get', { operationId: operation['id'] })).toEqual(operation);
    },
  },
  {
    name: 'lists the keys of a folder page by page',
    async run(scene) {
      const { ok, refused } = scene;
      const made: string[] = [];
      for (let n = 0; n < 5; n += 1) {
        made.push((await makeKey(scene, { folderId: 'b1gpages', name: 'same' })).keyId);
      }
      await makeKey(scene, { folderId: 'b1gother' });
      const found: unknown[] = [];
      let pageToken = '';
      for (let page = 0; page < 3; page += 1) {
        const request = { folderId: 'b1gpages', pageSize: 2, ...(pageToken ? { pageToken } : {}) };
        const answer = await ok(`${KEYS}/List`, request);
        found.push(...(answer['keys'] as Members[]).map(({ id }) => id));
        pageToken = String(answer['nextPageToken'] ?? '');
        expect(pageToken === '').toBe(page === 2);
      }
      expect([...found].sort()).toEqual([...made].sort());
      expect(await ok(`${KEYS}/List`, { folderId: 'b1gempty' })).toEqual({});
      const badToken = validation('page_token: Invalid page token');
      await refused(`${KEYS}/List`, { folderId: 'b1gpages', pageToken: 'AAAA' }, INVALID, badToken);
      const tooMany = validation('page_size: Value must be <=1000');
      await refused(`${KEYS}/List`, { folderId: 'b1gpages', pageSize: 1001 }, INVALID, tooMany);
      await refused(`${KEYS}/List`, {}, INVALID, validation('folder_id: Field is required'));
    },
  },
  {
    name: 'encrypts and decrypts with additional data',
    async run(scene) {
      const { ok, refused } = scene;
      const { keyId, versionId } = await makeKey(scene);
      const aadContext = text('context');
      const plaintext = sized(32_768);
      const sealed = await ok(`${CRYPTO}/Encrypt`, { keyId, plaintext, aadContext });
      expect(sealed).toMatchObject({ keyId, versionId });
      const ciphertext = String(sealed['ciphertext']);
      expect(ciphertext).toMatch(BLOB_START);
      expect(Buffer.from(ciphertext, 'base64')).toHaveLength(32_768 + 80);
      const opened = await ok(`${CRYPTO}/Decrypt`, { keyId, ciphertext, aadContext });
      expect(opened).toEqual({ keyId, versionId, plaintext });

      const broken = 'Invalid ciphertext';
      await refused(`${CRYPTO}/Decrypt`, { keyId, ciphertext }, INVALID, broken);
      const otherContext = { keyId, ciphertext, aadContext: text('Context') };
      await refused(`${CRYPTO}/Decrypt`, otherContext, INVALID, broken);
      const other = await makeKey(scene);
      const otherKey = { keyId: other.keyId, ciphertext, aadContext };
      await refused(`${CRYPTO}/Decrypt`, otherKey, INVALID, broken);
      for (const at of [0, 7, 8, 31, 32, 47, 52, 63, 64, 32_847]) {
        const bytes = Buffer.from(ciphertext, 'base64');
        bytes[at] = (bytes[at] ?? 0) ^ 1;
        const flipped = { keyId, ciphertext: bytes.toString('base64'), aadContext };
        await refused(`${CRYPTO}/Decrypt`, flipped, INVALID, broken);
      }
      await refused(`${CRYPTO}/Decrypt`, { keyId, ciphertext: text('x') }, INVALID, broken);
      const noContext = await seal(scene, keyId);
      const emptyContext = { keyId, ciphertext: noContext, aadContext: '' };
      expect(await ok(`${CRYPTO}/Decrypt`, emptyContext)).toMatchObject({
        plaintext: text('secret'),
      });
    },
  },
  {
    name: 'rotates and keeps old versions usable',
    async run(scene) {
      const { ok, refused, clock } = scene;
      const { keyId, versionId: first } = await makeKey(scene, { defaultAlgorithm: 'AES_128' });
      const old = await seal(scene, keyId);
      const mask = { keyId, updateMask: 'defaultAlgorithm', defaultAlgorithm: 'AES_256_HSM' };
      await ok(`${KEYS}/Update`, mask);
      clock.nowMs += 1_000;
      const second = await rotate(scene, keyId);
      expect(second).not.toBe(first);
      expect(await ok(`${CRYPTO}/Decrypt`, { keyId, ciphertext: old })).toMatchObject({
        versionId: first,
      });
      const plaintext = text('x');
      expect(await ok(`${CRYPTO}/Encrypt`, { keyId, plaintext })).toMatchObject({
        versionId: second,
      });
      const named = { keyId, plaintext, versionId: first };
      expect(await ok(`${CRYPTO}/Encrypt`, named)).toMatchObject({ versionId: first });
      expect(await ok(`${KEYS}/ListVersions`, { keyId })).toEqual({
        keyVersions: [
          {
            id: second,
            keyId,
            status: 'ACTIVE',
            algorithm: 'AES_256_HSM',
            createdAt: new Date(clock.nowMs).toISOString(),
            primary: true,
            hostedByHsm: true,
          },
          {
            id: first,
            keyId,
            status: 'ACTIVE',
            algorithm: 'AES_128',
            createdAt: new Date(clock.nowMs - 1_000).toISOString(),
          },
        ],
      });
      const operation = await ok(`${KEYS}/SetPrimaryVersion`, { keyId, versionId: first });
      expect(member(operation, 'metadata')).toMatchObject({ keyId, versionId: first });
      expect(await ok(`${CRYPTO}/Encrypt`, { keyId, plaintext })).toMatchObject({
        versionId: first,
      });
      const page = await ok(`${KEYS}/ListVersions`, { keyId, pageSize: 1 });
      expect(page['keyVersions']).toMatchObject([{ id: second }]);
      const next = { keyId, pageToken: page['nextPageToken'] };
      expect(await ok(`${KEYS}/ListVersions`, next)).toMatchObject({
        keyVersions: [{ id: first }],
      });
      const stranger = { keyId, versionId: NO_KEY };
      const notFound = `Version ${NO_KEY} of symmetric key ${keyId} not found`;
      await refused(`${KEYS}/SetPrimaryVersion`, stranger, NOT_FOUND, notFound);
      await refused(`${CRYPTO}/Encrypt`, { ...stranger, plaintext }, NOT_FOUND, notFound);
      const dataKey = { ...stranger, dataKeySpec: 'AES_256' };
      await refused(`${CRYPTO}/GenerateDataKey`, dataKey, NOT_FOUND, notFound);
    },
  },
  {
    name: 'destroys versions after their time and brings them back before',
    async run(scene) {
      const { ok, refused, clock } = scene;
      const { keyId, versionId: first } = await makeKey(scene);
      const ciphertext = await seal(scene, keyId);
      const primary = `Symmetric key version ${first} is primary and cannot be destroyed`;
      const schedule = `${KEYS}/ScheduleVersionDestruction`;
      const cancel = `${KEYS}/CancelVersionDestruction`;
      await refused(schedule, { keyId, versionId: first }, PRECONDITION, primary);
      await rotate(scene, keyId);
      const notScheduled = `Symmetric key version ${first} is not scheduled for destruction`;
      await refused(cancel, { keyId, versionId: first }, PRECONDITION, notScheduled);

      const operation = await ok(schedule, { keyId, versionId: first });
      const destroyAt = new Date(clock.nowMs + 7 * DAY_MS).toISOString();
      expect(member(operation, 'metadata')).toMatchObject({ keyId, versionId: first, destroyAt });
      expect(member(operation, 'response')).toMatchObject({
        '@type': 'type.googleapis.com/yandex.cloud.kms.v1.SymmetricKeyVersion',
        id: first,
        status: 'SCHEDULED_FOR_DESTRUCTION',
        destroyAt,
      });
      const unusable = `Symmetric key version ${first} is not active`;
      const again = { keyId, versionId: first };
      await refused(schedule, again, PRECONDITION, unusable);
      await refused(`${KEYS}/SetPrimaryVersion`, again, PRECONDITION, unusable);
      await refused(`${CRYPTO}/Decrypt`, { keyId, ciphertext }, PRECONDITION, unusable);
      const encrypt = { ...again, plaintext: text('x') };
      await refused(`${CRYPTO}/Encrypt`, encrypt, PRECONDITION, unusable);

      const cancelled = member(await ok(cancel, again), 'response');
      expect(cancelled).toMatchObject({ id: first, status: 'ACTIVE' });
      expect(cancelled).not.toHaveProperty('destroyAt');
      await ok(`${CRYPTO}/Decrypt`, { keyId, ciphertext });

      const short = { ...again, pendingPeriod: '86399s' };
      const tooShort = validation('pending_period: Value must be at least 1 day');
      await refused(schedule, short, INVALID, tooShort);
      await ok(schedule, { ...again, pendingPeriod: '86400s' });
      clock.nowMs += DAY_MS;
      await refused(`${CRYPTO}/Decrypt`, { keyId, ciphertext }, PRECONDITION, unusable);
      await refused(cancel, again, PRECONDITION, notScheduled);
      const versions = await ok(`${KEYS}/ListVersions`, { keyId });
      expect(versions['keyVersions']).toMatchObject([
        { status: 'ACTIVE' },
        { id: first, status: 'DESTROYED' },
      ]);
    },
  },
  {
    name: 'stops and starts a key',
    async run(scene) {
      const { ok, refused } = scene;
      const { keyId } = await makeKey(scene);
      const ciphertext = await seal(scene, keyId);
      const off = await ok(`${KEYS}/Update`, { keyId, updateMask: 'status', status: 'INACTIVE' });
      expect(off['description']).toBe('update key');
      expect(member(off, 'response')).toMatchObject({ status: 'INACTIVE' });
      const inactive = `Symmetric key ${keyId} is not active`;
      const plaintext = text('x');
      await refused(`${CRYPTO}/Encrypt`, { keyId, plaintext }, PRECONDITION, inactive);
      await refused(`${CRYPTO}/Decrypt`, { keyId, ciphertext }, PRECONDITION, inactive);
      const dataKey = { keyId, dataKeySpec: 'AES_256' };
      await refused(`${CRYPTO}/GenerateDataKey`, dataKey, PRECONDITION, inactive);
      const reEncrypt = { keyId, sourceKeyId: keyId, ciphertext };
      await refused(`${CRYPTO}/ReEncrypt`, reEncrypt, PRECONDITION, inactive);
      expect(await ok(`${KEYS}/Get`, { keyId })).toMatchObject({ status: 'INACTIVE' });
      await ok(`${KEYS}/Update`, { keyId, updateMask: 'status', status: 'ACTIVE' });
      await ok(`${CRYPTO}/Decrypt`, { keyId, ciphertext });
      const creating = { keyId, updateMask: 'status', status: 'CREATING' };
      const problem = validation('status: Value must be ACTIVE or INACTIVE');
      await refused(`${KEYS}/Update`, creating, INVALID, problem);
      await refused(`${KEYS}/Update`, { keyId, updateMask: 'status' }, INVALID, problem);
    },
  },
  {
    name: 'changes what the mask names and nothing else',
    async run(scene) {
      const { ok, refused } = scene;
      const given = { name: 'a', description: 'b', labels: { c: 'd' }, rotationPeriod: '86400s' };
      const { keyId } = await makeKey(scene, given);
      const everything = {
        keyId,
        updateMask: 'name,labels',
        name: 'n',
        description: 'not in the mask',
        labels: { e: 'f' },
        deletionProtection: true,
        status: 'INACTIVE',
      };
      expect(member(await ok(`${KEYS}/Update`, everything), 'response')).toMatchObject({
        name: 'n',
        description: 'b',
        labels: { e: 'f' },
        status: 'ACTIVE',
        rotationPeriod: '86400s',
      });
      const cleared = { keyId, updateMask: 'name,description,labels,rotationPeriod' };
      const key = member(await ok(`${KEYS}/Update`, cleared), 'response');
      for (const gone of ['name', 'description', 'labels', 'rotationPeriod']) {
        expect(key).not.toHaveProperty(gone);
      }
      const required = validation('update_mask: Field is required');
      await refused(`${KEYS}/Update`, { keyId, name: 'x' }, INVALID, required);
      await refused(`${KEYS}/Update`, { keyId, updateMask: '' }, INVALID, required);
      const unknown = validation('update_mask: Unknown field in the mask');
      await refused(`${KEYS}/Update`, { keyId, updateMask: 'id' }, INVALID, unknown);
      const algorithm = validation('default_algorithm: Field is required');
      const noAlgorithm = { keyId, updateMask: 'defaultAlgorithm' };
      await refused(`${KEYS}/Update`, noAlgorithm, INVALID, algorithm);
      const period = validation('rotation_period: Value must be positive');
      const zero = { keyId, updateMask: 'rotationPeriod', rotationPeriod: '0s' };
      await refused(`${KEYS}/Update`, zero, INVALID, period);
    },
  },
  {
    name: 'deletes a key unless it is protected',
    async run(scene) {
      const { ok, refused } = scene;
      const folderId = 'b1gdeletion';
      const { keyId } = await makeKey(scene, { folderId, deletionProtection: true });
      const ciphertext = await seal(scene, keyId);
      const protectedText = `Symmetric key ${keyId} has deletion protection enabled`;
      await refused(`${KEYS}/Delete`, { keyId }, PRECONDITION, protectedText);
      await ok(`${KEYS}/Update`, { keyId, updateMask: 'deletionProtection' });
      const operation = await ok(`${KEYS}/Delete`, { keyId });
      expect(member(operation, 'metadata')).toEqual({
        '@type': 'type.googleapis.com/yandex.cloud.kms.v1.DeleteSymmetricKeyMetadata',
        keyId,
      });
      expect(member(operation, 'response')).toMatchObject({
        '@type': 'type.googleapis.com/yandex.cloud.kms.v1.SymmetricKey',
        id: keyId,
      });
      const gone = `Symmetric key ${keyId} not found`;
      await refused(`${KEYS}/Get`, { keyId }, NOT_FOUND, gone);
      await refused(`${KEYS}/Delete`, { keyId }, NOT_FOUND, gone);
      await refused(`${CRYPTO}/Decrypt`, { keyId, ciphertext }, NOT_FOUND, gone);
      expect(await ok(`${KEYS}/List`, { folderId })).toEqual({});
      expect(await ok('OperationService/Get', { operationId: operation['id'] })).toEqual(operation);
    },
  },
  {
    name: 're-encrypts',
    async run(scene) {
      const { ok, refused } = scene;
      const { keyId: from, versionId: sourceVersionId } = await makeKey(scene);
      const { keyId: to, versionId: first } = await makeKey(scene, { folderId: 'b1gelsewhere' });
      const second = await rotate(scene, to);
      const old = text('old');
      const ciphertext = await seal(scene, from, { aadContext: old });
      const base = { keyId: to, sourceKeyId: from, sourceAadContext: old, ciphertext };

      const moved = await ok(`${CRYPTO}/ReEncrypt`, base);
      expect(moved).toEqual({
        keyId: to,
        versionId: second,
        sourceKeyId: from,
        sourceVersionId,
        ciphertext: expect.stringMatching(BLOB_START),
      });
      const plain = { keyId: to, ciphertext: moved['ciphertext'] };
      // The old context is not carried over.
      expect(await ok(`${CRYPTO}/Decrypt`, plain)).toMatchObject({ plaintext: text('secret') });
      const broken = 'Invalid ciphertext';
      await refused(`${CRYPTO}/Decrypt`, { ...plain, aadContext: old }, INVALID, broken);

      const fresh = text('new');
      const named = { ...base, versionId: first, aadContext: fresh };
      const bound = await ok(`${CRYPTO}/ReEncrypt`, named);
      expect(bound).toMatchObject({ versionId: first });
      const withNew = { keyId: to, ciphertext: bound['ciphertext'], aadContext: fresh };
      expect(await ok(`${CRYPTO}/Decrypt`, withNew)).toMatchObject({ plaintext: text('secret') });

      const rotated = await rotate(scene, from);
      const same = await ok(`${CRYPTO}/ReEncrypt`, { ...base, keyId: from });
      expect(same).toMatchObject({ versionId: rotated, sourceVersionId });

      const reEncrypt = `${CRYPTO}/ReEncrypt`;
      const { sourceAadContext: _, ...noContext } = base;
      await refused(reEncrypt, noContext, INVALID, broken);
      await refused(reEncrypt, { ...base, sourceAadContext: fresh }, INVALID, broken);
      await refused(reEncrypt, { ...base, sourceKeyId: to }, INVALID, broken);
      await refused(reEncrypt, { ...base, ciphertext: text('?') }, INVALID, broken);
      const stranger = { ...base, versionId: sourceVersionId };
      const noVersion = `Version ${sourceVersionId} of symmetric key ${to} not found`;
      await refused(reEncrypt, stranger, NOT_FOUND, noVersion);
      await refused(reEncrypt, { ...stranger, ciphertext: text('?') }, INVALID, broken);
      await refused(reEncrypt, { ...stranger, sourceAadContext: fresh }, INVALID, broken);
      const noTarget = `Symmetric key ${NO_KEY} not found`;
      await refused(reEncrypt, { ...base, keyId: NO_KEY }, NOT_FOUND, noTarget);
      await refused(reEncrypt, { ...base, sourceKeyId: NO_KEY }, NOT_FOUND, noTarget);
      const nothing = validation(
        'source_key_id: Field is required',
        'ciphertext: Field is required',
      );
      await refused(reEncrypt, { keyId: to }, INVALID, nothing);

      await ok(`${KEYS}/Update`, { keyId: to, updateMask: 'status', status: 'INACTIVE' });
      const inactive = `Symmetric key ${to} is not active`;
      await refused(reEncrypt, base, PRECONDITION, inactive);
      // What is wrong with the source is said first.
      await refused(reEncrypt, noContext, INVALID, broken);
      const backwards = { keyId: from, sourceKeyId: to, ciphertext: moved['ciphertext'] };
      await refused(reEncrypt, backwards, PRECONDITION, inactive);
    },
  },
  {
    name: 'makes data keys of every length',
    async run(scene) {
      const { ok, refused } = scene;
      const { keyId, versionId } = await makeKey(scene);
      const sizes: readonly (readonly [string, number])[] = [
        ['AES_128', 16],
        ['AES_192', 24],
        ['AES_256', 32],
        ['AES_256_HSM', 32],
        ['GOST_R_3412_2015_K', 32],
      ];
      for (const [dataKeySpec, sizeBytes] of sizes) {
        const aadContext = text(dataKeySpec);
        const made = await ok(`${CRYPTO}/GenerateDataKey`, { keyId, dataKeySpec, aadContext });
        expect(made).toMatchObject({ keyId, versionId });
        const plaintext = String(made['dataKeyPlaintext']);
        const ciphertext = String(made['dataKeyCiphertext']);
        expect(Buffer.from(plaintext, 'base64')).toHaveLength(sizeBytes);
        expect(Buffer.from(ciphertext, 'base64')).toHaveLength(sizeBytes + 80);
        const opened = await ok(`${CRYPTO}/Decrypt`, { keyId, ciphertext, aadContext });
        expect(opened).toMatchObject({ plaintext });
      }
      const second = await rotate(scene, keyId);
      const hidden = { keyId, dataKeySpec: 'AES_256', skipPlaintext: true, versionId };
      const skipped = await ok(`${CRYPTO}/GenerateDataKey`, hidden);
      expect(skipped).toMatchObject({ versionId });
      expect(skipped).not.toHaveProperty('dataKeyPlaintext');
      const sealed = { keyId, ciphertext: skipped['dataKeyCiphertext'] };
      const { plaintext } = await ok(`${CRYPTO}/Decrypt`, sealed);
      expect(Buffer.from(String(plaintext), 'base64')).toHaveLength(32);
      const primary = { keyId, dataKeySpec: 'AES_128' };
      expect(await ok(`${CRYPTO}/GenerateDataKey`, primary)).toMatchObject({ versionId: second });
      const required = validation('data_key_spec: Field is required');
      await refused(`${CRYPTO}/GenerateDataKey`, { keyId }, INVALID, required);
    },
  },
  {
    name: 'refuses requests that break a limit',
    async run(scene) {
      const { call, refused } = scene;
      const { keyId } = await makeKey(scene);
      const tooLong = 'Field length must be <=';
      const create = { folderId: FOLDER, defaultAlgorithm: 'AES_256' };
      await refused(
        `${KEYS}/Create`,
        {},
        INVALID,
        validation('folder_id: Field is required', 'default_algorithm: Field is required'),
      );
      await refused(
        `${KEYS}/Create`,
        {
          ...create,
          folderId: 'f'.repeat(51),
          name: '𝒏'.repeat(101),
          description: 'd'.repeat(1_025),
        },
        INVALID,
        validation(`folder_id: ${tooLong}50`, `name: ${tooLong}100`, `description: ${tooLong}1024`),
      );
      const labels: readonly (readonly [Members, string])[] = [
        [{ Upper: 'x' }, 'Map key does not match the pattern /[a-z][-_0-9a-z]*/'],
        [{ a: 'UPPER' }, 'Map value does not match the pattern /[-_0-9a-z]*/'],
        [{ ['k'.repeat(64)]: '' }, 'Map key length must be <=63'],
      ];
      for (const [one, problem] of labels) {
        const request = { ...create, labels: one };
        await refused(`${KEYS}/Create`, request, INVALID, validation(`labels: ${problem}`));
      }
      const many = Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`l${n}`, '']));
      const count = validation('labels: Number of elements must be <=64');
      await refused(`${KEYS}/Create`, { ...create, labels: many }, INVALID, count);
      const odd = await call(`${KEYS}/Create`, { ...create, defaultAlgorithm: 'AES_512' });
      expect(odd.code).toBe(INVALID);
      const negative = { ...create, rotationPeriod: '-1s' };
      const period = validation('rotation_period: Value must be positive');
      await refused(`${KEYS}/Create`, negative, INVALID, period);

      const encrypt = `${CRYPTO}/Encrypt`;
      const plaintext = text('x');
      const empty = validation('plaintext: Field is required');
      await refused(encrypt, { keyId }, INVALID, empty);
      await refused(encrypt, { keyId, plaintext: '' }, INVALID, empty);
      await refused(
        encrypt,
        { keyId, plaintext: sized(32_769), aadContext: sized(8_193), versionId: 'v'.repeat(51) },
        INVALID,
        validation(
          `version_id: ${tooLong}50`,
          `aad_context: ${tooLong}8192`,
          `plaintext: ${tooLong}32768`,
        ),
      );
      const longId = validation(`key_id: ${tooLong}50`);
      await refused(encrypt, { keyId: 'k'.repeat(51), plaintext }, INVALID, longId);
      const noCiphertext = validation('ciphertext: Field is required');
      await refused(`${CRYPTO}/Decrypt`, { keyId }, INVALID, noCiphertext);
      const noVersion = validation('version_id: Field is required');
      for (const name of [
        'SetPrimaryVersion',
        'ScheduleVersionDestruction',
        'CancelVersionDestruction',
      ]) {
        await refused(`${KEYS}/${name}`, { keyId }, INVALID, noVersion);
      }
    },
  },
  {
    name: 'does not know keys that nobody made',
    async run({ refused }) {
      const keyId = NO_KEY;
      const notFound = `Symmetric key ${NO_KEY} not found`;
      const requests: readonly (readonly [string, Members])[] = [
        [`${CRYPTO}/Encrypt`, { plaintext: text('x') }],
        [`${CRYPTO}/Decrypt`, { ciphertext: text('x') }],
        [`${CRYPTO}/GenerateDataKey`, { dataKeySpec: 'AES_256' }],
        [`${KEYS}/Get`, {}],
        [`${KEYS}/ListVersions`, {}],
        [`${KEYS}/Update`, { updateMask: 'name' }],
        [`${KEYS}/Delete`, {}],
        [`${KEYS}/Rotate`, {}],
        [`${KEYS}/SetPrimaryVersion`, { versionId: NO_KEY }],
        [`${KEYS}/ScheduleVersionDestruction`, { versionId: NO_KEY }],
        [`${KEYS}/CancelVersionDestruction`, { versionId: NO_KEY }],
      ];
      for (const [method, request] of requests) {
        await refused(method, { keyId, ...request }, NOT_FOUND, notFound);
      }
      const operation = `Operation ${NO_KEY} not found`;
      await refused('OperationService/Get', { operationId: NO_KEY }, NOT_FOUND, operation);
    },
  },
  {
    name: 'says what it does not serve yet',
    async run({ refused }) {
      const keyId = NO_KEY;
      await refused(
        `${KEYS}/ListOperations`,
        { keyId },
        UNIMPLEMENTED,
        'Method not found: yandex.cloud.kms.v1.SymmetricKeyService/ListOperations',
      );
      await refused(
        'OperationService/Cancel',
        { operationId: NO_KEY },
        UNIMPLEMENTED,
        'Method not found: yandex.cloud.operation.OperationService/Cancel',
      );
    },
  },
  {
    name: 'does a change once for each idempotency key',
    async run(scene) {
      const { ok } = scene;
      const { keyId } = await makeKey(scene);
      const key = { 'idempotency-key': '5b1c9f2e-8a0d-4d5e-9a57-1d2f0c3b4a59' };
      const first = await ok(`${KEYS}/Rotate`, { keyId }, key);
      expect(await ok(`${KEYS}/Rotate`, { keyId }, key)).toEqual(first);
      const [left, right] = await Promise.all([
        ok(`${KEYS}/Rotate`, { keyId }, { 'idempotency-key': 'at once' }),
        ok(`${KEYS}/Rotate`, { keyId }, { 'idempotency-key': 'at once' }),
      ]);
      expect(left).toEqual(right);
      expect(left['id']).not.toBe(first['id']);
      const versions = await ok(`${KEYS}/ListVersions`, { keyId });
      expect(versions['keyVersions']).toHaveLength(3);
    },
  },
  {
    name: 'rotates by itself when the period is over',
    async run(scene) {
      const { ok, clock } = scene;
      const folderId = 'b1grotation';
      const { keyId, versionId } = await makeKey(scene, { folderId, rotationPeriod: '86400s' });
      const ciphertext = await seal(scene, keyId);
      clock.nowMs += DAY_MS - 1;
      expect(await ok(`${CRYPTO}/Encrypt`, { keyId, plaintext: text('x') })).toMatchObject({
        versionId,
      });
      clock.nowMs += 1;
      const sealed = await ok(`${CRYPTO}/Encrypt`, { keyId, plaintext: text('x') });
      expect(sealed['versionId']).not.toBe(versionId);
      expect(await ok(`${CRYPTO}/Decrypt`, { keyId, ciphertext })).toMatchObject({ versionId });
      clock.nowMs += DAY_MS;
      const listed = await ok(`${KEYS}/List`, { folderId });
      expect(listed['keys']).toMatchObject([{ rotatedAt: new Date(clock.nowMs).toISOString() }]);
      const versions = await ok(`${KEYS}/ListVersions`, { keyId });
      expect(versions['keyVersions']).toHaveLength(3);
    },
  },
  {
    name: 'keeps at most a hundred versions',
    async run(scene) {
      const { ok, refused } = scene;
      const { keyId } = await makeKey(scene);
      for (let version = 2; version <= 100; version += 1) await ok(`${KEYS}/Rotate`, { keyId });
      const limit = 'The limit of 100 versions of a key has been reached';
      await refused(`${KEYS}/Rotate`, { keyId }, EXHAUSTED, limit);
    },
  },
  {
    name: 'exchanges tokens',
    async run({ call, ok, refused, clock }) {
      const exchanged = await ok('IamTokenService/Create', { yandexPassportOauthToken: 'AQAD' });
      expect(exchanged).toEqual({
        iamToken: expect.stringMatching(/^t1\.[A-Z0-9a-z_-]+\.[A-Z0-9a-z_-]{86}$/),
        expiresAt: new Date(clock.nowMs + 12 * 3_600_000).toISOString(),
      });
      const nothing = validation('identity: One of the options must be selected');
      await refused('IamTokenService/Create', {}, INVALID, nothing);
      const long = { jwt: 'j'.repeat(8_001) };
      const tooLong = validation('jwt: Field length must be <=8000');
      await refused('IamTokenService/Create', long, INVALID, tooLong);
      await call('IamTokenService/Create', { jwt: 'x', yandexPassportOauthToken: 'x' });
      await refused('IamTokenService/Create', { jwt: 'x' }, 16, 'JWT is invalid or has expired');
    },
  },
  {
    name: 'lists the endpoints',
    async run({ ok, refused }) {
      const { endpoints } = await ok('ApiEndpointService/List', {});
      const address = expect.stringMatching(/^127\.0\.0\.1:\d+$/);
      const ids = ['endpoint', 'iam', 'kms', 'kms-crypto', 'operation', 'resource-manager'];
      expect(endpoints).toEqual(ids.map((id) => ({ id, address })));
      const one = await ok('ApiEndpointService/Get', { apiEndpointId: 'kms-crypto' });
      expect(one).toEqual({ id: 'kms-crypto', address });
      const unknown = { apiEndpointId: 'compute' };
      await refused('ApiEndpointService/Get', unknown, NOT_FOUND, 'Endpoint compute not found');
    },
  },
];
