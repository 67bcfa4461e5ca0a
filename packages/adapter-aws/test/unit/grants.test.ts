import {
  attachResource,
  createKey,
  createMemoryStore,
  createRootKey,
  createSystemClock,
  createSystemEntropy,
  type LoadedKey,
  Miss,
  openVault,
  Secret,
  type Vault,
  withLoads,
} from '@keyglot/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AwsCall } from '../../src/call.js';
import { GRANT_KIND, type Grant, grantBody, grantOf, grantsOf } from '../../src/grants/grant.js';
import { actsAs } from '../../src/grants/principal.js';
import { AWS_PROFILE } from '../../src/profiles/aws.js';
import { QKMS_PROFILE } from '../../src/profiles/qkms.js';

const REALM = { dialect: 'aws', tenant: '111122223333', region: 'us-east-1' };
const GRANT: Grant = {
  id: 'ab'.repeat(32),
  realm: REALM,
  keyWireId: '1234abcd-12ab-34cd-56ef-1234567890ab',
  name: 'n',
  createdAtMs: 1_700_000_000_123,
  issuingAccount: '111122223333',
  operations: ['Encrypt', 'Decrypt'],
  granteePrincipal: 'arn:aws:iam::111122223333:role/r',
  constraints: {
    encryptionContextEquals: [
      ['__proto__', 'x'],
      ['b', '\u0000\ud800'],
    ],
    sourceArn: 'arn:aws:s3:::bucket',
  },
};

describe('a grant that is kept', () => {
  it('comes back with its constraints as they were read', () => {
    const { id, ...rest } = GRANT;
    const body = JSON.parse(JSON.stringify(grantBody(GRANT)));
    const record = { sandbox: 's', kind: GRANT_KIND, id, parent: 'k', body, sealed: null };
    expect(grantOf({ ...record, version: 1 })).toEqual({ id, ...rest });
  });
});

describe('the grants of a key', () => {
  let vault: Vault;
  let key: LoadedKey;

  beforeAll(async () => {
    const entropy = createSystemEntropy();
    vault = await openVault({
      store: createMemoryStore(),
      clock: createSystemClock(),
      entropy,
      rootKey: createRootKey(new Secret(entropy.bytes(32)), entropy),
    });
    key = await createKey(
      vault,
      {
        sandbox: 'main',
        realm: REALM,
        wireId: GRANT.keyWireId,
        spec: 'aes-256',
        usages: ['encrypt'],
        attributes: {},
        versionWireId: (fingerprint) => fingerprint.toString('hex'),
      },
      0,
    );
    const draft = { kind: GRANT_KIND, id: GRANT.id, body: grantBody(GRANT) };
    await attachResource(vault, key, draft, 0, () => undefined);
  });

  afterAll(() => vault.close());

  /** What one request sees of the grants. */
  function look(): readonly Grant[] {
    const scope = { sandbox: 'main', nowMs: 0, pinned: new Map() };
    // No more of a call is looked at.
    const call = { vault, scope } as unknown as AwsCall;
    const now = vault.keys.byId(scope, key.record.id);
    return now === undefined ? [] : grantsOf(call, now);
  }

  it('are in memory after the first question, and are read but once', async () => {
    expect(look).toThrow(Miss);
    const scope = { sandbox: 'main', nowMs: 0, pinned: new Map() };
    const call = { vault, scope } as unknown as AwsCall;
    const found = await withLoads(() => {
      const now = vault.keys.byId(scope, key.record.id);
      return now && grantsOf(call, now);
    });
    expect(found).toEqual([GRANT]);
    expect(look()).toBe(found);
    expect(look()[0]).toBe(found?.[0]);
  });
});

describe('a caller acts as', () => {
  const ACCOUNT = '111122223333';
  const caller = (arn: string) => ({ arn, account: arn.split(':')[4] ?? '', region: 'us-east-1' });
  const ROOT = `arn:aws:iam::${ACCOUNT}:root`;
  const SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/r/s`;

  it.each([
    [ROOT, ROOT, true],
    [`arn:aws:iam::${ACCOUNT}:user/u`, ROOT, true],
    [SESSION, ROOT, true],
    [`arn:aws:iam::${ACCOUNT}:user/u`, `arn:aws:iam::${ACCOUNT}:user/u`, true],
    [`arn:aws:iam::${ACCOUNT}:user/u`, `arn:aws:iam::${ACCOUNT}:user/U`, false],
    [ROOT, `arn:aws:iam::${ACCOUNT}:user/u`, false],
    [SESSION, `arn:aws:iam::${ACCOUNT}:role/r`, true],
    [SESSION, `arn:aws:iam::${ACCOUNT}:role/a/path/r`, true],
    [SESSION, `arn:aws:iam::${ACCOUNT}:role/r/s`, false],
    [SESSION, `arn:aws:iam::${ACCOUNT}:user/r`, false],
    [SESSION, SESSION, true],
    [SESSION, `${SESSION}2`, false],
    [SESSION, 'arn:aws:iam::999999999999:role/r', false],
    [SESSION, 'arn:aws-cn:iam::111122223333:role/r', false],
    [ROOT, 'arn:aws:iam::999999999999:root', false],
    [ROOT, 'ec2.amazonaws.com', false],
  ])('%s as %s: %s', (arn, principal, expected) => {
    expect(actsAs(caller(arn), principal, AWS_PROFILE)).toBe(expected);
  });

  it('whom QKMS spells in either way', () => {
    const root = { ...caller(''), arn: `arn:verenc:${ACCOUNT}:root`, account: ACCOUNT };
    for (const principal of [`arn:verenc:${ACCOUNT}:root`, ROOT]) {
      expect(actsAs(root, principal, QKMS_PROFILE)).toBe(true);
    }
    expect(actsAs(root, 'arn:verenc:999999999999:root', QKMS_PROFILE)).toBe(false);
  });
});
