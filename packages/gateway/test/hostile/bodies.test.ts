import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { errorOf, jsonRequest, memberOf, PLAINTEXT, startTarget, type Target } from './target.js';

const LIMIT = 1_048_576;
const TOO_LARGE = [413, 'RequestEntityTooLargeException', undefined] as const;
const UNREADABLE = [400, 'SerializationException', undefined] as const;
const DEPTH = 100_000;

let target: Target;

beforeAll(async () => {
  target = await startTarget();
});

afterEach(() => target.assertIntact());

afterAll(() => target.close());

/** `{}` with blanks up to a size. */
function padded(sizeBytes: number): Buffer {
  const body = Buffer.alloc(sizeBytes, ' ');
  body.write('{}');
  return body;
}

function chunked(operation: string, pieces: readonly Buffer[]): (string | Buffer)[] {
  const [head] = jsonRequest(operation, '');
  const framed = head.replace('Content-Length: 0', 'Transfer-Encoding: chunked');
  const chunks = pieces.flatMap((piece) => [`${piece.length.toString(16)}\r\n`, piece, '\r\n']);
  return [framed, ...chunks, '0\r\n\r\n'];
}

describe('a body', () => {
  test('at the limit is taken, whole and in chunks', async () => {
    expect((await target.call('ListKeys', padded(LIMIT))).status).toBe(200);
    const halves = [padded(LIMIT).subarray(0, LIMIT / 2), padded(LIMIT).subarray(LIMIT / 2)];
    expect((await target.once(...chunked('ListKeys', halves))).status).toBe(200);
  });

  test('one byte over the limit is refused in the dialect, and the connection is closed', async () => {
    const whole = jsonRequest('ListKeys', padded(LIMIT + 1));
    const pieces = chunked('ListKeys', [padded(LIMIT), Buffer.from(' ')]);
    for (const request of [whole, pieces]) {
      const client = target.connect();
      client.send(...request);
      const [answer] = await client.answers(1);
      expect(answer && errorOf(answer)).toEqual(TOO_LARGE);
      expect(answer?.headers.get('connection')).toBe('close');
      expect(answer?.headers.get('content-type')).toBe('application/x-amz-json-1.1');
      expect(answer?.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
      expect(await client.rest()).toBe('');
    }
  });

  test('that is announced as too large is refused before it comes', async () => {
    const client = target.connect();
    const [head] = jsonRequest('ListKeys', '');
    client.send(head.replace('Content-Length: 0', `Content-Length: ${LIMIT * 1_000}`));
    const [answer] = await client.answers(1);
    expect(answer && errorOf(answer)).toEqual(TOO_LARGE);
  });

  test.each([
    ['whole', (head: string) => head.replace('Content-Length: 0', 'Content-Length: 20000000')],
    [
      'in chunks',
      (head: string) => head.replace('Content-Length: 0', 'Transfer-Encoding: chunked'),
    ],
  ])(
    'that is too large lets a client that sends it %s first have the answer',
    async (how, frame) => {
      const client = target.connect();
      client.socket.pause();
      const [head] = jsonRequest('ListKeys', '');
      const data = 'x'.repeat(100_000);
      const piece = how === 'whole' ? data : `${data.length.toString(16)}\r\n${data}\r\n`;
      client.send(frame(head));
      for (let sent = 0; sent < 200; sent += 1) {
        await new Promise<void>((resolve, reject) => {
          client.socket.write(piece, (error) => (error ? reject(error) : resolve()));
        });
      }
      client.socket.resume();
      const [answer] = await client.answers(1);
      expect(answer && errorOf(answer)).toEqual(TOO_LARGE);
    },
  );

  test('of a form that nobody knows may not be larger either', async () => {
    const head = `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${LIMIT + 1}\r\n\r\n`;
    const answer = await target.once(head, Buffer.alloc(LIMIT + 1, 'a'));
    expect(answer.status).toBe(413);
    expect(answer.headers.get('connection')).toBe('close');
  });

  test('in many pieces of one byte is put together', async () => {
    const body = Buffer.from(JSON.stringify({ KeyId: target.keyId, Plaintext: PLAINTEXT }));
    const bytes = [...body].map((byte) => Buffer.from([byte]));
    expect((await target.once(...chunked('Encrypt', bytes))).status).toBe(200);
  });

  test.each<[string, string | Buffer]>([
    ['half of an object', '{"KeyId":'],
    ['an object and more', '{} {}'],
    ['a trailing comma', '{"Limit":1,}'],
    ['single quotes', "{'Limit':1}"],
    ['a comment', '{/**/}'],
    ['a text', '"TrentService"'],
    ['a number', '1'],
    ['true', 'true'],
    ['null', 'null'],
    ['NaN', 'NaN'],
    ['blanks', '   '],
    ['a control character in a text', '{"Marker":"\n"}'],
    ['NUL', '\u0000'],
    ['cut UTF-8', Buffer.from('{"Marker":"é"}').subarray(0, 12)],
    ['UTF-8 that is too long', Buffer.from([0x7b, 0xc0, 0xaf, 0x7d])],
    ['half of a surrogate pair in UTF-8', Buffer.from([0x7b, 0xed, 0xa0, 0x80, 0x7d])],
    ['UTF-16', Buffer.from('{}', 'utf16le')],
    ['a byte order mark', '\ufeff{}'],
    ['compressed bytes', Buffer.from('1f8b0800000000000003abae0500', 'hex')],
  ])('that is %s is unreadable', async (_what, body) => {
    expect(errorOf(await target.call('ListKeys', body))).toEqual(UNREADABLE);
  });

  test('that is a list is refused with its text', async () => {
    expect(errorOf(await target.call('ListKeys', '[{}]'))).toEqual([
      400,
      'SerializationException',
      'Start of list found where not expected',
    ]);
  });

  test('of no bytes is an empty object', async () => {
    expect((await target.call('ListKeys', '')).status).toBe(200);
    expect((await target.call('GenerateRandom', '')).status).toBe(400);
  });

  test.each([
    ['objects', '{"a":', '1', '}'],
    ['lists', '{"a":', '['.repeat(DEPTH) + ']'.repeat(DEPTH), '}'],
  ])(
    `nested ${DEPTH} levels deep in %s is taken where nobody looks`,
    async (what, open, middle, close) => {
      const body =
        what === 'lists'
          ? open + middle + close
          : open.repeat(DEPTH) + middle + close.repeat(DEPTH);
      expect((await target.call('ListKeys', body)).status).toBe(200);
    },
  );

  test.each(['KeyId', 'EncryptionContext', 'GrantTokens', 'Plaintext'])(
    `nested ${DEPTH} levels deep in %s is refused`,
    async (member) => {
      const lists = '['.repeat(DEPTH) + ']'.repeat(DEPTH);
      const objects = `${'{"a":'.repeat(DEPTH)}1${'}'.repeat(DEPTH)}`;
      for (const value of [lists, objects]) {
        const answer = await target.call('Encrypt', `{"${member}":${value}}`);
        expect(errorOf(answer).slice(0, 2)).toEqual([400, 'SerializationException']);
      }
    },
  );

  test('with a list of 250,000 elements is refused for its length', async () => {
    const tokens = `[${Array(250_000).fill('"a"').join(',')}]`;
    const input = `{"KeyId":"${target.keyId}","Plaintext":"YQ==","GrantTokens":${tokens}}`;
    const [status, code, text] = errorOf(await target.call('Encrypt', input));
    expect([status, code]).toEqual([400, 'ValidationException']);
    expect(String(text).length).toBeLessThan(40_000);
  });

  test('with 80,000 unknown members is taken', async () => {
    const members = Array.from({ length: 80_000 }, (_, index) => `"m${index}":0`);
    expect((await target.call('ListKeys', `{${members.join(',')}}`)).status).toBe(200);
  });

  test('with a number that JavaScript cannot hold is refused as any other', async () => {
    for (const number of ['1e400', '-1e400', '123456789012345678901234567890', '1e-400']) {
      const answer = await target.call('ListKeys', `{"Limit":${number}}`);
      expect(answer.status, number).toBe(400);
    }
  });

  test('with a member twice means the last one', async () => {
    const other = '11111111-2222-4333-8444-555555555555';
    const described = await target.call(
      'DescribeKey',
      `{"KeyId":"${other}","KeyId":"${target.keyId}"}`,
    );
    expect(described.status).toBe(200);
    const missing = await target.call(
      'DescribeKey',
      `{"KeyId":"${target.keyId}","KeyId":"${other}"}`,
    );
    expect(errorOf(missing).slice(0, 2)).toEqual([400, 'NotFoundException']);
  });
});

describe('base64', () => {
  test.each([
    ['of the alphabet for URLs', '-_-_'],
    ['without padding', 'YQ'],
    ['with a blank', 'YW Jj'],
    ['with a line feed', 'YWJj\\n'],
    ['with bits left over', 'YR=='],
    ['with too much padding', 'YWJj===='],
    ['with padding inside', 'YQ==YQ=='],
    ['that is none', '****'],
    ['beyond ASCII', 'YWJé'],
  ])('%s is refused without being shown', async (_what, text) => {
    const input = `{"KeyId":"${target.keyId}","Plaintext":"${text}"}`;
    const answer = await target.call('Encrypt', input);
    const [status, code, message] = errorOf(answer);
    expect([status, code]).toEqual([400, 'SerializationException']);
    expect(message).toMatch(
      /^(Base64 encoded length|Invalid Base64 character|Invalid last non-pad)/,
    );
    expect(answer.body).not.toContain(text);
  });
});

describe('names that JavaScript objects have', () => {
  const NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf'];

  test.each(NAMES)('are ordinary members of a request: %s', async (name) => {
    for (const value of ['1', '{"KeyId":"x"}', 'null', '[]', '"x"']) {
      const answer = await target.call('ListKeys', `{"${name}":${value}}`);
      expect(answer.status, value).toBe(200);
    }
    // It stands for no other member either.
    const missing = await target.call('DescribeKey', `{"${name}":{"KeyId":"${target.keyId}"}}`);
    expect(errorOf(missing)).toEqual([
      400,
      'ValidationException',
      "1 validation error detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null",
    ]);
  });

  test.each(NAMES)('are ordinary names in an encryption context: %s', async (name) => {
    const context = `{"${name}":"value"}`;
    const made = await target.call(
      'Encrypt',
      `{"KeyId":"${target.keyId}","Plaintext":"YQ==","EncryptionContext":${context}}`,
    );
    expect(made.status).toBe(200);
    const blob = memberOf(made, 'CiphertextBlob');
    const open = (given: string) =>
      target.call('Decrypt', `{"CiphertextBlob":"${blob}","EncryptionContext":${given}}`);
    expect(memberOf(await open(context), 'Plaintext')).toBe('YQ==');
    for (const wrong of ['{}', `{"${name}":"other"}`, '{"other":"value"}', 'null']) {
      expect(errorOf(await open(wrong)), wrong).toEqual([
        400,
        'InvalidCiphertextException',
        undefined,
      ]);
    }
  });

  test('need a text as value in an encryption context too', async () => {
    for (const value of ['1', '{}', '[]', 'true']) {
      const answer = await target.call(
        'Encrypt',
        `{"KeyId":"${target.keyId}","Plaintext":"YQ==","EncryptionContext":{"__proto__":${value}}}`,
      );
      expect(errorOf(answer).slice(0, 2), value).toEqual([400, 'SerializationException']);
    }
  });

  test('are no operations', async () => {
    for (const name of NAMES) {
      expect(errorOf(await target.call(name, '{}'))).toEqual([
        400,
        'UnknownOperationException',
        undefined,
      ]);
    }
  });
});

describe('values of a wrong type', () => {
  const MEMBERS: Readonly<Record<string, readonly string[]>> = {
    Encrypt: [
      'KeyId',
      'Plaintext',
      'EncryptionContext',
      'GrantTokens',
      'EncryptionAlgorithm',
      'DryRun',
    ],
    ListKeys: ['Limit', 'Marker'],
    CreateKey: ['Policy', 'Tags', 'MultiRegion', 'KeySpec', 'Description'],
    ScheduleKeyDeletion: ['PendingWindowInDays'],
    CreateAlias: ['AliasName', 'TargetKeyId'],
    Decrypt: ['CiphertextBlob', 'Recipient', 'DryRunModifiers'],
  };
  const VALUES = ['"x"', '1', '1.5', 'true', '[]', '[[]]', '[1]', '{}', '{"a":{}}', '[{"a":1}]'];

  test.each(Object.keys(MEMBERS))(
    "are refused by the client's own fault in %s",
    async (operation) => {
      for (const member of MEMBERS[operation] ?? []) {
        for (const value of VALUES) {
          const answer = await target.call(operation, `{"${member}":${value}}`);
          // A value that has the type by chance may be taken by an operation that needs nothing else.
          expect([200, 400], `${member} ${value}`).toContain(answer.status);
          if (answer.status === 400) expect(String(errorOf(answer)[1])).toMatch(/Exception$/);
        }
      }
    },
  );
});

describe('members that nobody knows', () => {
  test('are counted in the journal, under shortened names', async () => {
    const long = 'n'.repeat(10_000);
    const body = `{"Unknown":1,"${long}":1,"Tags":[{"TagKey":"a","TagValue":"b","More":1}]}`;
    expect((await target.call('CreateKey', body)).status).toBe(200);
    const response = await fetch(`${target.gateway.url}/_keyglot/journal`, {
      headers: { authorization: `Bearer ${target.gateway.adminToken}` },
    });
    const { ignored } = Object(await response.json());
    for (const member of ['Unknown', 'n'.repeat(64), 'Tags.0.More']) {
      expect(ignored).toContainEqual({ what: `aws CreateKey ${member}`, count: 1 });
    }
  });
});
