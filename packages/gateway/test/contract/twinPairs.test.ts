import { isGone, type StoredKey, tick } from '@keyglot/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MOUNTS, type Mount } from '../../src/claim/place.js';
import { type Gateway, startGateway } from '../../src/index.js';
import {
  type Actor,
  type ActorKey,
  base64,
  type Place,
  RefusedError,
  senderAt,
} from '../support/actors/actor.js';
import { awsCall } from '../support/actors/aws.js';
import { ACTORS } from '../support/actors/index.js';
import { MEMORY_OPTIONS } from '../support/gatewayOptions.js';
import { createTestClock, DAY_MS } from '../support/testClock.js';

// A key of every dialect with its twins in every dialect, the same one in another place included.

const clock = createTestClock();
let gateway: Gateway;
let send: ReturnType<typeof senderAt>;

beforeAll(async () => {
  gateway = await startGateway(MEMORY_OPTIONS, { clock });
  send = senderAt(gateway.port, {});
});
afterAll(async () => {
  send.close();
  await gateway.close();
});

/** Where the twins of each dialect live. */
const ELSEWHERE: { readonly [dialect in Mount]: Place } = {
  aws: { region: 'eu-west-1' },
  qkms: { account: '111122223333' },
  alibaba: { region: 'cn-beijing' },
  yandex: { account: 'b1gtwins000000000000' },
  ncp: { account: '2942' },
};

let serial = 0;

async function makeTwin(
  source: ActorKey['end'],
  dialect: Mount,
  more: object = {},
): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
  serial += 1;
  const name = dialect === 'ncp' ? { name: `twin-${serial}` } : {};
  const answer = await send({
    path: '/_keyglot/twins',
    headers: {
      authorization: `Bearer ${gateway.adminToken}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({
      source: { dialect: source.dialect, keyId: source.keyId },
      twin: { dialect, ...ELSEWHERE[dialect], ...name, ...more },
    }),
  });
  return { status: answer.status, body: JSON.parse(answer.text) };
}

async function twinOf(source: ActorKey, actor: Actor, more: object = {}): Promise<ActorKey> {
  const made = await makeTwin(source.end, actor.dialect, more);
  expect(made).toMatchObject({ status: 201 });
  const { keyId } = made.body['twin'] as { readonly keyId: string };
  return actor.symmetricKey(keyId);
}

/** A key and its material, as the store has them. */
async function stored({ end }: ActorKey): Promise<StoredKey> {
  const { store } = gateway.vault;
  const wireId = end.keyId.slice(end.keyId.lastIndexOf('/') + 1);
  const places = await store.locate({
    sandbox: 'main',
    dialect: end.dialect,
    kind: 'key',
    wireId,
  });
  expect(places).toHaveLength(1);
  const found = await store.readKey({ sandbox: 'main', id: places[0]?.keyId ?? '' });
  if (found === undefined) throw new Error(`there is no key ${end.keyId}`);
  return found;
}

/** Every key of a group has these many versions, all together have as many rows of material. */
async function expectVersions(keys: readonly ActorKey[], count: number): Promise<void> {
  const all = await Promise.all(keys.map(stored));
  const materials = all.map(({ key }) => key.versions.map(({ materialId }) => materialId));
  expect(new Set(materials.flat()).size).toBe(count);
  for (const { key, materials: rows } of all) {
    expect(key.versions).toHaveLength(count);
    expect(key.versions.map(({ materialId }) => materialId)).toEqual(materials[0]);
    expect(key.versions.find(({ id }) => id === key.primaryVersion)?.number).toBe(count);
    expect(rows).toHaveLength(count);
  }
  const ids = all.flatMap(({ key }) => key.versions.map(({ wireId }) => wireId));
  expect(new Set(ids).size).toBe(keys.length * count);
}

/** How a client hands a ciphertext of one dialect to another: NCP's is a text of its own. */
function carried(ciphertext: string, from: Mount, to: Mount): string {
  return from === 'ncp' && to !== 'ncp' ? base64(ciphertext) : ciphertext;
}

/** @returns whether the dialect has rotation at all */
async function rotates(actor: Actor, key: ActorKey): Promise<boolean> {
  if (actor.dialect !== 'qkms') {
    await actor.rotate(key);
    return true;
  }
  await expect(actor.rotate(key)).rejects.toMatchObject({
    refused: { code: 'UnknownOperationException' },
  });
  return false;
}

const text = async (opened: Promise<Buffer>): Promise<string> => (await opened).toString();

const refusedToTell = (dialect: Mount): string =>
  dialect === 'ncp'
    ? 'two keys of ncp over one material open each other’s ciphertexts: say acceptForeignBlobs true'
    : '';

const PAIRS = MOUNTS.flatMap((from) => MOUNTS.map((to) => [from, to] as const));

describe.each(PAIRS)('a key of %s and its twins in %s', (from, to) => {
  test('share one material, open foreign ciphertexts when told to, rotate together, end apart', async () => {
    const [ours, theirs] = [ACTORS[from](send), ACTORS[to](send, ELSEWHERE[to])];
    const source = await ours.makeKey('symmetric');
    const old = await ours.encrypt(source, Buffer.from('old'));
    const group: ActorKey[] = [source];

    // A twin that was not told to opens nothing but its own.
    if (from === 'ncp' && to === 'ncp') {
      const made = await makeTwin(source.end, to);
      expect(made).toEqual({ status: 400, body: { error: refusedToTell(to) } });
    } else {
      const strict = await twinOf(source, theirs);
      group.push(strict);
      await expect(theirs.decrypt(strict, carried(old, from, to))).rejects.toThrow(RefusedError);
    }

    // One that was told to opens them, but for the dialect that cannot.
    const accepts = to !== 'alibaba';
    if (accepts) {
      group.push(await twinOf(source, theirs, { acceptForeignBlobs: true }));
    } else {
      const made = await makeTwin(source.end, to, { acceptForeignBlobs: true });
      expect(made.status).toBe(400);
      expect(made.body['error']).toMatch(/^alibaba cannot accept foreign ciphertexts/);
    }
    const twin = group.at(-1) ?? source;
    if (accepts) {
      expect(await text(theirs.decrypt(twin, carried(old, from, to)))).toBe('old');
    }
    await expectVersions(group, 1);

    const mine = await theirs.encrypt(twin, Buffer.from('mine'));
    let versions = 1;
    for (const [actor, key] of [
      [ours, source],
      [theirs, twin],
    ] as const) {
      if (await rotates(actor, key)) versions += 1;
      await expectVersions(group, versions);
    }
    const fresh = await ours.encrypt(source, Buffer.from('fresh'));
    expect(await text(ours.decrypt(source, old))).toBe('old');
    expect(await text(ours.decrypt(source, fresh))).toBe('fresh');
    expect(await text(theirs.decrypt(twin, mine))).toBe('mine');
    expect(await text(theirs.decrypt(twin, await theirs.encrypt(twin, Buffer.from('new'))))).toBe(
      'new',
    );
    if (accepts) {
      expect(await text(theirs.decrypt(twin, carried(old, from, to)))).toBe('old');
      expect(await text(theirs.decrypt(twin, carried(fresh, from, to)))).toBe('fresh');
    }

    // A state belongs to one key.
    await ours.disable(source);
    await expect(ours.decrypt(source, old)).rejects.toThrow(RefusedError);
    expect(await text(theirs.decrypt(twin, mine))).toBe('mine');
    await ours.enable(source);
    await theirs.disable(twin);
    await expect(theirs.decrypt(twin, mine)).rejects.toThrow(RefusedError);
    expect(await text(ours.decrypt(source, old))).toBe('old');
    await theirs.enable(twin);

    // And so does its end, even when everything that belonged to it alone is removed.
    const days = await ours.remove(source);
    clock.nowMs += days * DAY_MS;
    await expect(ours.decrypt(source, old)).rejects.toThrow(RefusedError);
    await tick(gateway.vault, 'main', clock.nowMs);
    const left = await stored(twin);
    expect(left.materials).toHaveLength(versions);
    expect(isGone(left.key, clock.nowMs)).toBe(false);
    expect(await text(theirs.decrypt(twin, mine))).toBe('mine');
    await rotates(theirs, twin);
    expect(await text(theirs.decrypt(twin, mine))).toBe('mine');
  });
});

describe('a twin is refused', () => {
  const made = async (
    source: ActorKey,
    dialect: Mount,
    more: object = {},
  ): Promise<readonly [number, unknown]> => {
    const { status, body } = await makeTwin(source.end, dialect, more);
    return [status, body['error']];
  };

  test('for convergent keys', async () => {
    const source = await ACTORS.ncp(send).makeKey('convergent');
    for (const dialect of MOUNTS) {
      expect(await made(source, dialect)).toEqual([400, 'a convergent key has no twins']);
    }
  });

  test('for keys whose material comes from outside', async () => {
    const { KeyMetadata } = await awsCall(send, 'aws', {}, 'CreateKey', { Origin: 'EXTERNAL' });
    const { KeyId } = KeyMetadata as { readonly KeyId: string };
    const refused = [400, 'a key with imported material has no twins'];
    for (const dialect of MOUNTS) {
      expect(await made(ACTORS.aws(send).symmetricKey(KeyId), dialect)).toEqual(refused);
    }
  });

  test('for kinds that the other dialect does not have', async () => {
    const sm2 = await ACTORS.alibaba(send).makeKey('sm2');
    expect(await made(sm2, 'ncp')).toEqual([400, 'ncp has no keys of this kind (sm2)']);
    const rsa = await ACTORS.aws(send).makeKey('rsa');
    expect(await made(rsa, 'yandex')).toEqual([400, 'yandex has no keys of this kind (rsa-2048)']);
  });

  test('for asymmetric keys of which only one side gets new versions', async () => {
    const rsa = await ACTORS.aws(send).makeKey('rsa');
    expect(await made(rsa, 'ncp')).toEqual([
      400,
      'only symmetric keys can be twins here: asymmetric keys rotate in ncp and not in aws',
    ]);
    const rotating = await ACTORS.alibaba(send).makeKey('rsa');
    expect(await made(rotating, 'qkms')).toEqual([
      400,
      'only symmetric keys can be twins here: asymmetric keys rotate in alibaba and not in qkms',
    ]);
    expect((await made(rsa, 'qkms'))[0]).toBe(201);
    expect((await made(rotating, 'ncp'))[0]).toBe(201);
  });

  test('for symmetric keys of another size', async () => {
    const small = await send({
      path: '/yandex/kms/v1/keys',
      body: JSON.stringify({ folderId: 'b1gsmall', defaultAlgorithm: 'AES_128' }),
    });
    const { keyId } = JSON.parse(small.text).metadata;
    expect(await made(ACTORS.yandex(send).symmetricKey(keyId), 'aws')).toEqual([
      400,
      'keys of AES_128 have no twins: their size is another one',
    ]);
    const alibaba = await send({
      path: '/alibaba/?Action=CreateKey&Version=2016-01-20&KeySpec=Aliyun_SM4&ProtectionLevel=HSM',
    });
    const { KeyId } = JSON.parse(alibaba.text).KeyMetadata;
    expect(await made(ACTORS.alibaba(send).symmetricKey(KeyId), 'aws')).toEqual([
      400,
      'keys of Aliyun_SM4 have no twins: their size is another one',
    ]);
  });

  test('for names that are missing, wrong, taken or of no use, and for a missing folder', async () => {
    const source = await ACTORS.aws(send).makeKey('symmetric');
    expect(await made(source, 'ncp', { name: undefined })).toEqual([
      400,
      'name is required: every key of ncp has one',
    ]);
    const refused = (dialect: Mount, code: string, message: string) => [
      422,
      { dialect, code, message },
    ];
    expect(await made(source, 'ncp', { name: '1' })).toEqual(
      refused('ncp', 'INVALID_REQUEST', 'Invalid request'),
    );
    const name = 'taken';
    expect((await made(source, 'ncp', { name }))[0]).toBe(201);
    const other = await ACTORS.aws(send).makeKey('symmetric');
    expect(await made(other, 'ncp', { name })).toEqual(refused('ncp', 'CONFLICT', 'Conflict'));
    for (const dialect of ['aws', 'qkms', 'alibaba'] as const) {
      expect(await made(source, dialect, { name })).toEqual([
        400,
        `${dialect} has no use for name`,
      ]);
    }
    expect(await made(source, 'yandex', { account: undefined })).toEqual([
      400,
      'account is required: the folder of the key',
    ]);
    expect(await made(source, 'yandex', { name: 'x'.repeat(101) })).toEqual(
      refused(
        'yandex',
        'INVALID_ARGUMENT',
        'Validation failed:\n  - name: Field length must be <=100',
      ),
    );
  });

  test('in the words of the source for a key that is not there', async () => {
    const source = ACTORS.ncp(send).symmetricKey('0'.repeat(64));
    expect(await made(source, 'aws')).toEqual([
      422,
      { dialect: 'ncp', code: 'NOT_FOUND', message: 'Not found' },
    ]);
  });

  test('for a second key of NCP over one material, unless it is told to open the other’s', async () => {
    const source = await ACTORS.aws(send).makeKey('symmetric');
    expect((await made(source, 'ncp'))[0]).toBe(201);
    expect(await made(source, 'ncp')).toEqual([400, refusedToTell('ncp')]);
    expect((await made(source, 'ncp', { acceptForeignBlobs: true }))[0]).toBe(201);
  });
});

describe('the look of a twin', () => {
  test('in NCP is that of a key made there: listed, named, and its name is free again afterwards', async () => {
    const ncp = ACTORS.ncp(send);
    const source = await ACTORS.yandex(send).makeKey('symmetric');
    const more = { account: undefined, name: 'from-yandex' };
    const made = await makeTwin(source.end, 'ncp', more);
    const { keyId } = made.body['twin'] as { readonly keyId: string };
    const list = await send({ method: 'GET', path: '/ncp/kms/v1/keys?pageSize=200' });
    const listed = JSON.parse(list.text).data.keyList.find(
      ({ keyTag }: { readonly keyTag: string }) => keyTag === keyId,
    );
    expect(listed).toMatchObject({
      keyName: 'from-yandex',
      keyType: 'AES256',
      status: 'ENABLE',
      protectionType: 'BASIC',
      isConvergent: false,
    });
    await ncp.remove(ncp.symmetricKey(keyId));
    expect((await makeTwin(source.end, 'ncp', more)).status).toBe(201);
  });

  test('in Alibaba and in Yandex is that of a key made there', async () => {
    const source = await ACTORS.aws(send).makeKey('symmetric');
    const alibaba = await makeTwin(source.end, 'alibaba', { region: undefined });
    const { keyId } = alibaba.body['twin'] as { readonly keyId: string };
    const described = await send({
      path: `/alibaba/?Action=DescribeKey&Version=2016-01-20&KeyId=${keyId}`,
    });
    expect(JSON.parse(described.text).KeyMetadata).toMatchObject({
      KeySpec: 'Aliyun_AES_256',
      KeyUsage: 'ENCRYPT/DECRYPT',
      KeyState: 'Enabled',
      ProtectionLevel: 'SOFTWARE',
      AutomaticRotation: 'Disabled',
    });
    const yandex = await makeTwin(source.end, 'yandex', { name: 'from-aws' });
    const { keyId: id } = yandex.body['twin'] as { readonly keyId: string };
    const got = await send({ method: 'GET', path: `/yandex/kms/v1/keys/${id}` });
    expect(JSON.parse(got.text)).toMatchObject({
      name: 'from-aws',
      folderId: ELSEWHERE.yandex.account,
      defaultAlgorithm: 'AES_256',
      status: 'ACTIVE',
    });
  });
});
