import { KmsFault } from '@keyglot/core';
import { describe, expect, test } from 'vitest';
import { createSignatureReader } from '../../src/signatureParts.js';
import type { SignatureParts } from '../../src/sigv4.js';
import { plainRequest, presignedRequest, signedRequest } from '../support/signedRequest.js';

const SIGNATURE = 'ab'.repeat(32);
const CREDENTIAL = 'AKID/20261124/eu-west-1/kms/aws4_request';
const DATE = '20261124T120000Z';

function read(
  authorization: string | undefined,
  headers: Record<string, string> = { 'x-amz-date': DATE },
  query = '',
): SignatureParts | undefined {
  return createSignatureReader()(headOf(authorization, headers, query));
}

function headOf(authorization: string | undefined, headers: Record<string, string>, query = '') {
  const { head } = plainRequest();
  const more = authorization === undefined ? {} : { authorization };
  return { ...head, query, headers: { ...head.headers, ...headers, ...more } };
}

/** Code and text of what is thrown. */
function refusal(work: () => unknown): readonly [code: string, message: unknown] {
  try {
    work();
  } catch (error) {
    if (!(error instanceof KmsFault)) throw error;
    return [error.code, Object.entries(error.details ?? {})[0]?.[1]];
  }
  throw new Error('nothing was thrown');
}

describe('the signature in a header', () => {
  test.each([
    ['with commas and blanks', ', '],
    ['with commas alone', ','],
    ['with blanks alone', ' '],
    ['with many of both', ' ,,  , '],
  ])('is read %s between its parameters', (_what, between) => {
    const parts = [
      `Credential=${CREDENTIAL}`,
      'SignedHeaders=Host;X-Amz-Date',
      `Signature=${SIGNATURE}`,
    ];
    expect(read(`AWS4-HMAC-SHA256 ${parts.join(between)}`)).toEqual({
      accessKeyId: 'AKID',
      date: '20261124',
      region: 'eu-west-1',
      service: 'kms',
      terminator: 'aws4_request',
      signedHeaders: ['host', 'x-amz-date'],
      signature: SIGNATURE,
      timestamp: DATE,
      sessionToken: '',
      expiresSeconds: undefined,
      canonicalQuery: '',
    });
  });

  test('is read in any order of its parameters', () => {
    const parts = [`Signature=${SIGNATURE}`, 'SignedHeaders=host', `Credential=${CREDENTIAL}`];
    for (const order of [parts, [...parts].reverse(), [parts[1], parts[0], parts[2]]]) {
      expect(read(`AWS4-HMAC-SHA256 ${order.join(', ')}`)).toMatchObject({
        accessKeyId: 'AKID',
        signature: SIGNATURE,
        signedHeaders: ['host'],
      });
    }
  });

  test('of one client is never taken for that of another, whatever the order of parameters', () => {
    const reader = createSignatureReader();
    for (const key of ['FIRST', 'SECOND']) {
      const scope = CREDENTIAL.replace('AKID', key);
      const first = `AWS4-HMAC-SHA256 Signature=${SIGNATURE}, Credential=${scope}, SignedHeaders=host`;
      expect(reader(headOf(first, { 'x-amz-date': DATE }))?.accessKeyId).toBe(key);
      const middle = `AWS4-HMAC-SHA256 SignedHeaders=host, Signature=${SIGNATURE}, Credential=${scope}`;
      expect(reader(headOf(middle, { 'x-amz-date': DATE }))?.accessKeyId).toBe(key);
    }
  });

  test('is read anew where only the signature, the date or the token differ', () => {
    const reader = createSignatureReader();
    for (const digit of ['1', '2', '3']) {
      const signature = digit.repeat(64);
      const authorization = `AWS4-HMAC-SHA256 Credential=${CREDENTIAL}, SignedHeaders=host, Signature=${signature}`;
      const headers = { 'x-amz-date': `2026112${digit}T000000Z`, 'x-amz-security-token': digit };
      expect(reader(headOf(authorization, headers))).toMatchObject({
        signature,
        timestamp: `2026112${digit}T000000Z`,
        sessionToken: digit,
      });
    }
  });

  test('without a date is refused also when the same header came with one before', () => {
    const reader = createSignatureReader();
    const authorization = `AWS4-HMAC-SHA256 Credential=${CREDENTIAL}, SignedHeaders=host, Signature=${SIGNATURE}`;
    expect(reader(headOf(authorization, { 'x-amz-date': DATE }))?.timestamp).toBe(DATE);
    expect(refusal(() => reader(headOf(authorization, {})))[0]).toBe('IncompleteSignature');
  });

  test.each([
    ['X-Amz-Date', { 'x-amz-date': DATE, date: 'Mon, 23 Nov 2026 12:00:00 GMT' }, DATE],
    ['an HTTP date', { date: 'Tue, 24 Nov 2026 12:00:00 GMT' }, DATE],
    ['a Date of the other form', { date: DATE }, DATE],
    ['no date that anybody knows', { date: 'yesterday' }, 'yesterday'],
  ])('has the time of %s', (_what, headers, expected) => {
    const authorization = `AWS4-HMAC-SHA256 Credential=${CREDENTIAL}, SignedHeaders=host, Signature=${SIGNATURE}`;
    expect(read(authorization, headers)?.timestamp).toBe(expected);
  });

  test.each([
    undefined,
    'Basic dXNlcjpwYXNz',
    'Bearer AWS4-HMAC-SHA256',
    'aws4-hmac-sha256 Credential=x',
    'AWS AKID:abc',
    '',
  ])('is absent from %j', (authorization) => {
    expect(read(authorization)).toBeUndefined();
  });

  const CASES: readonly [string, string, Record<string, string>, string][] = [
    [
      'nothing behind the algorithm and no date',
      'AWS4-HMAC-SHA256',
      {},
      "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=AWS4-HMAC-SHA256",
    ],
    [
      'no credential',
      `AWS4-HMAC-SHA256 SignedHeaders=host, Signature=${SIGNATURE}`,
      { 'x-amz-date': DATE },
      `Authorization header requires 'Credential' parameter. Authorization=AWS4-HMAC-SHA256 SignedHeaders=host, Signature=${SIGNATURE}`,
    ],
    [
      'an empty signature',
      `AWS4-HMAC-SHA256 Credential=${CREDENTIAL}, SignedHeaders=host, Signature=`,
      { 'x-amz-date': DATE },
      `Authorization header requires 'Signature' parameter. Authorization=AWS4-HMAC-SHA256 Credential=${CREDENTIAL}, SignedHeaders=host, Signature=`,
    ],
    [
      'no date',
      `AWS4-HMAC-SHA256 Credential=${CREDENTIAL}, SignedHeaders=host, Signature=${SIGNATURE}`,
      {},
      `Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=AWS4-HMAC-SHA256 Credential=${CREDENTIAL}, SignedHeaders=host, Signature=${SIGNATURE}`,
    ],
    [
      'a word without an equal-sign',
      'AWS4-HMAC-SHA256 Signature=b,    Credential,    SignedHeaders',
      { 'x-amz-date': DATE },
      "'Credential' not a valid key=value pair (missing equal-sign) in Authorization header: 'AWS4-HMAC-SHA256 Signature=b,    Credential,    SignedHeaders'.",
    ],
    [
      'four elements in the credential',
      'AWS4-HMAC-SHA256 Credential=a/b/c/d, SignedHeaders=host, Signature=b',
      { 'x-amz-date': DATE },
      "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'a/b/c/d'",
    ],
    [
      'six elements in the credential',
      'AWS4-HMAC-SHA256 Credential=a/b/c/d/e/f, SignedHeaders=host, Signature=b',
      { 'x-amz-date': DATE },
      "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'a/b/c/d/e/f'",
    ],
    [
      'the algorithm of several regions',
      `AWS4-ECDSA-P256-SHA256 Credential=AKID/20261124/kms/aws4_request, SignedHeaders=host, Signature=${SIGNATURE}`,
      { 'x-amz-date': DATE },
      "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256' (only AWS4-HMAC-SHA256 for now). ",
    ],
  ];

  test.each(CASES)('is incomplete with %s', (_what, authorization, headers, message) => {
    expect(refusal(() => read(authorization, headers))).toEqual(['IncompleteSignature', message]);
  });

  test('is refused beside one in the query', () => {
    const authorization = `AWS4-HMAC-SHA256 Credential=${CREDENTIAL}, SignedHeaders=host, Signature=${SIGNATURE}`;
    const query = 'X-Amz-Algorithm=AWS4-HMAC-SHA256';
    expect(refusal(() => read(authorization, { 'x-amz-date': DATE }, query))).toEqual([
      'SignatureRefusedInferred',
      "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
    ]);
  });

  test('takes bounded memory for any number of clients', async () => {
    const reader = createSignatureReader();
    for (let index = 0; index < 2_500; index += 1) {
      const authorization = `AWS4-HMAC-SHA256 Credential=${CREDENTIAL.replace('AKID', `K${index}`)}, SignedHeaders=host, Signature=${SIGNATURE}`;
      expect(reader(headOf(authorization, { 'x-amz-date': DATE }))?.accessKeyId).toBe(`K${index}`);
    }
    const { head } = await signedRequest();
    expect(reader(head)?.accessKeyId).toBe('AKIDEXAMPLE');
  });
});

describe('the signature in a query', () => {
  test('is read', async () => {
    const request = await presignedRequest({ sessionToken: 'to/ken', expiresIn: 60 });
    expect(createSignatureReader()(request.head)).toMatchObject({
      accessKeyId: 'AKIDEXAMPLE',
      date: '20261124',
      region: 'us-east-1',
      service: 'kms',
      terminator: 'aws4_request',
      signedHeaders: ['content-type', 'host', 'x-amz-target'],
      signature: expect.stringMatching(/^[0-9a-f]{64}$/),
      timestamp: DATE,
      sessionToken: 'to/ken',
      expiresSeconds: 60,
    });
  });

  test('names all parameters that are missing', () => {
    expect(refusal(() => read(undefined, {}, 'X-Amz-Algorithm=AWS4-HMAC-SHA256'))).toEqual([
      'IncompleteSignature',
      "AWS query-string parameters must include 'X-Amz-Credential'. AWS query-string parameters must include 'X-Amz-Signature'. AWS query-string parameters must include 'X-Amz-SignedHeaders'. AWS query-string parameters must include 'X-Amz-Date'. Re-examine the query-string parameters.",
    ]);
  });

  test('of another algorithm is refused', () => {
    const query = `X-Amz-Algorithm=AWS4-ECDSA-P256-SHA256&X-Amz-Credential=${CREDENTIAL}&X-Amz-Signature=a&X-Amz-SignedHeaders=host&X-Amz-Date=${DATE}`;
    expect(refusal(() => read(undefined, {}, query))).toEqual([
      'IncompleteSignature',
      "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256' (only AWS4-HMAC-SHA256 for now). ",
    ]);
  });

  test.each(['0', '-1', '1e400', '1.5', 'x'])('with a life of %j seconds has none', (expires) => {
    const query = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${CREDENTIAL}&X-Amz-Signature=a&X-Amz-SignedHeaders=host&X-Amz-Date=${DATE}&X-Amz-Expires=${expires}`;
    expect(read(undefined, {}, query)?.expiresSeconds).toBe(0);
  });
});
