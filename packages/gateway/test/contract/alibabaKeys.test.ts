import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  ACTION_UNSUPPORTED,
  ALIAS_NOT_FOUND,
  ALIAS_UNSUPPORTED,
  type AlibabaGateway,
  invalid,
  KEY_NOT_FOUND,
  KEY_UNSUPPORTED,
  type MadeKey,
  type Members,
  missing,
  NO_ID,
  NOT_MODIFIABLE,
  type Params,
  refusal,
  rejected,
  startAlibabaGateway,
  VERSION_NOT_FOUND,
} from '../support/alibabaGateway.js';
import { DAY_MS } from '../support/testClock.js';

let alibaba: AlibabaGateway;
let key: MadeKey;

beforeAll(async () => {
  alibaba = await startAlibabaGateway();
});

beforeEach(async () => {
  key = await alibaba.makeKey();
});

afterAll(() => alibaba.close());

async function metadata(KeyId: string): Promise<Members> {
  const { KeyMetadata } = await alibaba.done('DescribeKey', { KeyId });
  return KeyMetadata as Members;
}

async function versions(KeyId: string): Promise<readonly Members[]> {
  const { KeyVersions } = await alibaba.done('ListKeyVersions', { KeyId, PageSize: '100' });
  return (KeyVersions as { readonly KeyVersion: readonly Members[] }).KeyVersion;
}

function rows(answer: Members, wrapper: string, row: string): readonly Members[] {
  return (answer[wrapper] as Record<string, readonly Members[]>)[row] ?? [];
}

describe('CreateKey', () => {
  test('without parameters makes a key with everything that the page names', async () => {
    const { KeyMetadata } = await alibaba.done('CreateKey');
    const made = KeyMetadata as Members;
    expect(made).toEqual({
      KeyId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      Arn: `acs:kms:us-east-1:1000000000000000:key/${made['KeyId']}`,
      KeySpec: 'Aliyun_AES_256',
      KeyUsage: 'ENCRYPT/DECRYPT',
      KeyState: 'Enabled',
      Description: '',
      CreationDate: '2023-11-14T22:13:20Z',
      Creator: '1000000000000000',
      Origin: 'Aliyun_KMS',
      ProtectionLevel: 'SOFTWARE',
      DeleteDate: '',
      MaterialExpireTime: '',
      PrimaryKeyVersion: expect.stringMatching(/^[0-9a-f-]{36}$/),
      LastRotationDate: '2023-11-14T22:13:20Z',
      AutomaticRotation: 'Disabled',
    });
    expect(await metadata(String(made['KeyId']))).toEqual({
      ...made,
      DeletionProtection: 'Disabled',
      DeletionProtectionDescription: '',
    });
  });

  test.each([
    ['Aliyun_AES_192', 'ENCRYPT/DECRYPT', 'HSM'],
    ['Aliyun_AES_128', 'ENCRYPT/DECRYPT', 'HSM'],
    ['Aliyun_SM4', 'ENCRYPT/DECRYPT', 'HSM'],
    ['RSA_2048', 'SIGN/VERIFY', 'SOFTWARE'],
    ['EC_P256', 'SIGN/VERIFY', 'SOFTWARE'],
    ['EC_P256K', 'SIGN/VERIFY', 'SOFTWARE'],
    ['EC_SM2', 'SIGN/VERIFY', 'HSM'],
  ])('makes %s for %s in %s by itself', async (KeySpec, KeyUsage, ProtectionLevel) => {
    const { id } = await alibaba.makeKey({ KeySpec });
    const symmetric = KeySpec.startsWith('Aliyun');
    expect(await metadata(id)).toMatchObject({ KeySpec, KeyUsage, ProtectionLevel });
    expect((await metadata(id))['PrimaryKeyVersion'] === '').toBe(!symmetric);
  });

  test.each<[string, Params, ReturnType<typeof invalid>]>([
    ['a spec that nobody knows', { KeySpec: 'AES_256' }, invalid('KeySpec')],
    ['a spec of older pages', { KeySpec: 'Aliyun_DES3_192' }, ACTION_UNSUPPORTED],
    [
      'hardware specs in software',
      { KeySpec: 'Aliyun_SM4', ProtectionLevel: 'SOFTWARE' },
      ACTION_UNSUPPORTED,
    ],
    ['a usage that nobody knows', { KeyUsage: 'ENCRYPT' }, invalid('KeyUsage')],
    [
      'a usage that the spec has not',
      { KeySpec: 'EC_P256', KeyUsage: 'ENCRYPT/DECRYPT' },
      invalid('KeyUsage'),
    ],
    ['signing with a symmetric key', { KeyUsage: 'SIGN/VERIFY' }, invalid('KeyUsage')],
    ['an origin in another spelling', { Origin: 'external' }, invalid('Origin')],
    ['imported material', { Origin: 'EXTERNAL' }, ACTION_UNSUPPORTED],
    [
      'a protection level that nobody knows',
      { ProtectionLevel: 'TPM' },
      invalid('ProtectionLevel'),
    ],
    [
      'a storage mechanism without an instance',
      { KeyStorageMechanism: 'HsmInternal' },
      invalid('KeyStorageMechanism'),
    ],
    ['a long description', { Description: 'x'.repeat(8_193) }, invalid('Description')],
    ['tags that are none', { Tags: '{}' }, invalid('Tags')],
    [
      'rotation without an interval',
      { EnableAutomaticRotation: 'true' },
      missing('RotationInterval'),
    ],
    [
      'a short interval',
      { EnableAutomaticRotation: 'true', RotationInterval: '6d' },
      invalid('RotationInterval'),
    ],
    [
      'a boolean that is none',
      { EnableAutomaticRotation: 'yes' },
      invalid('EnableAutomaticRotation'),
    ],
    [
      'rotation of an asymmetric key',
      { KeySpec: 'EC_P256', EnableAutomaticRotation: 'true', RotationInterval: '7d' },
      KEY_UNSUPPORTED,
    ],
    [
      'an instance',
      { DKMSInstanceId: 'kst-x' },
      refusal(403, 'Forbidden.DKMSInstanceNotFound', 'The specified DKMS Instance is not found.'),
    ],
    [
      'a policy outside of an instance',
      { Policy: '{}' },
      refusal(
        400,
        'Forbidden.KeyPolicyUnSupported',
        'The specified key does not support key policy.',
      ),
    ],
  ])('refuses %s', async (_what, params, expected) => {
    expect(await alibaba.refused('CreateKey', params)).toEqual(expected);
  });
});

describe('identifiers', () => {
  test('are key id, ARN and alias, and answers show the id', async () => {
    await alibaba.done('CreateAlias', { KeyId: key.id, AliasName: `alias/${key.id}` });
    const alias = `acs:kms:us-east-1:1000000000000000:alias/${key.id}`;
    for (const KeyId of [key.id, key.arn, `alias/${key.id}`, alias]) {
      expect(await metadata(KeyId)).toMatchObject({ KeyId: key.id });
    }
  });

  test.each([
    ['an id of nobody', NO_ID, KEY_NOT_FOUND],
    ['something that is no id', 'no key', KEY_NOT_FOUND],
    ['an alias of nobody', 'alias/nobody', ALIAS_NOT_FOUND],
    ['an ARN of another region', `acs:kms:cn-beijing:1000000000000000:key/${NO_ID}`, KEY_NOT_FOUND],
    [
      'an ARN of another service',
      `acs:ecs:us-east-1:1000000000000000:key/${NO_ID}`,
      invalid('KeyId'),
    ],
    ['nothing', '', missing('KeyId')],
  ])('refuses %s', async (_what, KeyId, expected) => {
    expect(await alibaba.refused('DescribeKey', { KeyId })).toEqual(expected);
  });

  test.each(['EnableKey', 'DisableKey', 'CancelKeyDeletion', 'ListAliasesByKeyId'])(
    '%s takes no alias',
    async (action) => {
      const KeyId = 'alias/any';
      expect(await alibaba.refused(action, { KeyId })).toEqual(ALIAS_UNSUPPORTED);
      const arn = 'acs:kms:us-east-1:1000000000000000:alias/any';
      expect(await alibaba.refused(action, { KeyId: arn })).toEqual(ALIAS_UNSUPPORTED);
    },
  );

  test.each([
    ['DescribeKey', {}],
    ['EnableKey', {}],
    ['DisableKey', {}],
    ['ScheduleKeyDeletion', { PendingWindowInDays: '7' }],
    ['CancelKeyDeletion', {}],
    ['CreateKeyVersion', {}],
    ['DescribeKeyVersion', { KeyVersionId: 'v' }],
    ['ListKeyVersions', {}],
    ['ListAliasesByKeyId', {}],
    ['CreateAlias', { AliasName: 'alias/x' }],
    ['UpdateAlias', { AliasName: 'alias/x' }],
    ['GetPublicKey', { KeyVersionId: 'v' }],
    ['Encrypt', { Plaintext: 'x' }],
    ['GenerateDataKey', {}],
    ['GenerateDataKeyWithoutPlaintext', {}],
    ['AsymmetricEncrypt', { KeyVersionId: 'v', Algorithm: 'SM2PKE', Plaintext: 'eA==' }],
    ['AsymmetricDecrypt', { KeyVersionId: 'v', Algorithm: 'SM2PKE', CiphertextBlob: 'eA==' }],
    ['AsymmetricSign', { KeyVersionId: 'v', Algorithm: 'SM2DSA', Digest: 'eA==' }],
    ['AsymmetricVerify', { KeyVersionId: 'v', Algorithm: 'SM2DSA', Digest: 'eA==', Value: 'eA==' }],
  ] as [string, Params][])('%s wants a key, and one that is there', async (action, params) => {
    expect(await alibaba.refused(action, params)).toEqual(missing('KeyId'));
    expect(await alibaba.refused(action, { KeyId: NO_ID, ...params })).toEqual(KEY_NOT_FOUND);
  });
});

const STATES = ['enabled', 'disabled', 'pending-deletion', 'pending-import'] as const;
const WIRE_STATES = ['Enabled', 'Disabled', 'PendingDeletion', 'PendingImport'];

type Outcome = 'ok' | 'rejected' | 'modify';

// https://www.alibabacloud.com/help/doc-detail/44211.htm, in the order of STATES
const STATE_TABLE: readonly (readonly [string, Params, readonly Outcome[]])[] = [
  ['Encrypt', { Plaintext: 'x' }, ['ok', 'rejected', 'rejected', 'rejected']],
  ['GenerateDataKey', {}, ['ok', 'rejected', 'rejected', 'rejected']],
  ['GenerateDataKeyWithoutPlaintext', {}, ['ok', 'rejected', 'rejected', 'rejected']],
  ['CreateKeyVersion', {}, ['ok', 'rejected', 'rejected', 'rejected']],
  ['DescribeKey', {}, ['ok', 'ok', 'ok', 'ok']],
  ['ListKeyVersions', {}, ['ok', 'ok', 'ok', 'ok']],
  ['ListAliasesByKeyId', {}, ['ok', 'ok', 'ok', 'ok']],
  ['EnableKey', {}, ['ok', 'ok', 'modify', 'modify']],
  ['DisableKey', {}, ['ok', 'ok', 'modify', 'modify']],
  ['ScheduleKeyDeletion', { PendingWindowInDays: '7' }, ['ok', 'ok', 'modify', 'ok']],
  ['CancelKeyDeletion', {}, ['modify', 'modify', 'ok', 'modify']],
];

describe('key states', () => {
  test.each(STATE_TABLE)('%s', async (action, params, outcomes) => {
    for (const [at, state] of STATES.entries()) {
      const { id: KeyId } = await alibaba.makeKey();
      await alibaba.force(KeyId, state);
      const wire = WIRE_STATES[at] ?? '';
      expect(await metadata(KeyId)).toMatchObject({ KeyState: wire });
      const answer = await alibaba.call(action, { KeyId, ...params });
      const { Code: code, Message: message } = answer.json;
      const found = { status: answer.status, code, message };
      if (outcomes[at] === 'ok') expect(found.status, state).toBe(200);
      else
        expect(found, state).toEqual(outcomes[at] === 'modify' ? NOT_MODIFIABLE : rejected(wire));
    }
  });

  test('CreateAlias and UpdateAlias look at the target', async () => {
    const other = await alibaba.makeKey();
    await alibaba.done('CreateAlias', { KeyId: other.id, AliasName: 'alias/moves' });
    for (const [at, state] of STATES.entries()) {
      const { id: KeyId } = await alibaba.makeKey();
      await alibaba.force(KeyId, state);
      const created = await alibaba.call('CreateAlias', { KeyId, AliasName: `alias/on-${state}` });
      const moved = await alibaba.call('UpdateAlias', { KeyId, AliasName: 'alias/moves' });
      const refused = state === 'pending-deletion';
      expect([created.status, moved.status]).toEqual(refused ? [409, 409] : [200, 200]);
      if (refused) {
        expect(created.json['Code']).toBe(NOT_MODIFIABLE.code);
        expect(moved.json['Code']).toBe(rejected(WIRE_STATES[at] ?? '').code);
      }
    }
  });

  test('Decrypt looks at the key of the ciphertext', async () => {
    const { CiphertextBlob } = await alibaba.done('Encrypt', { KeyId: key.id, Plaintext: 'x' });
    const blob = { CiphertextBlob: String(CiphertextBlob) };
    for (const [at, state] of STATES.entries()) {
      await alibaba.force(key.id, state);
      if (state === 'enabled') expect((await alibaba.call('Decrypt', blob)).status).toBe(200);
      else expect(await alibaba.refused('Decrypt', blob)).toEqual(rejected(WIRE_STATES[at] ?? ''));
    }
  });

  test('asymmetric operations want an enabled key', async () => {
    const pair = await alibaba.makeKey({ KeySpec: 'EC_P256' });
    await alibaba.done('DisableKey', { KeyId: pair.id });
    const named = { KeyId: pair.id, KeyVersionId: pair.version };
    const signing = { ...named, Algorithm: 'ECDSA_SHA_256', Digest: 'eA==' };
    expect(await alibaba.refused('AsymmetricSign', signing)).toEqual(rejected('Disabled'));
    expect(await alibaba.refused('AsymmetricVerify', { ...signing, Value: 'eA==' })).toEqual(
      rejected('Disabled'),
    );
    expect(await alibaba.refused('GetPublicKey', named)).toEqual(rejected('Disabled'));
  });
});

describe('deletion', () => {
  test('happens when its time has come, and CancelKeyDeletion gives the key back enabled', async () => {
    await alibaba.done('DisableKey', { KeyId: key.id });
    await alibaba.done('CreateAlias', { KeyId: key.id, AliasName: `alias/gone-${key.id}` });
    const days = { PendingWindowInDays: '366' };
    await alibaba.done('ScheduleKeyDeletion', { KeyId: key.id, ...days });
    const at = new Date(alibaba.clock.nowMs + 366 * DAY_MS).toISOString().slice(0, 19);
    expect(await metadata(key.id)).toMatchObject({
      KeyState: 'PendingDeletion',
      DeleteDate: `${at}Z`,
    });
    await alibaba.done('CancelKeyDeletion', { KeyId: key.id });
    expect(await metadata(key.id)).toMatchObject({ KeyState: 'Enabled', DeleteDate: '' });
    await alibaba.done('ScheduleKeyDeletion', { KeyId: key.id, PendingWindowInDays: '7' });
    alibaba.clock.nowMs += 7 * DAY_MS - 1;
    expect(await metadata(key.id)).toMatchObject({ KeyState: 'PendingDeletion' });
    alibaba.clock.nowMs += 1;
    for (const action of ['DescribeKey', 'CancelKeyDeletion', 'ListKeyVersions']) {
      expect(await alibaba.refused(action, { KeyId: key.id })).toEqual(KEY_NOT_FOUND);
    }
    // Its name is free again.
    const other = await alibaba.makeKey();
    await alibaba.done('CreateAlias', { KeyId: other.id, AliasName: `alias/gone-${key.id}` });
  });

  test.each(['6', '367', '0', '-7', '7.5', 'week'])('refuses a window of %s days', async (days) => {
    const params = { KeyId: key.id, PendingWindowInDays: days };
    expect(await alibaba.refused('ScheduleKeyDeletion', params)).toEqual(
      invalid('PendingWindowInDays'),
    );
  });

  test('wants a window', async () => {
    expect(await alibaba.refused('ScheduleKeyDeletion', { KeyId: key.id })).toEqual(
      missing('PendingWindowInDays'),
    );
  });
});

describe('key versions', () => {
  test('are refused by another id', async () => {
    const named = { KeyId: key.id, KeyVersionId: NO_ID };
    expect(await alibaba.refused('DescribeKeyVersion', named)).toEqual(VERSION_NOT_FOUND);
    const other = await alibaba.makeKey();
    expect(
      await alibaba.refused('DescribeKeyVersion', { ...named, KeyVersionId: other.version }),
    ).toEqual(VERSION_NOT_FOUND);
  });

  test('of asymmetric keys need seven days between them', async () => {
    const pair = await alibaba.makeKey({ KeySpec: 'EC_P256' });
    expect(await alibaba.refused('CreateKeyVersion', { KeyId: pair.id })).toEqual(KEY_UNSUPPORTED);
    alibaba.clock.nowMs += 7 * DAY_MS;
    await alibaba.done('CreateKeyVersion', { KeyId: pair.id });
    expect(await versions(pair.id)).toHaveLength(2);
    // Each version is a pair of its own, and none is the primary one.
    const [first, second] = await Promise.all(
      (await versions(pair.id)).map(({ KeyVersionId }) =>
        alibaba.done('GetPublicKey', { KeyId: pair.id, KeyVersionId: String(KeyVersionId) }),
      ),
    );
    expect(first?.['PublicKey']).not.toBe(second?.['PublicKey']);
    expect(await metadata(pair.id)).toMatchObject({ PrimaryKeyVersion: '' });
  });

  test('of an asymmetric key are at most fifty', async () => {
    const pair = await alibaba.makeKey({ KeySpec: 'EC_SM2' });
    for (let made = 1; made < 50; made += 1) {
      alibaba.clock.nowMs += 7 * DAY_MS;
      await alibaba.done('CreateKeyVersion', { KeyId: pair.id });
    }
    alibaba.clock.nowMs += 7 * DAY_MS;
    expect(await alibaba.refused('CreateKeyVersion', { KeyId: pair.id })).toEqual(
      refusal(
        400,
        'Rejected.LimitExceeded',
        'The request was rejected because user create resource limit was exceeded.',
      ),
    );
  });

  test('are listed by pages from the oldest on', async () => {
    for (let made = 1; made < 5; made += 1) {
      await alibaba.done('CreateKeyVersion', { KeyId: key.id });
    }
    const all = (await versions(key.id)).map(({ KeyVersionId }) => KeyVersionId);
    expect(all[0]).toBe(key.version);
    const page = await alibaba.done('ListKeyVersions', {
      KeyId: key.id,
      PageNumber: '2',
      PageSize: '2',
    });
    expect(page).toMatchObject({ TotalCount: 5, PageNumber: 2, PageSize: 2 });
    const shown = rows(page, 'KeyVersions', 'KeyVersion').map(({ KeyVersionId }) => KeyVersionId);
    expect(shown).toEqual(all.slice(2, 4));
  });
});

describe('automatic rotation', () => {
  const PLAN = { EnableAutomaticRotation: 'True', RotationInterval: '7d' };

  test('adds a version when it is due, and old ciphertexts still open', async () => {
    const { id: KeyId, version } = await alibaba.makeKey(PLAN);
    const start = alibaba.clock.nowMs;
    const date = (days: number): string =>
      `${new Date(start + days * DAY_MS).toISOString().slice(0, 19)}Z`;
    expect(await metadata(KeyId)).toMatchObject({
      AutomaticRotation: 'Enabled',
      RotationInterval: '604800s',
      LastRotationDate: date(0),
      NextRotationDate: date(7),
    });
    const old = await alibaba.done('Encrypt', { KeyId, Plaintext: 'before' });
    alibaba.clock.nowMs += 7 * DAY_MS - 1;
    expect(await versions(KeyId)).toHaveLength(1);
    alibaba.clock.nowMs += 1 + 8 * DAY_MS;
    const sealed = await alibaba.done('Encrypt', { KeyId, Plaintext: 'after' });
    expect(sealed['KeyVersionId']).not.toBe(version);
    // Two were due; the newer one is what shows.
    expect(await versions(KeyId)).toHaveLength(2);
    expect(await metadata(KeyId)).toMatchObject({
      PrimaryKeyVersion: sealed['KeyVersionId'],
      LastRotationDate: date(14),
      NextRotationDate: date(21),
    });
    const opened = await alibaba.done('Decrypt', { CiphertextBlob: String(old['CiphertextBlob']) });
    expect(opened).toMatchObject({ Plaintext: 'before', KeyVersionId: version });
  });

  test('rests while the key is disabled, and is made up for', async () => {
    const { id: KeyId } = await alibaba.makeKey(PLAN);
    await alibaba.done('DisableKey', { KeyId });
    alibaba.clock.nowMs += 10 * DAY_MS;
    expect(await metadata(KeyId)).toMatchObject({ AutomaticRotation: 'Suspended' });
    expect(await versions(KeyId)).toHaveLength(1);
    await alibaba.done('EnableKey', { KeyId });
    expect(await versions(KeyId)).toHaveLength(2);
    expect(await metadata(KeyId)).toMatchObject({ AutomaticRotation: 'Enabled' });
  });

  test('happens once, however many requests notice that it is due', async () => {
    const { id: KeyId } = await alibaba.makeKey(PLAN);
    alibaba.clock.nowMs += 7 * DAY_MS;
    await Promise.all(
      Array.from({ length: 8 }, () => alibaba.done('Encrypt', { KeyId, Plaintext: 'x' })),
    );
    expect(await versions(KeyId)).toHaveLength(2);
  });
});

describe('ListKeys', () => {
  let own: AlibabaGateway;
  const made: MadeKey[] = [];

  beforeAll(async () => {
    own = await startAlibabaGateway();
    const tags = JSON.stringify([{ TagKey: 'team', TagValue: 'red' }]);
    for (const params of [{}, { Tags: tags }, { KeySpec: 'EC_P256' }, { KeySpec: 'EC_SM2' }]) {
      made.push(await own.makeKey(params as Params));
      own.clock.nowMs += 1_000;
    }
    await own.done('DisableKey', { KeyId: made[0]?.id ?? '' });
    await own.done('CreateAlias', { KeyId: made[2]?.id ?? '', AliasName: 'alias/third' });
  });

  afterAll(() => own.close());

  const ids = async (params: Params): Promise<readonly unknown[]> =>
    rows(await own.done('ListKeys', params), 'Keys', 'Key').map(({ KeyId }) => KeyId);
  const filtered = (...filters: readonly [string, string[]][]): Promise<readonly unknown[]> =>
    ids({ Filters: JSON.stringify(filters.map(([Key, Values]) => ({ Key, Values }))) });

  test('pages by number', async () => {
    const all = made.map(({ id }) => id);
    expect(await ids({})).toEqual(all);
    expect(await ids({ PageSize: '3', PageNumber: '2' })).toEqual(all.slice(3));
    expect(await ids({ PageNumber: '3' })).toEqual([]);
    expect(await own.done('ListKeys', { PageNumber: '2147483647', PageSize: '100' })).toEqual({
      Keys: { Key: [] },
      TotalCount: 4,
      PageNumber: 2_147_483_647,
      PageSize: 100,
    });
    const first = await own.done('ListKeys', { PageSize: '1' });
    expect(first).toMatchObject({ TotalCount: 4, PageNumber: 1, PageSize: 1 });
    expect(rows(first, 'Keys', 'Key')).toEqual([{ KeyId: all[0], KeyArn: made[0]?.arn }]);
  });

  test.each([
    ['PageNumber', '0'],
    ['PageNumber', '2147483648'],
    ['PageNumber', 'one'],
    ['PageSize', '0'],
    ['PageSize', '101'],
  ])('refuses %s %s', async (name, value) => {
    for (const action of ['ListKeys', 'ListAliases']) {
      expect(await own.refused(action, { [name]: value })).toEqual(invalid(name));
    }
  });

  test('filters: all entries, any of their values', async () => {
    const [a, b, c, d] = made.map(({ id }) => id);
    expect(await filtered(['KeyState', ['Disabled']])).toEqual([a]);
    expect(await filtered(['KeyState', ['Enabled', 'Disabled']])).toEqual([a, b, c, d]);
    expect(await filtered(['KeySpec', ['EC_P256', 'EC_SM2']])).toEqual([c, d]);
    expect(await filtered(['KeySpec', ['EC_P256']], ['KeyUsage', ['ENCRYPT/DECRYPT']])).toEqual([]);
    expect(await filtered(['KeyUsage', ['ENCRYPT/DECRYPT']])).toEqual([a, b]);
    expect(await filtered(['ProtectionLevel', ['HSM']])).toEqual([d]);
    expect(await filtered(['CreatorType', ['Service']])).toEqual([]);
    expect(await filtered(['Creator', ['1000000000000000']])).toEqual([a, b, c, d]);
    expect(await filtered(['keyId', [String(b)]])).toEqual([b]);
    expect(await filtered(['AliasName', ['alias/third']])).toEqual([c]);
    expect(await filtered(['TagKey', ['team']], ['TagValue', ['red', 'blue']])).toEqual([b]);
    expect(await filtered(['DKMSInstanceId', ['kst-x']])).toEqual([]);
    const paged = await own.done('ListKeys', {
      Filters: '[{"Key":"KeyState","Values":["Enabled"]}]',
      PageSize: '2',
      PageNumber: '2',
    });
    expect(paged).toMatchObject({ TotalCount: 3, Keys: { Key: [{ KeyId: d }] } });
  });

  test('refuses filters that are none', async () => {
    for (const Filters of ['{}', '[{"Key":"Color","Values":["red"]}]']) {
      expect(await own.refused('ListKeys', { Filters })).toEqual(invalid('Filters'));
    }
  });
});

describe('aliases', () => {
  test('are unique, move and go', async () => {
    const AliasName = 'alias/unique/name_1-x';
    const other = await alibaba.makeKey();
    await alibaba.done('CreateAlias', { KeyId: key.id, AliasName });
    const taken = refusal(400, 'AliasAlreadyExists', 'AliasName Already Exists.');
    for (const { id: KeyId } of [key, other]) {
      expect(await alibaba.refused('CreateAlias', { KeyId, AliasName })).toEqual(taken);
    }
    await alibaba.done('UpdateAlias', { KeyId: other.id, AliasName });
    expect(await metadata(AliasName)).toMatchObject({ KeyId: other.id });
    await alibaba.done('DeleteAlias', { AliasName });
    for (const action of ['DeleteAlias', 'UpdateAlias']) {
      expect(await alibaba.refused(action, { KeyId: key.id, AliasName })).toEqual(ALIAS_NOT_FOUND);
    }
    expect(await alibaba.refused('DescribeKey', { KeyId: AliasName })).toEqual(ALIAS_NOT_FOUND);
  });

  test('can be deleted from a key that is to be deleted', async () => {
    await alibaba.done('CreateAlias', { KeyId: key.id, AliasName: 'alias/leaving' });
    await alibaba.done('ScheduleKeyDeletion', { KeyId: key.id, PendingWindowInDays: '7' });
    await alibaba.done('DeleteAlias', { AliasName: 'alias/leaving' });
  });

  test.each([
    'alias/',
    'name',
    'Alias/x',
    'alias/a b',
    'alias/a.b',
    'alias/ü',
    'alias/acs',
    'alias/acs/mse',
    `alias/${'x'.repeat(250)}`,
  ])('are not named %s', async (AliasName) => {
    for (const action of ['CreateAlias', 'UpdateAlias', 'DeleteAlias']) {
      expect(await alibaba.refused(action, { KeyId: key.id, AliasName })).toEqual(
        invalid('AliasName'),
      );
    }
  });

  test('have up to 255 characters', async () => {
    const AliasName = `alias/${'x'.repeat(249)}`;
    await alibaba.done('CreateAlias', { KeyId: key.id, AliasName });
    expect(await metadata(AliasName)).toMatchObject({ KeyId: key.id });
  });

  test('do not name other aliases', async () => {
    const params = { KeyId: 'alias/x', AliasName: 'alias/y' };
    for (const action of ['CreateAlias', 'UpdateAlias']) {
      expect(await alibaba.refused(action, params)).toEqual(ALIAS_UNSUPPORTED);
    }
  });

  test('are listed by pages, of all keys or of one', async () => {
    const names = ['alias/page-a', 'alias/page-b', 'alias/page-c'];
    for (const AliasName of names) await alibaba.done('CreateAlias', { KeyId: key.id, AliasName });
    const page = await alibaba.done('ListAliasesByKeyId', {
      KeyId: key.id,
      PageSize: '2',
      PageNumber: '2',
    });
    expect(page).toEqual({
      Aliases: {
        Alias: [
          {
            KeyId: key.id,
            AliasName: 'alias/page-c',
            AliasArn: 'acs:kms:us-east-1:1000000000000000:alias/page-c',
          },
        ],
      },
      TotalCount: 3,
      PageNumber: 2,
      PageSize: 2,
    });
    const all = rows(await alibaba.done('ListAliases', { PageSize: '100' }), 'Aliases', 'Alias');
    const listed = all.map(({ AliasName }) => AliasName);
    expect(listed).toEqual(expect.arrayContaining(names));
  });
});
