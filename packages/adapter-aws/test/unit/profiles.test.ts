import type { Realm } from '@keyglot/core';
import { describe, expect, test } from 'vitest';
import { model } from '../../src/generated/model.js';
import { AWS_PROFILE } from '../../src/profiles/aws.js';
import { QKMS_PROFILE } from '../../src/profiles/qkms.js';
import { partitionOf } from '../../src/profiles/regions.js';

const ID = '1234abcd-12ab-34cd-56ef-1234567890ab';
const ACCOUNT = '111122223333';

describe('AWS', () => {
  const realm: Realm = { dialect: 'aws', tenant: ACCOUNT, region: 'us-east-1' };

  test.each([
    ['us-east-1', 'aws'],
    ['cn-north-1', 'aws-cn'],
    ['us-gov-west-1', 'aws-us-gov'],
    ['eusc-de-east-1', 'aws-eusc'],
    ['us-iso-east-1', 'aws-iso'],
    ['us-isob-east-1', 'aws-iso-b'],
    ['eu-isoe-west-1', 'aws-iso-e'],
    ['us-isof-south-1', 'aws-iso-f'],
    ['local', 'aws'],
    ['', 'aws'],
  ])('has the region %s in the partition %s', (region, partition) => {
    expect(partitionOf(region)).toBe(partition);
    expect(AWS_PROFILE.arn({ ...realm, region }, `key/${ID}`)).toBe(
      `arn:${partition}:kms:${region}:${ACCOUNT}:key/${ID}`,
    );
    expect(AWS_PROFILE.rootArn(ACCOUNT, region)).toBe(`arn:${partition}:iam::${ACCOUNT}:root`);
  });

  test.each([
    ['us-east-1', 'eu-central-2', true],
    ['us-east-1', 'us-east-1', true],
    ['local', 'mx-central-1', true],
    ['us-east-1', 'local', false],
    ['us-east-1', 'us-east-3', false],
    ['us-east-1', 'cn-north-1', false],
    ['cn-north-1', 'cn-northwest-1', true],
    ['cn-north-1', 'us-east-1', false],
    ['us-gov-east-1', 'us-gov-west-1', true],
    ['us-iso-east-1', 'us-isob-east-1', false],
    ['eusc-de-east-1', 'eu-central-1', false],
  ])('from %s can replicate to %s: %s', (from, to, possible) => {
    expect(AWS_PROFILE.replicates(from, to)).toBe(possible);
  });

  test('does not know ARNs of another partition than their region', () => {
    for (const start of [
      'arn:aws-cn:kms:us-east-1',
      'arn:aws:kms:cn-north-1',
      'arn::kms:eu-west-1',
    ]) {
      expect(AWS_PROFILE.parseArn(`${start}:${ACCOUNT}:key/${ID}`)).toBeUndefined();
    }
  });

  test('takes apart the ARNs that it makes', () => {
    for (const id of [ID, `mrk-${'a'.repeat(32)}`]) {
      expect(AWS_PROFILE.parseArn(AWS_PROFILE.arn(realm, `key/${id}`))).toEqual({
        partition: 'aws',
        region: 'us-east-1',
        account: ACCOUNT,
        kind: 'key',
        id,
      });
    }
    expect(AWS_PROFILE.parseArn(AWS_PROFILE.arn(realm, 'alias/a/b'))).toMatchObject({
      kind: 'alias',
      id: 'alias/a/b',
    });
  });

  test.each([
    '',
    'arn',
    'arn:',
    'arn:aws:kms:us-east-1:111122223333',
    'arn:aws:kms:us-east-1:111122223333:',
    'arn:aws:kms:us-east-1:111122223333:key',
    'arn:aws:kms:us-east-1:111122223333:grant/x',
    'arn:aws:s3:us-east-1:111122223333:key/x',
    'arn:aws:kms::111122223333:key/x',
    'arn:aws:kms:us-east-1::key/x',
    'arn::kms:us-east-1:111122223333:key/x',
    'ARN:aws:kms:us-east-1:111122223333:key/x',
    `arn:verenc:${ACCOUNT}:key/${ID}`,
    ' arn:aws:kms:us-east-1:111122223333:key/x',
  ])('does not take %j for an ARN', (text) => {
    expect(AWS_PROFILE.parseArn(text)).toBeUndefined();
  });

  test('keeps what comes behind the resource', () => {
    expect(AWS_PROFILE.parseArn('arn:aws:kms:us-east-1:1:key/a:b:c')?.id).toBe('a:b:c');
  });

  test('has all operations of the model, under their own names', () => {
    for (const name of Object.keys(model.operations)) expect(AWS_PROFILE.has(name)).toBe(true);
    expect(AWS_PROFILE.targetAliases.size).toBe(0);
    const output = { Mac: 'x', KeyMetadata: { AWSAccountId: ACCOUNT } };
    expect(AWS_PROFILE.decorate('GenerateMac', output)).toBe(output);
  });

  test.each([
    ['us-east-1', true],
    ['us-gov-west-1', true],
    ['ap-southeast-12', true],
    ['local', false],
    ['us-east', false],
    ['US-EAST-1', false],
    ['us-east-1\n', false],
    ['', false],
  ])('calls %j a region: %s', (name, expected) => {
    expect(AWS_PROFILE.isRegion(name)).toBe(expected);
  });
});

describe('QKMS', () => {
  const realm: Realm = { dialect: 'qkms', tenant: ACCOUNT, region: QKMS_PROFILE.realmRegion('x') };

  test('has one realm, whatever region a client signs for', () => {
    for (const region of ['us-east-1', 'q-world-1', 'local']) {
      expect(QKMS_PROFILE.realmRegion(region)).toBe('q-world-1');
      expect(QKMS_PROFILE.isRegion(region)).toBe(true);
    }
  });

  test('makes ARNs of its own and takes both forms', () => {
    expect(QKMS_PROFILE.arn(realm, `key/${ID}`)).toBe(`arn:verenc:${ACCOUNT}:key/${ID}`);
    expect(QKMS_PROFILE.arn(realm, 'alias/a')).toBe(`arn:verenc:${ACCOUNT}:alias/a`);
    expect(QKMS_PROFILE.rootArn(ACCOUNT, 'us-east-1')).toBe(`arn:verenc:${ACCOUNT}:root`);
    expect(QKMS_PROFILE.parseArn(`arn:verenc:${ACCOUNT}:key/${ID}`)).toEqual({
      partition: 'verenc',
      region: undefined,
      account: ACCOUNT,
      kind: 'key',
      id: ID,
    });
    expect(QKMS_PROFILE.parseArn(`arn:verenc:${ACCOUNT}:alias/a:b`)?.id).toBe('alias/a:b');
    expect(QKMS_PROFILE.parseArn(`arn:aws:kms:us-east-1:${ACCOUNT}:key/${ID}`)?.region).toBe(
      'us-east-1',
    );
  });

  test.each([
    'arn:verenc',
    'arn:verenc::key/x',
    `arn:verenc:${ACCOUNT}`,
    `arn::verenc:${ACCOUNT}:key/x`,
  ])('does not take %j for an ARN', (text) => {
    expect(QKMS_PROFILE.parseArn(text)).toBeUndefined();
  });

  test('has the 44 operations that its pages describe, and the one that only its client has', () => {
    const names = Object.keys(model.operations);
    const missing = names.filter((name) => !QKMS_PROFILE.has(name));
    expect(missing).toEqual([
      'ConnectCustomKeyStore',
      'CreateCustomKeyStore',
      'Decapsulate',
      'DeleteCustomKeyStore',
      'DescribeCustomKeyStores',
      'DisconnectCustomKeyStore',
      'Encapsulate',
      'GetKeyLastUsage',
      'ListKeyRotations',
      'RotateKeyOnDemand',
      'UpdateCustomKeyStore',
    ]);
    expect(names.length - missing.length).toBe(44 + 1);
    expect(QKMS_PROFILE.targetAliases.get('GenerateMAC')).toBe('GenerateMac');
  });

  test('shows both spellings where its pages disagree', () => {
    expect(QKMS_PROFILE.decorate('GenerateMac', { Mac: 'x', KeyId: 'k' })).toEqual({
      Mac: 'x',
      MAC: 'x',
      KeyId: 'k',
    });
    const metadata = { AWSAccountId: ACCOUNT, KeyId: ID };
    expect(QKMS_PROFILE.decorate('CreateKey', { KeyMetadata: metadata })).toEqual({
      KeyMetadata: { ...metadata, AccountId: ACCOUNT, QAccountId: ACCOUNT },
    });
    expect(QKMS_PROFILE.decorate('ListKeys', { Keys: [] })).toEqual({ Keys: [] });
    const status = { KeyId: ID, KeyRotationEnabled: true, RotationPeriodInDays: 90 };
    expect(QKMS_PROFILE.decorate('GetKeyRotationStatus', status)).toEqual({
      KeyRotationEnabled: true,
    });
  });
});
