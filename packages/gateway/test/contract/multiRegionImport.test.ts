import { generateKeyPairSync, randomBytes } from 'node:crypto';
import {
  type CreateKeyCommandInput,
  DecryptCommand,
  DeleteImportedKeyMaterialCommand,
  DescribeKeyCommand,
  EncryptCommand,
  type KMSClient,
  ListKeyRotationsCommand,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  SignCommand,
  UpdatePrimaryRegionCommand,
  VerifyCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type AwsGateway,
  bytes,
  makeKey,
  refusal,
  refused,
  SIGN,
  startAwsGateway,
} from '../support/awsGateway.js';
import { HYBRID, importMaterial, STAYS } from '../support/importing.js';
import { AWAY, arnIn, HOME, THIRD } from '../support/multiRegion.js';
import { DAY_MS, START_MS } from '../support/testClock.js';

let aws: AwsGateway;
let home: KMSClient;
let away: KMSClient;

beforeAll(async () => {
  aws = await startAwsGateway();
  home = aws.client({ region: HOME });
  away = aws.client({ region: AWAY });
});

beforeEach(() => {
  aws.clock.nowMs = START_MS;
});

afterAll(() => aws.close());

const NEW = { ...STAYS, ImportType: 'NEW_KEY_MATERIAL' } as const;
const EXISTING = { ...STAYS, ImportType: 'EXISTING_KEY_MATERIAL' } as const;
const expiring = (days: number) => ({ ValidTo: new Date(START_MS + days * DAY_MS) });
const inDays = (days: number): void => {
  aws.clock.nowMs = START_MS + days * DAY_MS;
};

/** A primary key with this material, and a replica key that waits for it. */
async function makeReplicated(
  material: Buffer,
  input: CreateKeyCommandInput = {},
  choice?: typeof HYBRID,
): Promise<string> {
  const { id } = await makeKey(home, { ...input, MultiRegion: true, Origin: 'EXTERNAL' });
  await importMaterial(home, id, material, STAYS, choice);
  await home.send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: AWAY }));
  return id;
}

async function stateOf(client: KMSClient, KeyId: string): Promise<string | undefined> {
  const { KeyMetadata: key } = await client.send(new DescribeKeyCommand({ KeyId }));
  return key?.KeyState;
}

/** State and presence of every material of a symmetric key, the oldest first. */
async function materials(client: KMSClient, KeyId: string): Promise<unknown> {
  const input = { KeyId, IncludeKeyMaterial: 'ALL_KEY_MATERIAL' } as const;
  const { Rotations = [] } = await client.send(new ListKeyRotationsCommand(input));
  return Rotations.map(({ KeyMaterialState, ImportState }) => [KeyMaterialState, ImportState]);
}

async function descriptions(client: KMSClient, KeyId: string): Promise<unknown> {
  const input = { KeyId, IncludeKeyMaterial: 'ALL_KEY_MATERIAL' } as const;
  const { Rotations = [] } = await client.send(new ListKeyRotationsCommand(input));
  return Rotations.map(({ KeyMaterialDescription }) => KeyMaterialDescription);
}

const rotate = (client: KMSClient, KeyId: string) =>
  client.send(new RotateKeyOnDemandCommand({ KeyId }));
const remove = (client: KMSClient, KeyId: string, KeyMaterialId?: string) =>
  client.send(new DeleteImportedKeyMaterialCommand({ KeyId, KeyMaterialId }));

async function seal(client: KMSClient, KeyId: string): Promise<Buffer> {
  const sealed = await client.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') }));
  return bytes(sealed.CiphertextBlob);
}

const open = (client: KMSClient, CiphertextBlob: Buffer) =>
  client.send(new DecryptCommand({ CiphertextBlob }));

describe('a replica key of a key with imported material', () => {
  test('is made without it, and works with the same material only', async () => {
    const material = randomBytes(32);
    const id = await makeReplicated(material);
    const { KeyMetadata: replica } = await away.send(new DescribeKeyCommand({ KeyId: id }));
    expect(replica).toMatchObject({
      KeyState: 'PendingImport',
      Origin: 'EXTERNAL',
      Enabled: false,
    });
    expect(replica).not.toHaveProperty('ExpirationModel');
    const sealed = await seal(home, id);
    expect(await refusal(open(away, sealed))).toEqual(
      refused('KMSInvalidStateException', `${arnIn(AWAY, id)} is pending import.`),
    );
    const wrong = await refusal(importMaterial(away, id, randomBytes(32)));
    expect(wrong.code).toBe('IncorrectKeyMaterialException');
    const { KeyMetadata: primary } = await home.send(new DescribeKeyCommand({ KeyId: id }));
    const imported = await importMaterial(away, id, material);
    expect(imported.KeyMaterialId).toBe(primary?.CurrentKeyMaterialId);
    expect(await stateOf(away, id)).toBe('Enabled');
    expect(bytes((await open(away, sealed)).Plaintext).toString()).toBe('x');
    await open(home, await seal(away, id));
  });

  test('shows while it is made how the material of the primary key expires, and not afterwards', async () => {
    // Recorded without a date: https://github.com/radkawar/stackd/blob/9dc356f/testdata/aws/kms/imports_multi_region.json
    const ValidTo = new Date(Math.floor(START_MS / 1_000) * 1_000 + 10 * DAY_MS);
    const cases = [
      [STAYS, STAYS],
      [{ ValidTo }, { ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo }],
    ] as const;
    for (const [more, shown] of cases) {
      const { id } = await makeKey(home, { MultiRegion: true, Origin: 'EXTERNAL' });
      await importMaterial(home, id, randomBytes(32), more);
      const answer = await home.send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: AWAY }));
      const { ReplicaKeyMetadata: made } = answer;
      expect(made).toMatchObject({ KeyState: 'Creating', Enabled: false, ...shown });
      expect(made).not.toHaveProperty('CurrentKeyMaterialId');
      const { KeyMetadata: key } = await away.send(new DescribeKeyCommand({ KeyId: id }));
      expect(key).not.toHaveProperty('ExpirationModel');
      expect(key).not.toHaveProperty('ValidTo');
    }
  });

  test('signs and verifies for the primary key', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const material = privateKey.export({ format: 'der', type: 'pkcs8' });
    const id = await makeReplicated(material, SIGN, HYBRID);
    await importMaterial(away, id, material, STAYS, HYBRID);
    const what = {
      KeyId: id,
      Message: Buffer.from('message'),
      SigningAlgorithm: 'ECDSA_SHA_256',
    } as const;
    const { Signature } = await home.send(new SignCommand(what));
    const { SignatureValid } = await away.send(new VerifyCommand({ ...what, Signature }));
    expect(SignatureValid).toBe(true);
  });

  test('cannot be made before the primary key has its material', async () => {
    const { id, arn } = await makeKey(home, { MultiRegion: true, Origin: 'EXTERNAL' });
    const answer = home.send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: AWAY }));
    expect(await refusal(answer)).toEqual(
      refused('KMSInvalidStateException', `${arn} is pending import.`),
    );
  });

  test('loses its material by itself, whether it is deleted or expires', async () => {
    const material = randomBytes(32);
    const id = await makeReplicated(material);
    await importMaterial(away, id, material, expiring(10));
    inDays(10);
    expect([await stateOf(home, id), await stateOf(away, id)]).toEqual([
      'Enabled',
      'PendingImport',
    ]);
    await importMaterial(away, id, material);
    await remove(home, id);
    expect([await stateOf(home, id), await stateOf(away, id)]).toEqual([
      'PendingImport',
      'Enabled',
    ]);
  });
});

describe('new material of a symmetric multi-Region key', () => {
  /** Both keys have their first material, and the primary key another one that waits. */
  async function makePending(first = randomBytes(32), second = randomBytes(32)) {
    const id = await makeReplicated(first);
    await importMaterial(away, id, first);
    const { KeyMaterialId } = await importMaterial(home, id, second, NEW);
    return { id, first, second, KeyMaterialId };
  }
  const EVERYWHERE_BUT = ['PENDING_MULTI_REGION_IMPORT_AND_ROTATION', 'IMPORTED'];
  const MISSING = ['PENDING_MULTI_REGION_IMPORT_AND_ROTATION', 'PENDING_IMPORT'];
  const READY = ['PENDING_ROTATION', 'IMPORTED'];
  const CURRENT = ['CURRENT', 'IMPORTED'];

  test('is to be imported into every key before the primary key can rotate', async () => {
    const { id, second } = await makePending();
    expect(await materials(home, id)).toEqual([CURRENT, EVERYWHERE_BUT]);
    expect(await materials(away, id)).toEqual([CURRENT, MISSING]);
    const none = refused(
      'KMSInvalidStateException',
      `No available key material pending rotation for the key: ${arnIn(HOME, id)}.`,
    );
    expect(await refusal(rotate(home, id))).toEqual(
      refused(
        'KMSInvalidStateException',
        'Cannot perform key material rotation: Key material has not been imported for replicas of the Multi-Region key.',
      ),
    );
    // Meanwhile all is as it was.
    await open(away, await seal(home, id));
    await importMaterial(away, id, second, EXISTING);
    for (const client of [home, away])
      expect(await materials(client, id)).toEqual([CURRENT, READY]);
    const before = await seal(away, id);
    await rotate(home, id);
    for (const client of [home, away]) {
      expect(await materials(client, id)).toEqual([['NON_CURRENT', 'IMPORTED'], CURRENT]);
      await open(client, before);
    }
    await open(home, await seal(away, id));
    await open(away, await seal(home, id));
    expect(await refusal(rotate(home, id))).toEqual(none);
  });

  test('is refused by a replica key', async () => {
    const first = randomBytes(32);
    const id = await makeReplicated(first);
    await importMaterial(away, id, first);
    expect(await refusal(importMaterial(away, id, randomBytes(32), NEW))).toEqual(
      refused(
        'ValidationException',
        'Input parameter ImportType NEW_KEY_MATERIAL cannot be used on replica Multi-Region keys',
      ),
    );
    const described = { ...EXISTING, KeyMaterialDescription: 'x' };
    expect(await refusal(importMaterial(away, id, first, described))).toEqual(
      refused(
        'ValidationException',
        'Key material description can only be specified on primary Multi-Region keys',
      ),
    );
    const unknown = await refusal(importMaterial(away, id, randomBytes(32), EXISTING));
    expect(unknown.code).toBe('IncorrectKeyMaterialException');
  });

  test('has the description of the primary key everywhere', async () => {
    // Recorded: https://github.com/radkawar/stackd/blob/9dc356f/testdata/aws/kms/imports_multi_region.json
    const first = randomBytes(32);
    const second = randomBytes(32);
    const { id } = await makeKey(home, { MultiRegion: true, Origin: 'EXTERNAL' });
    await importMaterial(home, id, first, { ...STAYS, KeyMaterialDescription: 'first' });
    await home.send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: AWAY }));
    expect(await descriptions(away, id)).toEqual(['first']);
    await importMaterial(home, id, second, NEW);
    expect(await descriptions(away, id)).toEqual(['first', undefined]);
    await importMaterial(away, id, first);
    await importMaterial(home, id, second, { ...EXISTING, KeyMaterialDescription: 'second' });
    for (const client of [home, away]) {
      expect(await descriptions(client, id)).toEqual(['first', 'second']);
    }
    await importMaterial(away, id, second);
    await rotate(home, id);
    await importMaterial(home, id, first, { ...EXISTING, KeyMaterialDescription: 'oldest' });
    await remove(away, id);
    for (const client of [home, away]) {
      expect(await descriptions(client, id)).toEqual(['oldest', 'second']);
    }
    expect(await materials(home, id)).toEqual([['NON_CURRENT', 'IMPORTED'], CURRENT]);
    expect(await materials(away, id)).toEqual([
      ['NON_CURRENT', 'IMPORTED'],
      ['CURRENT', 'PENDING_IMPORT'],
    ]);
  });

  test('may rotate while a replica key waits for an earlier one', async () => {
    // Recorded in the same place.
    const first = randomBytes(32);
    const second = randomBytes(32);
    const id = await makeReplicated(first);
    await importMaterial(home, id, second, NEW);
    await importMaterial(away, id, second);
    expect(await stateOf(away, id)).toBe('PendingImport');
    await rotate(home, id);
    expect(await materials(away, id)).toEqual([['NON_CURRENT', 'PENDING_IMPORT'], CURRENT]);
    expect(await stateOf(away, id)).toBe('PendingImport');
    await importMaterial(away, id, first);
    expect(await stateOf(away, id)).toBe('Enabled');
  });

  test('waits for a replica key that is made afterwards, and for none that is gone', async () => {
    const { id, second } = await makePending();
    await importMaterial(away, id, second, EXISTING);
    await home.send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: THIRD }));
    expect(await materials(home, id)).toEqual([CURRENT, EVERYWHERE_BUT]);
    const third = aws.client({ region: THIRD });
    expect(await materials(third, id)).toEqual([['CURRENT', 'PENDING_IMPORT'], MISSING]);
    await third.send(new ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays: 7 }));
    inDays(7);
    expect(await materials(home, id)).toEqual([CURRENT, READY]);
    await rotate(home, id);
  });

  test('waits again when it expires in a replica key', async () => {
    const { id, second } = await makePending();
    await importMaterial(away, id, second, { ...expiring(5), ImportType: 'EXISTING_KEY_MATERIAL' });
    expect(await materials(home, id)).toEqual([CURRENT, READY]);
    inDays(5);
    expect(await materials(home, id)).toEqual([CURRENT, EVERYWHERE_BUT]);
    expect((await refusal(rotate(home, id))).code).toBe('KMSInvalidStateException');
    // Expired material is shown as imported until it is deleted.
    expect(await materials(away, id)).toEqual([CURRENT, EVERYWHERE_BUT]);
    expect(await stateOf(away, id)).toBe('Enabled');
    await importMaterial(away, id, second, EXISTING);
    await rotate(home, id);
  });

  test('goes everywhere when it is deleted from the primary key', async () => {
    const { id, second, KeyMaterialId } = await makePending();
    await importMaterial(away, id, second, EXISTING);
    await remove(home, id, KeyMaterialId);
    for (const client of [home, away]) {
      expect(await materials(client, id)).toEqual([CURRENT]);
      expect(await stateOf(client, id)).toBe('Enabled');
    }
    // The same one may come back, and then waits for the replica key again.
    await importMaterial(home, id, second, NEW);
    expect(await materials(home, id)).toEqual([CURRENT, EVERYWHERE_BUT]);
    expect(await materials(away, id)).toEqual([CURRENT, MISSING]);
  });

  test('goes only there when it is deleted from a replica key', async () => {
    const { id, second, KeyMaterialId } = await makePending();
    await importMaterial(away, id, second, EXISTING);
    await remove(away, id, KeyMaterialId);
    expect(await materials(home, id)).toEqual([CURRENT, EVERYWHERE_BUT]);
    expect(await materials(away, id)).toEqual([CURRENT, MISSING]);
  });

  test('is the business of whichever key is primary', async () => {
    const { id, second } = await makePending();
    await home.send(new UpdatePrimaryRegionCommand({ KeyId: id, PrimaryRegion: AWAY }));
    expect((await refusal(rotate(away, id))).code).toBe('KMSInvalidStateException');
    await importMaterial(away, id, second, EXISTING);
    await rotate(away, id);
    for (const client of [home, away]) {
      expect(await materials(client, id)).toEqual([['NON_CURRENT', 'IMPORTED'], CURRENT]);
    }
  });
});
