import { randomBytes } from 'node:crypto';
import {
  CancelKeyDeletionCommand,
  DecryptCommand,
  DeleteImportedKeyMaterialCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GetKeyRotationStatusCommand,
  ImportKeyMaterialCommand,
  type KeyMetadata,
  type KMSClient,
  ListKeyRotationsCommand,
  RotateKeyOnDemandCommand,
  type RotationsListEntry,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { tick } from '@keyglot/core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type AwsGateway,
  bytes,
  makeKey,
  members,
  refusal,
  refused,
  startAwsGateway,
} from '../support/awsGateway.js';
import { carrying, importMaterial, OAEP, parametersOf, STAYS } from '../support/importing.js';
import { DAY_MS, START_MS } from '../support/testClock.js';

let aws: AwsGateway;
let kms: KMSClient;

beforeAll(async () => {
  aws = await startAwsGateway();
  kms = aws.client();
});

beforeEach(() => {
  aws.clock.nowMs = START_MS;
});

afterAll(() => aws.close());

const MATERIAL_ID = expect.stringMatching(/^[0-9a-f]{64}$/);
const EXTERNAL = { Origin: 'EXTERNAL' } as const;
const day = (days: number): Date => new Date(START_MS + days * DAY_MS);
const expiring = (days: number) => ({
  ExpirationModel: 'KEY_MATERIAL_EXPIRES' as const,
  // Answers tell whole seconds.
  ValidTo: new Date(Math.floor(day(days).getTime() / 1_000) * 1_000),
});

async function metadata(KeyId: string): Promise<KeyMetadata> {
  const { KeyMetadata: key } = await kms.send(new DescribeKeyCommand({ KeyId }));
  if (key === undefined) throw new Error('no metadata');
  return key;
}

const stateOf = async (KeyId: string): Promise<unknown> => {
  const { KeyState, Enabled, ExpirationModel, ValidTo } = await metadata(KeyId);
  return { KeyState, Enabled, ExpirationModel, ValidTo };
};

async function materials(KeyId: string): Promise<readonly RotationsListEntry[]> {
  const input = { KeyId, IncludeKeyMaterial: 'ALL_KEY_MATERIAL' } as const;
  return (await kms.send(new ListKeyRotationsCommand(input))).Rotations ?? [];
}

async function seal(KeyId: string, text: string): Promise<Uint8Array | undefined> {
  const Plaintext = Buffer.from(text);
  return (await kms.send(new EncryptCommand({ KeyId, Plaintext }))).CiphertextBlob;
}

async function open(CiphertextBlob: Uint8Array | undefined): Promise<string> {
  const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob }));
  return bytes(Plaintext).toString();
}

const remove = (KeyId: string, KeyMaterialId?: string) =>
  kms.send(new DeleteImportedKeyMaterialCommand({ KeyId, KeyMaterialId }));

const unexpected = (id: string | undefined) =>
  refused(
    'IncorrectKeyMaterialException',
    `Imported key material does not have the expected identifier (${id}).`,
  );

const known = (id: string | undefined, arn: string) =>
  refused(
    'IncorrectKeyMaterialException',
    `Key material (id: ${id}) being imported as NEW_KEY_MATERIAL is already associated with KMS key ${arn}.`,
  );

const PENDING = { KeyState: 'PendingImport', Enabled: false };
const ENABLED = { KeyState: 'Enabled', Enabled: true };

describe('a key for imported material', () => {
  test('waits for it, and cannot be used, enabled or disabled until it is there', async () => {
    const { id, arn } = await makeKey(kms, EXTERNAL);
    const { CreationDate: _, ...told } = await metadata(id);
    expect(told).toMatchObject({ ...PENDING, Origin: 'EXTERNAL', Arn: arn });
    expect(told).not.toHaveProperty('CurrentKeyMaterialId');
    expect(told).not.toHaveProperty('ExpirationModel');
    const waits = refused('KMSInvalidStateException', `${arn} is pending import.`);
    expect(await refusal(seal(id, 'x'))).toEqual(waits);
    expect(await refusal(kms.send(new EnableKeyCommand({ KeyId: id })))).toEqual(waits);
    expect(await refusal(kms.send(new DisableKeyCommand({ KeyId: id })))).toEqual(waits);
    expect(await refusal(kms.send(new RotateKeyOnDemandCommand({ KeyId: id })))).toEqual(waits);
    expect(await materials(id)).toEqual([]);
  });

  test('is told where to send it: a pair and a token of its own for each request', async () => {
    const { id, arn } = await makeKey(kms, EXTERNAL);
    const [one, two] = [await parametersOf(kms, id), await parametersOf(kms, arn)];
    expect(members(one)).toEqual({
      KeyId: arn,
      ImportToken: expect.any(Uint8Array),
      PublicKey: expect.any(Uint8Array),
      ParametersValidTo: day(1),
    });
    expect(bytes(one.PublicKey)).not.toEqual(bytes(two.PublicKey));
    expect(bytes(one.ImportToken)).not.toEqual(bytes(two.ImportToken));
    expect(bytes(one.ImportToken).toString('base64')).toMatch(/^AQEC/);
  });

  test('is enabled by its material, and shows it', async () => {
    const { id, arn } = await makeKey(kms, EXTERNAL);
    const answer = await importMaterial(kms, id, randomBytes(32));
    expect(members(answer)).toEqual({ KeyId: arn, KeyMaterialId: MATERIAL_ID });
    const told = await metadata(id);
    expect(told).toMatchObject({
      ...ENABLED,
      Origin: 'EXTERNAL',
      ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
      CurrentKeyMaterialId: answer.KeyMaterialId,
    });
    expect(told).not.toHaveProperty('ValidTo');
    expect(await open(await seal(id, 'hello'))).toBe('hello');
  });

  test('cannot rotate by itself', async () => {
    const { id, arn } = await makeKey(kms, EXTERNAL);
    const external = refused(
      'UnsupportedOperationException',
      `${arn} origin is EXTERNAL which is not valid for this operation.`,
    );
    const enable = () => kms.send(new EnableKeyRotationCommand({ KeyId: id }));
    expect(await refusal(enable())).toEqual(external);
    await importMaterial(kms, id, randomBytes(32));
    expect(await refusal(enable())).toEqual(external);
    const status = await kms.send(new GetKeyRotationStatusCommand({ KeyId: id }));
    expect(members(status)).toEqual({ KeyId: arn, KeyRotationEnabled: false });
  });

  test('has ids of materials that depend on both key and material', async () => {
    const keys = [await makeKey(kms, EXTERNAL), await makeKey(kms, EXTERNAL)];
    const material = randomBytes(32);
    const ids = [];
    for (const { id } of keys) ids.push((await importMaterial(kms, id, material)).KeyMaterialId);
    expect(new Set(ids).size).toBe(2);
    const [one, two] = keys;
    // The same material in another key opens nothing: a ciphertext names its key.
    const CiphertextBlob = await seal(one?.id ?? '', 'x');
    const other = kms.send(new DecryptCommand({ CiphertextBlob, KeyId: two?.id }));
    expect((await refusal(other)).code).toBe('IncorrectKeyException');
  });
});

describe('DeleteImportedKeyMaterial', () => {
  test('makes the key wait; the same material brings its ciphertexts back, no other does', async () => {
    const { id, arn } = await makeKey(kms, EXTERNAL);
    const material = randomBytes(32);
    const { KeyMaterialId } = await importMaterial(kms, id, material);
    const sealed = await seal(id, 'kept');
    const answer = await remove(id);
    expect(members(answer)).toEqual({ KeyId: arn, KeyMaterialId });
    expect(await stateOf(id)).toEqual(PENDING);
    expect((await metadata(id)).CurrentKeyMaterialId).toBe(KeyMaterialId);
    expect(await refusal(open(sealed))).toEqual(
      refused('KMSInvalidStateException', `${arn} is pending import.`),
    );
    const other = importMaterial(kms, id, randomBytes(32));
    expect(await refusal(other)).toEqual(unexpected(KeyMaterialId));
    expect(await stateOf(id)).toEqual(PENDING);
    const again = await importMaterial(kms, id, material);
    expect(again.KeyMaterialId).toBe(KeyMaterialId);
    expect(await open(sealed)).toBe('kept');
  });

  test('leaves nothing of the material in the store', async () => {
    const { id } = await makeKey(kms, EXTERNAL);
    await importMaterial(kms, id, randomBytes(32));
    const { sandbox, id: keyId } = (await aws.loaded(id)).record;
    await remove(id);
    const stored = await aws.gateway.vault.store.readKey({ sandbox, id: keyId });
    expect(stored?.materials).toEqual([]);
  });

  test('of a key without material has nothing to do', async () => {
    const { id, arn } = await makeKey(kms, EXTERNAL);
    expect(members(await remove(id))).toEqual({ KeyId: arn });
    await importMaterial(kms, id, randomBytes(32));
    await remove(id);
    const before = (await aws.loaded(id)).record.revision;
    expect(await stateOf(id)).toEqual(PENDING);
    await remove(id);
    expect((await aws.loaded(id)).record.revision).toBe(before);
  });

  test('does not change the state of a key that waits for its deletion, which then comes back waiting', async () => {
    const { id } = await makeKey(kms, EXTERNAL);
    const material = randomBytes(32);
    await importMaterial(kms, id, material);
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: id }));
    await remove(id);
    expect(await stateOf(id)).toEqual({ KeyState: 'PendingDeletion', Enabled: false });
    await kms.send(new CancelKeyDeletionCommand({ KeyId: id }));
    expect(await stateOf(id)).toEqual(PENDING);
    await importMaterial(kms, id, material);
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: id }));
    await kms.send(new CancelKeyDeletionCommand({ KeyId: id }));
    expect((await metadata(id)).KeyState).toBe('Disabled');
  });

  test('also empties a disabled key, which material enables', async () => {
    const { id } = await makeKey(kms, EXTERNAL);
    const material = randomBytes(32);
    await importMaterial(kms, id, material);
    await kms.send(new DisableKeyCommand({ KeyId: id }));
    await importMaterial(kms, id, material, expiring(5));
    expect(await stateOf(id)).toEqual({ ...ENABLED, ...expiring(5) });
    await kms.send(new DisableKeyCommand({ KeyId: id }));
    await importMaterial(kms, id, randomBytes(32), { ...STAYS, ImportType: 'NEW_KEY_MATERIAL' });
    expect(await stateOf(id)).toMatchObject({ KeyState: 'Disabled' });
    await remove(id);
    expect(await stateOf(id)).toEqual(PENDING);
  });

  test('knows its materials', async () => {
    const { id, arn } = await makeKey(kms, EXTERNAL);
    await importMaterial(kms, id, randomBytes(32));
    const unknown = 'a'.repeat(64);
    expect(await refusal(remove(id, unknown))).toEqual(
      refused(
        'ValidationException',
        `Key material (id: ${unknown}) has never been imported into KMS key ${arn}.`,
      ),
    );
  });
});

describe('expiry', () => {
  test('takes the material on its date and not a millisecond before', async () => {
    const { id, arn } = await makeKey(kms, EXTERNAL);
    const material = randomBytes(32);
    // The default is that it expires.
    await importMaterial(kms, id, material, { ValidTo: day(10) });
    expect(await stateOf(id)).toEqual({ ...ENABLED, ...expiring(10) });
    const sealed = await seal(id, 'kept');
    aws.clock.nowMs = day(10).getTime() - 1;
    expect(await open(sealed)).toBe('kept');
    aws.clock.nowMs = day(10).getTime();
    expect(await refusal(open(sealed))).toEqual(
      refused('KMSInvalidStateException', `${arn} is pending import.`),
    );
    expect(await stateOf(id)).toEqual(PENDING);
    await importMaterial(kms, id, material, { ValidTo: day(20) });
    expect(await open(sealed)).toBe('kept');
    await importMaterial(kms, id, material, STAYS);
    aws.clock.nowMs = day(5_000).getTime();
    expect(await open(sealed)).toBe('kept');
  });

  test('is the same when the clock was in time', async () => {
    const { id } = await makeKey(kms, EXTERNAL);
    await importMaterial(kms, id, randomBytes(32), expiring(10));
    aws.clock.nowMs = day(30).getTime();
    await tick(aws.gateway.vault, 'main', aws.clock.nowMs);
    expect((await aws.loaded(id)).record).toMatchObject({ state: 'pending-import', dueAt: null });
  });

  test('in PendingDeletion takes the material and not the state', async () => {
    const { id } = await makeKey(kms, EXTERNAL);
    await importMaterial(kms, id, randomBytes(32), expiring(10));
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays: 30 }));
    aws.clock.nowMs = day(12).getTime();
    expect(await stateOf(id)).toEqual({ KeyState: 'PendingDeletion', Enabled: false });
    await kms.send(new CancelKeyDeletionCommand({ KeyId: id }));
    expect(await stateOf(id)).toEqual(PENDING);
  });

  test('of one of several materials is shown as the earliest, and makes the key wait', async () => {
    const { id } = await makeKey(kms, EXTERNAL);
    const [first, second] = [randomBytes(32), randomBytes(32)];
    await importMaterial(kms, id, first, expiring(20));
    await importMaterial(kms, id, second, { ...expiring(10), ImportType: 'NEW_KEY_MATERIAL' });
    // What waits for its rotation does not belong to the key yet.
    expect(await stateOf(id)).toEqual({ ...ENABLED, ...expiring(20) });
    await kms.send(new RotateKeyOnDemandCommand({ KeyId: id }));
    expect(await stateOf(id)).toEqual({ ...ENABLED, ...expiring(10) });
    aws.clock.nowMs = day(10).getTime();
    expect(await stateOf(id)).toEqual(PENDING);
    // Expired material is shown until it is deleted.
    const imports = async () =>
      (await materials(id)).map(({ ImportState, ValidTo }) => [ImportState, ValidTo]);
    expect(await imports()).toEqual([
      ['IMPORTED', expiring(20).ValidTo],
      ['IMPORTED', expiring(10).ValidTo],
    ]);
    await remove(id);
    expect(await imports()).toEqual([
      ['IMPORTED', expiring(20).ValidTo],
      ['PENDING_IMPORT', undefined],
    ]);
    await importMaterial(kms, id, second);
    expect(await stateOf(id)).toEqual({ ...ENABLED, ...expiring(20) });
  });
});

describe('rotation of imported material', () => {
  test('takes new material that was imported for it', async () => {
    const { id, arn } = await makeKey(kms, EXTERNAL);
    const [first, second] = [randomBytes(32), randomBytes(32)];
    const { KeyMaterialId: one } = await importMaterial(kms, id, first, {
      ...STAYS,
      KeyMaterialDescription: 'the first',
    });
    const rotate = () => kms.send(new RotateKeyOnDemandCommand({ KeyId: id }));
    expect(await refusal(rotate())).toEqual(
      refused(
        'KMSInvalidStateException',
        `No available key material pending rotation for the key: ${arn}.`,
      ),
    );
    const old = await seal(id, 'old');
    const { KeyMaterialId: two } = await importMaterial(kms, id, second, {
      ...expiring(30),
      ImportType: 'NEW_KEY_MATERIAL',
    });
    const pending = {
      KeyId: arn,
      KeyMaterialId: two,
      KeyMaterialState: 'PENDING_ROTATION',
      ImportState: 'IMPORTED',
      ...expiring(30),
    };
    const current = {
      KeyId: arn,
      KeyMaterialId: one,
      KeyMaterialDescription: 'the first',
      KeyMaterialState: 'CURRENT',
      ImportState: 'IMPORTED',
      ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
    };
    expect(await materials(id)).toEqual([current, pending]);
    expect((await kms.send(new ListKeyRotationsCommand({ KeyId: id }))).Rotations).toEqual([]);
    expect((await metadata(id)).CurrentKeyMaterialId).toBe(one);
    aws.clock.nowMs = day(3).getTime();
    expect(members(await rotate())).toEqual({ KeyId: arn });
    expect((await metadata(id)).CurrentKeyMaterialId).toBe(two);
    expect(await materials(id)).toEqual([
      { ...current, KeyMaterialState: 'NON_CURRENT' },
      { ...pending, KeyMaterialState: 'CURRENT', RotationDate: day(3), RotationType: 'ON_DEMAND' },
    ]);
    expect(await open(old)).toBe('old');
    const young = await kms.send(new DecryptCommand({ CiphertextBlob: await seal(id, 'young') }));
    expect(young.KeyMaterialId).toBe(two);
    expect((await refusal(rotate())).code).toBe('KMSInvalidStateException');
  });

  test('has one material waiting at a time, which may be taken back', async () => {
    const { id, arn } = await makeKey(kms, EXTERNAL);
    const fresh = { ...STAYS, ImportType: 'NEW_KEY_MATERIAL' } as const;
    const [first, second, third] = [randomBytes(32), randomBytes(32), randomBytes(32)];
    await importMaterial(kms, id, first, fresh);
    const described = { ...fresh, KeyMaterialDescription: 'for later' };
    const { KeyMaterialId: two } = await importMaterial(kms, id, second, described);
    const refusal3 = await refusal(importMaterial(kms, id, third, fresh));
    expect([refusal3.code, refusal3.message.replace(/id: [0-9a-f]{64}/, 'id: …')]).toEqual([
      'KMSInvalidStateException',
      `New key material (id: …) cannot be imported into KMS key ${arn}, because another key material (id: ${two}) is pending rotation.`,
    ]);
    expect(members(await remove(id, two))).toEqual({ KeyId: arn, KeyMaterialId: two });
    expect(await stateOf(id)).toMatchObject(ENABLED);
    expect(await materials(id)).toHaveLength(1);
    await importMaterial(kms, id, third, fresh);
    await kms.send(new RotateKeyOnDemandCommand({ KeyId: id }));
    // What was taken back may come again.
    expect((await importMaterial(kms, id, second, fresh)).KeyMaterialId).toBe(two);
    expect((await materials(id)).at(-1)).not.toHaveProperty('KeyMaterialDescription');
    expect((await materials(id)).map(({ KeyMaterialState: state }) => state)).toEqual([
      'NON_CURRENT',
      'CURRENT',
      'PENDING_ROTATION',
    ]);
    await kms.send(new RotateKeyOnDemandCommand({ KeyId: id }));
    expect((await metadata(id)).CurrentKeyMaterialId).toBe(two);
    expect((await materials(id)).map(({ KeyMaterialState: state }) => state)).toEqual([
      'NON_CURRENT',
      'NON_CURRENT',
      'CURRENT',
    ]);
  });

  test('needs all materials of the key for its use', async () => {
    const { id, arn } = await makeKey(kms, EXTERNAL);
    const [first, second] = [randomBytes(32), randomBytes(32)];
    const { KeyMaterialId: one } = await importMaterial(kms, id, first);
    await importMaterial(kms, id, second, { ...STAYS, ImportType: 'NEW_KEY_MATERIAL' });
    await kms.send(new RotateKeyOnDemandCommand({ KeyId: id }));
    await remove(id, one);
    expect((await metadata(id)).KeyState).toBe('PendingImport');
    expect(await refusal(seal(id, 'x'))).toEqual(
      refused('KMSInvalidStateException', `${arn} is pending import.`),
    );
    await remove(id);
    await importMaterial(kms, id, second);
    expect((await metadata(id)).KeyState).toBe('PendingImport');
    await importMaterial(kms, id, first, { ...STAYS, KeyMaterialId: one });
    expect((await metadata(id)).KeyState).toBe('Enabled');
  });

  test('that expires while it waits keeps its place, and makes the key wait once it is current', async () => {
    const { id, arn } = await makeKey(kms, EXTERNAL);
    await importMaterial(kms, id, randomBytes(32));
    const second = randomBytes(32);
    const fresh = { ...expiring(2), ImportType: 'NEW_KEY_MATERIAL' } as const;
    const { KeyMaterialId: two } = await importMaterial(kms, id, second, fresh);
    aws.clock.nowMs = day(2).getTime();
    expect((await materials(id))[1]).toMatchObject({
      KeyMaterialState: 'PENDING_ROTATION',
      ImportState: 'IMPORTED',
      ...expiring(2),
    });
    expect(await stateOf(id)).toMatchObject(ENABLED);
    const again = importMaterial(kms, id, second, { ...STAYS, ImportType: 'NEW_KEY_MATERIAL' });
    expect(await refusal(again)).toEqual(known(two, arn));
    await kms.send(new RotateKeyOnDemandCommand({ KeyId: id }));
    expect(await stateOf(id)).toEqual(PENDING);
    await importMaterial(kms, id, second);
    expect(await stateOf(id)).toMatchObject(ENABLED);
  });

  test('that is deleted after it expired while it waited is gone', async () => {
    const { id } = await makeKey(kms, EXTERNAL);
    await importMaterial(kms, id, randomBytes(32));
    const fresh = { ...expiring(2), ImportType: 'NEW_KEY_MATERIAL' } as const;
    const { KeyMaterialId: two } = await importMaterial(kms, id, randomBytes(32), fresh);
    aws.clock.nowMs = day(2).getTime();
    await remove(id, two);
    expect(await materials(id)).toHaveLength(1);
    expect(await stateOf(id)).toMatchObject(ENABLED);
  });
});

describe('reimport', () => {
  test('sets the expiry anew and keeps a description that is not given', async () => {
    const { id, arn } = await makeKey(kms, EXTERNAL);
    const material = randomBytes(32);
    const described = { ...STAYS, KeyMaterialDescription: 'from the safe' };
    const { KeyMaterialId } = await importMaterial(kms, id, material, described);
    await importMaterial(kms, id, material, { ...expiring(7), KeyMaterialId });
    expect(await materials(id)).toEqual([
      {
        KeyId: arn,
        KeyMaterialId,
        KeyMaterialState: 'CURRENT',
        KeyMaterialDescription: 'from the safe',
        ImportState: 'IMPORTED',
        ...expiring(7),
      },
    ]);
    await importMaterial(kms, id, material, { ...STAYS, KeyMaterialDescription: 'new' });
    expect((await materials(id))[0]).toMatchObject({ KeyMaterialDescription: 'new' });
    await remove(id);
    const [gone] = await materials(id);
    expect(gone).toEqual({
      KeyId: arn,
      KeyMaterialId,
      KeyMaterialState: 'CURRENT',
      KeyMaterialDescription: 'new',
      ImportState: 'PENDING_IMPORT',
    });
  });

  test.each([
    ['NEW_KEY_MATERIAL', true],
    ['EXISTING_KEY_MATERIAL', false],
    [undefined, false],
  ] as const)(
    'with ImportType %s of a known material is refused: %s',
    async (ImportType, fails) => {
      const { id, arn } = await makeKey(kms, EXTERNAL);
      const material = randomBytes(32);
      const { KeyMaterialId } = await importMaterial(kms, id, material);
      const again = importMaterial(kms, id, material, { ...STAYS, ImportType });
      if (fails) expect(await refusal(again)).toEqual(known(KeyMaterialId, arn));
      else expect((await again).KeyMaterialId).toEqual(MATERIAL_ID);
    },
  );

  test('refuses a material that is not the one of the given id', async () => {
    const { id } = await makeKey(kms, EXTERNAL);
    const [first, second] = [randomBytes(32), randomBytes(32)];
    const { KeyMaterialId } = await importMaterial(kms, id, first);
    await importMaterial(kms, id, second, { ...STAYS, ImportType: 'NEW_KEY_MATERIAL' });
    const wrong = importMaterial(kms, id, second, { ...STAYS, KeyMaterialId });
    expect(await refusal(wrong)).toEqual(unexpected(KeyMaterialId));
    const firstTime = await makeKey(kms, EXTERNAL);
    const existing = { ...STAYS, ImportType: 'EXISTING_KEY_MATERIAL' } as const;
    expect(await refusal(importMaterial(kms, firstTime.id, first, existing))).toEqual(
      refused('IncorrectKeyMaterialException'),
    );
  });
});

test('imports at once of the same first material make one version, whichever wins', async () => {
  const { id } = await makeKey(kms, EXTERNAL);
  const carried = carrying(await parametersOf(kms, id), Buffer.alloc(32, 9), OAEP);
  const answers = await Promise.all(
    Array.from({ length: 6 }, () =>
      kms.send(new ImportKeyMaterialCommand({ KeyId: id, ...carried, ...STAYS })),
    ),
  );
  expect(new Set(answers.map(({ KeyMaterialId }) => KeyMaterialId)).size).toBe(1);
  expect((await aws.loaded(id)).record.versions).toHaveLength(1);
});
