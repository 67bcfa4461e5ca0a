import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RawAnswer, RawClient } from '../support/rawClient.js';
import { jsonRequest, startTarget, type Target } from './target.js';

/** The same cases in each run. */
const SEED = 20_261_124;
const LONG = 60_000;

const MEMBERS = [
  'AliasName',
  'BypassPolicyLockoutSafetyCheck',
  'CiphertextBlob',
  'Constraints',
  'Description',
  'DestinationEncryptionAlgorithm',
  'DestinationEncryptionContext',
  'DestinationKeyId',
  'DryRun',
  'DryRunModifiers',
  'EncryptionAlgorithm',
  'EncryptionContext',
  'GrantId',
  'GrantToken',
  'GrantTokens',
  'GranteePrincipal',
  'GranteeServicePrincipal',
  'KeyId',
  'KeySpec',
  'KeyUsage',
  'Limit',
  'Mac',
  'MacAlgorithm',
  'Marker',
  'Message',
  'MessageType',
  'MultiRegion',
  'Name',
  'NumberOfBytes',
  'Operations',
  'Origin',
  'PendingWindowInDays',
  'Plaintext',
  'Policy',
  'Recipient',
  'RetiringPrincipal',
  'RetiringServicePrincipal',
  'Signature',
  'SigningAlgorithm',
  'SourceEncryptionContext',
  'SourceKeyId',
  'Tags',
  'TargetKeyId',
  '__proto__',
] as const;

const WORDS = [
  'SYMMETRIC_DEFAULT',
  'RSAES_OAEP_SHA_256',
  'RSASSA_PSS_SHA_256',
  'ECDSA_SHA_256',
  'HMAC_SHA_256',
  'ENCRYPT_DECRYPT',
  'SIGN_VERIFY',
  'GENERATE_VERIFY_MAC',
  'ECC_NIST_P256',
  'HMAC_256',
  'AES_256',
  'AWS_KMS',
  'EXTERNAL',
  'RAW',
  'DIGEST',
  'IGNORE_CIPHERTEXT',
] as const;

let target: Target;
let operations: readonly string[];

beforeAll(async () => {
  target = await startTarget();
  const response = await fetch(`${target.gateway.url}/_keyglot/coverage`);
  const rows = (await response.json()) as {
    // Its form is checked by the tests of the coverage.
    readonly operations: readonly { readonly dialect: string; readonly operation: string }[];
  };
  operations = rows.operations
    .filter(({ dialect }) => dialect === 'aws')
    .map(({ operation }) => operation);
  expect(operations.length).toBeGreaterThan(50);
});

afterAll(async () => {
  await target.assertIntact();
  await target.close();
});

/** A connection that is made anew when it was closed. */
function line(): { next(): RawClient; close(): void } {
  let client: RawClient | undefined;
  return {
    next() {
      if (client === undefined || client.socket.destroyed || !client.socket.writable) {
        client = target.connect();
      }
      return client;
    },
    close: () => client?.socket.destroy(),
  };
}

/** Whether an answer is one that a client may be given, whatever it sent. */
function isFine({ status, headers }: RawAnswer): boolean {
  // 501: a dialect that is not there yet.
  return (status < 500 || status === 501) && !headers.has('x-injected');
}

const value = (keyId: string, blob: string): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(keyId, blob, ...WORDS) },
    {
      weight: 2,
      arbitrary: fc
        .uint8Array({ maxLength: 64 })
        .map((bytes) => Buffer.from(bytes).toString('base64')),
    },
    { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 300 }) },
    { weight: 1, arbitrary: fc.integer() },
    { weight: 1, arbitrary: fc.double() },
    { weight: 1, arbitrary: fc.boolean() },
    { weight: 1, arbitrary: fc.constantFrom('alias/a', 'alias/aws/ebs', 'arn:aws:kms:::', 'mrk-') },
    {
      weight: 2,
      arbitrary: fc.dictionary(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 })),
    },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
  );

describe('any input', () => {
  test(
    'of an operation of AWS KMS or QKMS is answered, and never by a fault of ours',
    async () => {
      const member = value(target.keyId, target.blob);
      const input = fc.dictionary(fc.constantFrom(...MEMBERS), member, { maxKeys: 8 });
      const connection = line();
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...operations),
          fc.constantFrom('/', '/qkms/'),
          input,
          fc.boolean(),
          async (operation, path, members, named) => {
            // Half of them get as far as their key.
            const all = named ? { ...members, KeyId: target.keyId } : members;
            if (/Deletion|Disable/.test(operation)) return;
            const client = connection.next();
            const [head, body] = jsonRequest(operation, JSON.stringify(all));
            client.send(head.replace('POST / ', `POST ${path} `), body);
            const [answer] = await client.answers(1);
            if (answer === undefined || !isFine(answer)) throw new Error(JSON.stringify(answer));
            if (answer.status !== 200) expect(answer.status).toBe(400);
            if (answer.body !== '') JSON.parse(answer.body);
          },
        ),
        { seed: SEED, numRuns: 1_500 },
      );
      connection.close();
    },
    LONG,
  );

  test(
    'of any head and body is answered or refused, and never by a fault of ours',
    async () => {
      const token = fc.string({ unit: 'grapheme-ascii', maxLength: 60 });
      // Everything but what ends a line or cannot be in a header.
      const text = fc
        .array(
          fc.integer({ min: 0x20, max: 0xff }).filter((code) => code !== 0x7f),
          { maxLength: 80 },
        )
        .map((codes) => String.fromCharCode(...codes));
      const path = fc
        .array(
          fc.oneof(
            fc.constantFrom(
              'aws',
              'qkms',
              'alibaba',
              'yandex',
              'ncp',
              's',
              'box',
              'keys',
              'kms',
              'v1',
              'v2',
            ),
            fc.constantFrom(
              'abj0123456789abcdefg:encrypt',
              'ab'.repeat(32),
              'versions',
              'encrypt',
              '..',
              '.',
              '',
            ),
            fc.constantFrom(
              'iam',
              'tokens',
              'operations',
              'endpoints',
              '_keyglot',
              'healthz',
              'credentials',
            ),
            token.map((raw) => raw.replace(/[^!-~]|[#?]/g, '')),
          ),
          { maxLength: 6 },
        )
        .map((segments) => `/${segments.join('/')}`);
      const query = fc
        .dictionary(
          fc.constantFrom(
            'Action',
            'Version',
            'folderId',
            'pageNo',
            'X-Amz-Algorithm',
            'X-Amz-Credential',
            'X-Amz-Date',
            'a',
          ),
          fc.oneof(
            token,
            fc.constantFrom(
              '2011-06-15',
              '2016-01-20',
              'AWS4-HMAC-SHA256',
              'ListKeys',
              'GetCallerIdentity',
            ),
          ),
          { maxKeys: 5 },
        )
        .map((pairs) => {
          const text = new URLSearchParams(pairs).toString();
          return text === '' ? '' : `?${text}`;
        });
      const fields = fc.dictionary(
        fc.constantFrom(
          'X-Amz-Target',
          'X-Amz-Date',
          'X-Amz-Security-Token',
          'X-Amz-Content-Sha256',
          'Authorization',
          'Content-Type',
          'Host',
          'Origin',
          'Accept',
          'Date',
          'X-Keyglot-Evidence',
          'x-acs-action',
          'x-acs-version',
          'x-ncp-iam-access-key',
          'x-ncp-apigw-timestamp',
          'Cookie',
          '__proto__',
          'constructor',
        ),
        fc.oneof(
          { weight: 2, arbitrary: text },
          {
            weight: 3,
            arbitrary: fc.constantFrom(
              'TrentService.ListKeys',
              'application/x-amz-json-1.1',
              'application/x-www-form-urlencoded',
              'application/json',
              'application/grpc',
              'AWS4-HMAC-SHA256 Credential=a/b/c/kms/aws4_request, SignedHeaders=host, Signature=x',
              'ACS3-HMAC-SHA256 Credential=a,SignedHeaders=host,Signature=x',
              'Bearer t1.x',
              'aws.localhost',
              'box.qkms.localhost',
              'kms.yandex',
              '20261124T120000Z',
            ),
          },
        ),
        { maxKeys: 6 },
      );
      const body = fc.oneof(
        fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
        fc.json({ maxDepth: 3 }).map((json) => Buffer.from(json)),
        query.map((form) => Buffer.from(form.slice(1))),
      );
      const connection = line();
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom('POST', 'GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'),
          path,
          query,
          fields,
          body,
          async (method, where, asked, named, bytes) => {
            const all = { Host: '127.0.0.1', ...named, 'Content-Length': String(bytes.length) };
            const lines = Object.entries(all).map(([name, content]) => `${name}: ${content}`);
            const client = connection.next();
            client.send(
              [`${method} ${where}${asked} HTTP/1.1`, ...lines, '', ''].join('\r\n'),
              bytes,
            );
            const [answer] = await client.answers(1);
            if (answer === undefined || !isFine(answer)) throw new Error(JSON.stringify(answer));
            if (answer.headers.get('connection') === 'close') client.socket.destroy();
          },
        ),
        { seed: SEED, numRuns: 1_500 },
      );
      connection.close();
    },
    LONG,
  );

  test(
    'of the admin API is answered, and never by a fault of ours',
    async () => {
      const members = fc.dictionary(
        fc.constantFrom(
          'dialect',
          'accessKeyId',
          'secretAccessKey',
          'account',
          'arn',
          'sandbox',
          'name',
          'source',
          'destination',
          'twin',
          'plaintext',
          'expiresAt',
          '__proto__',
        ),
        fc.oneof(
          fc.constantFrom(
            'aws',
            'qkms',
            'main',
            'box',
            '_system',
            'AKID',
            '111122223333',
            target.keyId,
            target.blob,
          ),
          fc.string({ unit: 'binary', maxLength: 20 }),
          fc.record(
            {
              dialect: fc.constantFrom('aws', 'qkms', 'alibaba', 'yandex', 'ncp', 'x'),
              keyId: fc.constantFrom(target.keyId, 'x', ''),
              ciphertext: fc.constantFrom(target.blob, '', 'x'),
              context: fc.jsonValue({ maxDepth: 2 }),
              account: fc.constantFrom('000000000000', '\u0000'),
            },
            { requiredKeys: ['dialect'] },
          ),
          fc.jsonValue({ maxDepth: 2 }),
        ),
        { maxKeys: 7 },
      );
      const connection = line();
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom('POST', 'GET', 'DELETE'),
          fc.constantFrom(
            'credentials',
            'sandboxes',
            'reencrypt',
            'twins',
            'credentials/aws/AKID',
            'journal?sandbox=%00',
            'credentials?after=%ff',
          ),
          members,
          async (method, path, input) => {
            const bytes = Buffer.from(JSON.stringify(input));
            const client = connection.next();
            const lines = [
              `${method} /_keyglot/${path} HTTP/1.1`,
              'Host: localhost',
              `Authorization: Bearer ${target.gateway.adminToken}`,
              'Content-Type: application/json',
              `Content-Length: ${bytes.length}`,
            ];
            client.send([...lines, '', ''].join('\r\n'), bytes);
            const [answer] = await client.answers(1);
            if (answer === undefined || !isFine(answer)) throw new Error(JSON.stringify(answer));
          },
        ),
        { seed: SEED, numRuns: 600 },
      );
      connection.close();
    },
    LONG,
  );

  test(
    'of any bytes at all is answered or closed, and the next client is served',
    async () => {
      const request = Buffer.concat(
        jsonRequest('ListKeys', '{"Limit":1}').map((piece) => Buffer.from(piece)),
      );
      await fc.assert(
        fc.asyncProperty(
          fc.uint8Array({ maxLength: 8 }),
          fc.nat(request.length),
          fc.nat(request.length),
          async (noise, from, to) => {
            const bytes = Buffer.concat([
              request.subarray(0, Math.min(from, to)),
              noise,
              request.subarray(Math.max(from, to)),
            ]);
            const client = target.connect();
            client.send(bytes);
            client.socket.end();
            const answered = await client.rest();
            client.socket.destroy();
            const status = /^HTTP\/1\.1 (\d{3})/.exec(answered)?.[1];
            if (status !== undefined && Number(status) >= 500) throw new Error(answered);
            if (status === undefined) expect(answered).toBe('');
          },
        ),
        { seed: SEED, numRuns: 300 },
      );
      await target.assertIntact();
    },
    LONG,
  );
});
