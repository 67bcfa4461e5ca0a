import { KmsFault } from '@keyglot/core';
import type { WireRequest } from '@keyglot/dialect';
import { describe, expect, test } from 'vitest';
import type { AwsCaller } from '../../src/call.js';
import { createDecoder, requireProtocol, targetOperation } from '../../src/decode.js';
import type { Profile } from '../../src/profile.js';
import { AWS_PROFILE } from '../../src/profiles/aws.js';
import { QKMS_PROFILE } from '../../src/profiles/qkms.js';
import { plainRequest, withHeaders } from '../support/signedRequest.js';

const decode = createDecoder();

function requestOf(target: string | undefined, body: string | Buffer = '{}'): WireRequest {
  const request = withHeaders(plainRequest(), { 'x-amz-target': target });
  return { ...request, body: Buffer.from(body) };
}

function decoded(request: WireRequest, profile: Profile = AWS_PROFILE) {
  // Only the profile of a caller is looked at.
  return decode(request, { profile } as AwsCaller);
}

function refusal(work: () => unknown): readonly [code: string, message: unknown] {
  try {
    work();
  } catch (error) {
    if (!(error instanceof KmsFault)) throw error;
    return [error.code, new Map(Object.entries(error.details ?? {})).get('message')];
  }
  throw new Error('nothing was thrown');
}

describe('the protocol', () => {
  test.each([
    ['POST', 'application/x-amz-json-1.1', '{}', true],
    ['POST', 'application/x-amz-json-1.0', '{}', true],
    ['POST', 'application/json; charset=utf-8', '{}', true],
    ['POST', 'APPLICATION/JSON', '{}', true],
    ['POST', undefined, '', true],
    ['POST', 'text/plain', '', true],
    ['POST', undefined, '{}', false],
    ['POST', 'text/plain', '{}', false],
    ['POST', 'application/x-www-form-urlencoded', '{}', false],
    ['GET', 'application/json', '', false],
    ['PUT', 'application/json', '{}', false],
    ['post', 'application/json', '{}', false],
  ])('%s of %s with the body %j is of this protocol: %s', (method, type, body, expected) => {
    const request = withHeaders(plainRequest({ method, body }), { 'content-type': type });
    if (expected) expect(() => requireProtocol(request)).not.toThrow();
    else expect(refusal(() => requireProtocol(request))).toEqual(['NotThisProtocol', undefined]);
  });
});

describe('the target', () => {
  test.each([
    ['TrentService.ListKeys', 'ListKeys'],
    ['TrentService.', ''],
    ['TrentService.a.b', 'a.b'],
    ['trentservice.ListKeys', ''],
    ['ListKeys', ''],
    ['', ''],
    [undefined, ''],
  ])('%j names the operation %j', (target, expected) => {
    expect(targetOperation(requestOf(target))).toBe(expected);
  });

  test('must be an operation of the profile', () => {
    expect(decoded(requestOf('TrentService.ListKeys'))).toMatchObject({
      row: { name: 'ListKeys' },
      input: {},
      ignored: [],
    });
    for (const name of ['', 'listkeys', 'NoSuchThing', '__proto__', 'toString', 'GenerateMAC']) {
      expect(
        refusal(() => decoded(requestOf(`TrentService.${name}`))),
        name,
      ).toEqual(['UnknownOperation', undefined]);
    }
    const random = requestOf('TrentService.GenerateRandom', '{"NumberOfBytes":1}');
    expect(decoded(random).row.name).toBe('GenerateRandom');
    const usage = requestOf('TrentService.GetKeyLastUsage', '{"KeyId":"a"}');
    expect(decoded(usage).row.name).toBe('GetKeyLastUsage');
    expect(refusal(() => decoded(usage, QKMS_PROFILE))[0]).toBe('UnknownOperation');
    const tasks = requestOf('TrentService.ListTasks', '{}');
    expect(decoded(tasks, QKMS_PROFILE).row.name).toBe('ListTasks');
    expect(refusal(() => decoded(tasks))[0]).toBe('UnknownOperation');
    const mac = '{"KeyId":"a","Message":"YQ==","MacAlgorithm":"HMAC_SHA_256"}';
    expect(decoded(requestOf('TrentService.GenerateMAC', mac), QKMS_PROFILE).row.name).toBe(
      'GenerateMac',
    );
  });

  test('is looked at before the body', () => {
    expect(refusal(() => decoded(requestOf('TrentService.X', '{')))[0]).toBe('UnknownOperation');
  });

  test('of an operation that Keyglot lacks is unsupported, whatever the body', () => {
    expect(refusal(() => decoded(requestOf('TrentService.CreateCustomKeyStore', '{')))[0]).toBe(
      'Unsupported',
    );
  });
});

describe('the body', () => {
  const encrypt = (body: string | Buffer) => decoded(requestOf('TrentService.Encrypt', body));

  test('is decoded: base64 to bytes, maps as they were sent', () => {
    const { input, ignored } = encrypt(
      '{"KeyId":"a","Plaintext":"YWJj","EncryptionContext":{"b":"2","__proto__":"3","a":"1"},"X":1,"__proto__":2}',
    );
    expect(input).toMatchObject({ KeyId: 'a', Plaintext: Buffer.from('abc') });
    const context = new Map(Object.entries(input as object)).get('EncryptionContext');
    expect(Object.entries(context)).toEqual([
      ['b', '2'],
      ['__proto__', '3'],
      ['a', '1'],
    ]);
    expect(ignored).toEqual(['X', '__proto__']);
    expect(Object.keys(input as object)).toEqual(['KeyId', 'Plaintext', 'EncryptionContext']);
  });

  test('holds nothing that the operation does not have, even if others have it', () => {
    const { input, ignored } = decoded(
      requestOf('TrentService.ListAliases', '{"GrantTokens":0,"DryRun":true,"Limit":3}'),
    );
    expect(input).toEqual({ Limit: 3 });
    expect(ignored).toEqual(['GrantTokens', 'DryRun']);
  });

  test('of no bytes is an empty object', () => {
    expect(decoded(requestOf('TrentService.ListKeys', '')).input).toEqual({});
  });

  test('that is no JSON in UTF-8 is unreadable', () => {
    for (const body of ['{', '\ufeff{}', 'null', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])]) {
      expect(refusal(() => encrypt(body))).toEqual(['Serialization', undefined]);
    }
  });

  test('with a wrong type is refused before limits are looked at', () => {
    expect(refusal(() => encrypt('{"KeyId":"","Plaintext":1}'))).toEqual([
      'Serialization',
      'NUMBER_VALUE can not be converted to a Blob',
    ]);
    expect(refusal(() => encrypt('{"KeyId":""}'))[0]).toBe('Validation');
  });

  test('never shows a plaintext in what it refuses', () => {
    const secret = Buffer.from('top secret').toString('base64');
    const bodies = [
      `{"Plaintext":"${secret}"}`,
      `{"Plaintext":"${secret}!"}`,
      `{"KeyId":"a","Plaintext":"${secret.repeat(600)}"}`,
      `{"KeyId":"a","Plaintext":["${secret}"]}`,
      `{"KeyId":"a","Plaintext":"${secret}"`,
    ];
    for (const body of bodies) {
      const [code, message] = refusal(() => encrypt(body));
      expect(['Serialization', 'Validation']).toContain(code);
      expect(String(message)).not.toContain(secret.slice(0, 12));
    }
  });
});
