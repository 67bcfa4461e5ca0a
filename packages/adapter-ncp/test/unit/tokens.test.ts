import { Secret } from '@keyglot/core';
import { expect, test } from 'vitest';
import {
  issueToken,
  peekToken,
  readHours,
  type TokenClaims,
  verifyToken,
} from '../../src/tokens.js';

const secret = new Secret(Buffer.alloc(32, 7));
const claims: TokenClaims = { keyTag: 'tag', gid: 'generator', sub: 'user', typ: 'access' };
const START_MS = 1_700_000_000_000;
const HOUR_MS = 3_600_000;

test('gives back the claims of a token until it expires', () => {
  const token = issueToken(claims, secret, 'id', 2, START_MS);
  expect(verifyToken(token, secret, START_MS + 2 * HOUR_MS - 1)).toEqual(claims);
  expect(verifyToken(token, secret, START_MS + 2 * HOUR_MS)).toBeUndefined();
});

test('issues unlimited tokens without an end', () => {
  const token = issueToken(claims, secret, 'id', 'UL', START_MS);
  const [, payload = ''] = token.split('.');
  expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toEqual({
    ...claims,
    jti: 'id',
    iat: START_MS / 1_000,
  });
  expect(verifyToken(token, secret, START_MS + 1e12)).toEqual(claims);
});

test('refuses a token of another secret, another algorithm, or with a changed claim', () => {
  const token = issueToken(claims, secret, 'id', 1, START_MS);
  const [head = '', payload = '', signature = ''] = token.split('.');
  const encode = (value: object): string =>
    Buffer.from(JSON.stringify(value)).toString('base64url');
  const other = encode({ ...claims, keyTag: 'other' });
  const none = encode({ alg: 'none', typ: 'JWT' });
  for (const forged of [
    `${head}.${other}.${signature}`,
    `${none}.${payload}.`,
    `${encode({ alg: 'HS512', typ: 'JWT' })}.${payload}.${signature}`,
    `${head}.${payload}`,
  ]) {
    expect(verifyToken(forged, secret, START_MS)).toBeUndefined();
  }
  expect(verifyToken(token, new Secret(Buffer.alloc(32, 8)), START_MS)).toBeUndefined();
});

test('recognises tokens of its own form, and nothing else', () => {
  expect(peekToken(issueToken(claims, secret, 'id', 1, START_MS))).toEqual(claims);
  const foreign = [
    '{Access Token}',
    '',
    'a.b.c',
    'x'.repeat(5_000),
    `e30.${Buffer.from('{"keyTag":1}').toString('base64url')}.e30`,
    `e30.${Buffer.from('null').toString('base64url')}.e30`,
  ];
  for (const text of foreign) expect(peekToken(text)).toBeUndefined();
});

test.each([
  ['1', 1],
  ['17520', 17_520],
  ['UL', 'UL'],
  ['0', undefined],
  ['17521', undefined],
  ['ul', undefined],
  ['1.5', undefined],
  ['-1', undefined],
  ['', undefined],
])('reads %j hours as %j', (text, expected) => {
  expect(readHours(text)).toBe(expected);
});
