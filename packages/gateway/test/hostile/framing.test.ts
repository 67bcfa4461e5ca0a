import { createSystemClock } from '@keyglot/core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { RawAnswer } from '../support/rawClient.js';
import { errorOf, jsonRequest, memberOf, PLAINTEXT, startTarget, type Target } from './target.js';

const TARGET = 'X-Amz-Target: TrentService.ListKeys';
const JSON_TYPE = 'Content-Type: application/x-amz-json-1.1';
const NOT_THIS_PROTOCOL = '<UnknownOperationException/>\n';

let target: Target;

beforeAll(async () => {
  const limits = { headersMs: 200, requestMs: 400, firstBytesMs: 200, lingerMs: 100 };
  target = await startTarget({}, { limits });
});

afterEach(() => target.assertIntact());

afterAll(() => target.close());

/** A request head without a body. */
function head(line: string, ...fields: readonly string[]): string {
  return [line, 'Host: 127.0.0.1', ...fields, 'Content-Length: 0', '', ''].join('\r\n');
}

describe('a method or path that KMS does not have', () => {
  test.each(['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND', 'SEARCH'])(
    '%s is answered by the layer in front of it',
    async (method) => {
      const answer = await target.once(head(`${method} / HTTP/1.1`, TARGET, JSON_TYPE));
      expect([answer.status, answer.body]).toEqual([404, NOT_THIS_PROTOCOL]);
      expect(answer.headers.get('content-type')).toBe('application/xml');
    },
  );

  test('HEAD is answered without a body', async () => {
    const client = target.connect();
    client.send(head('HEAD / HTTP/1.1', TARGET), ...jsonRequest('ListKeys', '{}'));
    const [refused] = await client.answers(1, { head: true });
    expect([refused?.status, refused?.headers.get('content-length')]).toEqual([404, '29']);
    const [listed] = await client.answers(1);
    expect(listed?.status).toBe(200);
  });

  test('CONNECT ends the connection', async () => {
    const client = target.connect();
    client.send(head('CONNECT kms.us-east-1.amazonaws.com:443 HTTP/1.1', TARGET));
    expect(await client.rest()).toBe('');
  });

  test.each([
    'POST http://127.0.0.1/ HTTP/1.1',
    'POST http://kms.us-east-1.amazonaws.com HTTP/1.1',
    'POST HTTP://x/aws/ HTTP/1.1',
    'POST // HTTP/1.1',
    'POST //aws/ HTTP/1.1',
    'POST /%2e HTTP/1.1',
    'POST /%2e%2e/%00/%ff HTTP/1.1',
    'POST /% HTTP/1.1',
    'POST /../../etc/passwd HTTP/1.1',
    'POST /?a=%zz&&=&b HTTP/1.1',
    'POST /?X-Amz-Algorithm HTTP/1.1',
    'POST /aws HTTP/1.1',
    'POST /aws?a HTTP/1.1',
    'POST /s/box/aws HTTP/1.1',
    'POST * HTTP/1.1',
    `POST /${'a'.repeat(8_000)} HTTP/1.1`,
  ])('%s goes where its marks say', async (line) => {
    const answer = await target.once(head(line, TARGET, JSON_TYPE));
    expect(answer.status).toBe(200);
    expect(memberOf(answer, 'Keys')).toBeInstanceOf(Array);
  });

  test.each([
    '* ',
    '/ ',
    '/%zz',
    '//',
    '/_keyglot',
    '/_keyglot/%zz',
    '/_keyglot/credentials/aws/%zz',
  ])('%s without a mark is refused with help or a reason', async (path) => {
    for (const method of ['GET', 'DELETE', 'OPTIONS']) {
      const answer = await target.once(head(`${method} ${path.trim()} HTTP/1.1`));
      expect([400, 401, 404], method).toContain(answer.status);
      expect(memberOf(answer, 'error'), method).toEqual(expect.any(String));
    }
  });

  test('a path beyond ASCII is refused', async () => {
    const answer = await target.once(head('POST /\u00e9\u00ff HTTP/1.1', TARGET));
    expect(answer.status).toBe(400);
  });

  test('a path without an end is refused', async () => {
    const answer = await target.once(head(`POST /${'a'.repeat(200_000)} HTTP/1.1`, TARGET));
    expect(answer.status).toBe(431);
  });

  test.each([
    '/S/box/',
    '/s/Box/',
    '/s//',
    '/s/%62ox/',
    '/s/a_b/aws/',
    '/s/-a/aws/',
    `/s/${'a'.repeat(64)}/`,
  ])('a sandbox that is misnamed, %s, never means another one', async (path) => {
    const answer = await target.once(head(`POST ${path} HTTP/1.1`, TARGET, JSON_TYPE));
    expect(answer.status).toBe(path.startsWith('/S/') ? 200 : 404);
    if (answer.status === 404) expect(memberOf(answer, 'name_a_sandbox_by')).toBeDefined();
  });
});

describe('headers', () => {
  test.each([
    'application/x-amz-json-1.1; charset=utf-8',
    'Application/X-AMZ-JSON-1.1;charset=latin1',
    'application/x-amz-json-1.0',
    'application/json',
    ' application/json ; a="b',
  ])('may give the type %s', async (type) => {
    const [, body] = jsonRequest('ListKeys', '{}');
    const line = `POST / HTTP/1.1\r\nHost: x\r\n${TARGET}\r\nContent-Type: ${type}\r\nContent-Length: 2\r\n\r\n`;
    expect((await target.once(line, body)).status).toBe(200);
  });

  test.each([
    '',
    'text/plain',
    'application/json+x',
    'json',
    ';',
    'multipart/form-data; boundary=x',
  ])('with the type %j are not of this protocol', async (type) => {
    const line = `POST / HTTP/1.1\r\nHost: x\r\n${TARGET}\r\nContent-Type: ${type}\r\nContent-Length: 2\r\n\r\n{}`;
    const answer = await target.once(line);
    expect([answer.status, answer.body]).toEqual([404, NOT_THIS_PROTOCOL]);
  });

  test('without a type are not of this protocol, unless there is no body', async () => {
    const line = (bytes: number) =>
      `POST / HTTP/1.1\r\nHost: x\r\n${TARGET}\r\nContent-Length: ${bytes}\r\n\r\n`;
    expect((await target.once(line(2), '{}')).status).toBe(404);
    expect((await target.once(line(0))).status).toBe(200);
  });

  test.each([
    '',
    'ListKeys',
    'TrentService',
    'TrentService.',
    'TrentService.listkeys',
    'trentservice.ListKeys',
    'TrentService.ListKeys.',
    ' TrentService.List Keys',
    'DynamoDB_20120810.ListTables',
    'TrentService.ListKeys, TrentService.ListKeys',
    'TrentService.\u00e9',
    `TrentService.${'x'.repeat(9_000)}`,
  ])('with the target %j name no operation', async (name) => {
    const line = `POST / HTTP/1.1\r\nHost: x\r\n${JSON_TYPE}\r\nX-Amz-Target: ${name}\r\nContent-Length: 2\r\n\r\n{}`;
    expect(errorOf(await target.once(line))).toEqual([400, 'UnknownOperationException', undefined]);
  });

  test('twice mean no other operation than once', async () => {
    const both = head('POST / HTTP/1.1', TARGET, 'X-Amz-Target: TrentService.CreateKey', JSON_TYPE);
    expect(errorOf(await target.once(both))[1]).toBe('UnknownOperationException');
    const types = head('POST / HTTP/1.1', TARGET, JSON_TYPE, 'Content-Type: text/plain');
    expect((await target.once(types)).status).toBe(200);
    const hosts = head('POST / HTTP/1.1', TARGET, 'Host: qkms.localhost', JSON_TYPE);
    expect([200, 400]).toContain((await target.once(hosts)).status);
  });

  test.each([
    ['a blank before the colon', 'X-Amz-Target : TrentService.ListKeys'],
    ['a folded line', 'X-Amz-Target: a\r\n b'],
    ['a bare carriage return', 'X-Note: a\rb'],
    ['NUL', 'X-Note: a\u0000b'],
    ['a name of letters beyond ASCII', 'X-N\u00f6te: a'],
    ['no name', ': a'],
    ['no colon', 'X-Note'],
    ['two lengths', 'Content-Length: 1'],
    ['a negative length', 'Content-Length: -1'],
    ['a length in hexadecimal', 'Content-Length: 0x2'],
    ['a length with a sign', 'Content-Length: +0'],
    ['a length and chunks', 'Transfer-Encoding: chunked'],
    ['chunks that are no chunks', 'Transfer-Encoding: xchunked'],
    ['chunks under another encoding', 'Transfer-Encoding: chunked, gzip'],
  ])('with %s are refused, and what follows is not taken for a request', async (_what, field) => {
    const smuggled = head('POST / HTTP/1.1', 'X-Amz-Target: TrentService.CreateKey', JSON_TYPE);
    const before = memberOf(await target.call('ListKeys', '{}'), 'Keys');
    const client = target.connect();
    client.send(head('POST / HTTP/1.1', TARGET, field), smuggled);
    const [answer] = await client.answers(1);
    expect(answer?.status).toBe(400);
    expect(await client.rest()).toBe('');
    expect(memberOf(await target.call('ListKeys', '{}'), 'Keys')).toEqual(before);
  });

  test('without a host are refused', async () => {
    const client = target.connect();
    client.send(`POST / HTTP/1.1\r\n${TARGET}\r\nContent-Length: 0\r\n\r\n`);
    const [answer] = await client.answers(1);
    expect(answer?.status).toBe(400);
  });

  test.each([201, 5_000])('in a number of %i are refused', async (count) => {
    const fields = Array.from({ length: count }, (_, index) => `X-${index}: a`);
    const answer = await target.once(head('POST / HTTP/1.1', TARGET, ...fields));
    expect(answer.status).toBe(431);
  });

  test('that ask for the evidence of an answer get nothing of their own into it', async () => {
    for (const asked of ['1', '', 'a\tb', '\u00ff\u00e9']) {
      for (const [operation, body] of [
        ['ListKeys', '{}'],
        ['DescribeKey', '{"KeyId":"\\r\\nX: y"}'],
      ]) {
        const [line, bytes] = jsonRequest(operation ?? '', body ?? '', [
          `X-Keyglot-Evidence: ${asked}`,
        ]);
        const answer = await target.once(line, bytes);
        expect(answer.headers.get('x-keyglot-evidence')).toMatch(
          /^(recorded|documented|inferred); \d{4}-\d\d-\d\d; https:\/\/\S+$/,
        );
      }
    }
  });

  test('of other protocols do not change what is spoken', async () => {
    const fields = [
      'Connection: Upgrade, HTTP2-Settings',
      'Upgrade: h2c',
      'HTTP2-Settings: AAMAAABkAAQAAP__',
    ];
    expect((await target.once(head('POST / HTTP/1.1', TARGET, ...fields))).status).toBe(200);
    const socket = [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Key: a',
      'Sec-WebSocket-Version: 13',
    ];
    expect((await target.once(head('GET / HTTP/1.1', TARGET, ...socket))).status).toBe(404);
  });
});

describe('texts of errors', () => {
  const NASTY = [
    'a\r\nX-Injected: 1\r\n\r\n{}',
    '\u0000\u0001\u001f\u007f\u0080\u009f',
    '"\\</script>',
    '\u2028\u2029\ufeff\ufffe\uffff',
    '🔑 ключ 鍵',
    '\ud800',
    '%s %n {{x}}',
  ];

  test.each(NASTY)('carry %j as it was sent and stay in their frame', async (text) => {
    const values = [
      ['CreateKey', { Description: 'x', KeySpec: text }],
      ['ListKeys', { Marker: text }],
      ['DescribeKey', { KeyId: text }],
      ['DescribeKey', { KeyId: `arn:${text}` }],
      ['CreateAlias', { AliasName: `alias/${text}`, TargetKeyId: target.keyId }],
      ['CreateKey', { Tags: [{ TagKey: text.repeat(100), TagValue: text }] }],
      ['CreateKey', { Policy: text }],
      ['Encrypt', { KeyId: target.keyId, Plaintext: 'YQ==', GrantTokens: [text] }],
    ] as const;
    for (const [operation, input] of values) {
      const client = target.connect();
      client.send(
        ...jsonRequest(operation, JSON.stringify(input)),
        ...jsonRequest('ListKeys', '{}'),
      );
      const [answer, next] = await client.answers(2);
      expect([200, 400], operation).toContain(answer?.status);
      expect(answer && memberOf(answer, 'x-injected')).toBeUndefined();
      expect(answer?.headers.has('x-injected')).toBe(false);
      expect(next?.status).toBe(200);
      client.socket.destroy();
    }
  });

  test.each(NASTY)('of STS hold %j only as XML can', async (text) => {
    const form = new URLSearchParams({ Version: '2011-06-15', Action: text }).toString();
    const line = `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${form.length}\r\n\r\n`;
    const answer = await target.once(line, form);
    expect(answer.status).toBe(400);
    expect(answer.body).toContain('<Code>InvalidAction</Code>');
    const characters = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;
    expect(answer.body).toMatch(characters);
    expect(answer.body.match(/</g)).toHaveLength(12);
  });

  test('of a signature carry the header as it was sent', async () => {
    const field = 'Authorization: AWS4-HMAC-SHA256 Credential="\u00e9\t<x>",Signature=\u00ff';
    const answer = await target.once(head('POST / HTTP/1.1', TARGET, field));
    expect(errorOf(answer).slice(0, 2)).toEqual([400, 'IncompleteSignatureException']);
  });
});

describe('a connection', () => {
  test('answers 50 mixed requests in their order', async () => {
    const client = target.connect();
    const sent: string[] = [];
    for (let index = 0; index < 50; index += 1) {
      const kind = index % 6;
      const marker = `note ${index}`;
      sent.push(`${kind}`);
      if (kind === 0) client.send(...jsonRequest('ListKeys', '{}'));
      if (kind === 1) client.send(...jsonRequest('DescribeKey', JSON.stringify({ KeyId: marker })));
      if (kind === 2)
        client.send(
          ...jsonRequest('CreateKey', '{"KeySpec":"ECC_NIST_P256","KeyUsage":"SIGN_VERIFY"}'),
        );
      if (kind === 3) client.send(head('GET /healthz HTTP/1.1'));
      if (kind === 4) client.send(head(`GET /nobody/${index} HTTP/1.1`));
      if (kind === 5)
        client.send(
          ...jsonRequest('Encrypt', JSON.stringify({ KeyId: target.keyId, Plaintext: PLAINTEXT })),
        );
    }
    const answers = await client.answers(50);
    expect(answers.map((answer) => kindOf(answer))).toEqual(sent);
    for (const [index, answer] of answers.entries()) {
      if (index % 6 === 1) expect(errorOf(answer)[2]).toBe(`Invalid keyId 'note ${index}'`);
      if (index % 6 === 4) expect(answer.body).toContain(`/nobody/${index}:`);
    }
  });

  function kindOf(answer: RawAnswer): string {
    const kinds = ['Keys', 'message', 'KeyMetadata', 'status', 'error', 'CiphertextBlob'];
    return String(kinds.findIndex((member) => memberOf(answer, member) !== undefined));
  }

  test('takes a request byte by byte', async () => {
    const client = target.connect();
    const bytes = Buffer.concat(jsonRequest('ListKeys', '{}').map((piece) => Buffer.from(piece)));
    client.socket.setNoDelay(true);
    for (const byte of bytes) client.socket.write(Buffer.from([byte]));
    const [answer] = await client.answers(1);
    expect(answer?.status).toBe(200);
  });

  test('gets 100 Continue before it has sent a body, and 413 instead of a large one', async () => {
    const client = target.connect();
    const [line, body] = jsonRequest('ListKeys', '{}', ['Expect: 100-continue']);
    client.send(line);
    await new Promise<void>((resolve) => client.socket.once('data', () => resolve()));
    client.send(body);
    expect((await client.answers(1))[0]?.status).toBe(200);
    const other = target.connect();
    other.send(head('POST / HTTP/1.1', TARGET, 'Expect: 200-ok'));
    expect((await other.answers(1))[0]?.status).toBe(417);
    const large = target.connect();
    large.send(line.replace('Content-Length: 2', 'Content-Length: 9999999'));
    expect((await large.answers(1))[0]?.status).toBe(413);
  });

  test.each([
    ['nothing', ''],
    ['half of a request line', 'POST / HT'],
    ['half of a head', `POST / HTTP/1.1\r\nHost: x\r\n${TARGET}`],
  ])('that has sent %s is ended in time', async (_what, text) => {
    const client = target.connect();
    client.send(text);
    expect(await client.rest()).toMatch(/^$|^HTTP\/1\.1 408 /);
  });

  test('that has sent half of a body is ended in time', async () => {
    for (const framing of ['Content-Length: 100', 'Transfer-Encoding: chunked']) {
      const client = target.connect();
      client.send(`POST / HTTP/1.1\r\nHost: x\r\n${TARGET}\r\n${framing}\r\n\r\n`, '{"a":');
      expect(await client.rest()).toMatch(/^HTTP\/1\.1 4\d\d /);
    }
  });

  test.each([0, 10, 60, 200])('that breaks off after %i bytes harms nobody', async (count) => {
    const bytes = Buffer.concat(
      jsonRequest('CreateKey', JSON.stringify({ Description: 'a'.repeat(8_000) })).map((piece) =>
        Buffer.from(piece),
      ),
    );
    for (const how of ['resetAndDestroy', 'destroy', 'end'] as const) {
      const client = target.connect();
      client.socket.write(bytes.subarray(0, count));
      await new Promise<void>((resolve) => client.socket.once('connect', () => resolve()));
      client.socket[how]();
      await client.rest().catch(() => undefined);
    }
  });

  test('that breaks off while it is answered harms nobody', async () => {
    const blob = JSON.stringify({ KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' });
    for (let index = 0; index < 5; index += 1) {
      const client = target.connect();
      client.send(...jsonRequest('CreateKey', blob));
      await new Promise<void>((resolve) => client.socket.once('connect', () => resolve()));
      client.socket.resetAndDestroy();
    }
    expect((await target.call('ListKeys', '{}')).status).toBe(200);
  });

  test('of HTTP/1.0 is answered and closed', async () => {
    const client = target.connect();
    client.send(`POST / HTTP/1.0\r\n${TARGET}\r\nContent-Length: 0\r\n\r\n`);
    expect((await client.answers(1))[0]?.status).toBe(200);
    expect(await client.rest()).toBe('');
  });

  test.each([
    ['HTTP/0.9', 'GET /\r\n\r\n'],
    ['another version', `POST / HTTP/3.0\r\nHost: x\r\n\r\n`],
    ['a database', '\u0000\u0000\u0000\u0008\u0004\u00d2\u0016\u002f'],
    ['a shell', 'SSH-2.0-OpenSSH_9.0\r\n'],
    ['noise', '\u00ff\u00fe\u0000\u0001'.repeat(100)],
  ])('that speaks %s is refused or closed', async (_what, bytes) => {
    const client = target.connect();
    client.send(bytes);
    expect(await client.rest()).toMatch(/^$|^HTTP\/1\.1 (400|404|505|408) /);
  });

  test('is told the right time', async () => {
    const answer = await target.call('ListKeys', '{}');
    const date = Date.parse(answer.headers.get('date') ?? '');
    expect(Math.abs(date - createSystemClock().realMs())).toBeLessThan(5_000);
  });
});
