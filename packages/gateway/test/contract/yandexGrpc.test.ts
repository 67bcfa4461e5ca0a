import {
  type ClientHttp2Session,
  connect as connectHttp2,
  constants,
  type IncomingHttpHeaders,
} from 'node:http2';
import { connect as connectNet } from 'node:net';
import { connect as connectTls } from 'node:tls';
import grpc from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startYandexGateway, type YandexGateway } from '../support/yandexGateway.js';
import { grpcTransport } from '../support/yandexTransports.js';

const GET_KEY = '/yandex.cloud.kms.v1.SymmetricKeyService/Get';
const ENDPOINTS = '/yandex.cloud.endpoint.ApiEndpointService/List';
const EMPTY_FRAME = Buffer.alloc(5);

interface Answer {
  readonly headers: IncomingHttpHeaders;
  readonly trailers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly reset: number;
}

let gateway: YandexGateway;
let ca = '';

beforeAll(async () => {
  gateway = await startYandexGateway({}, true);
  ca = (await gateway.send({ method: 'GET', path: '/_keyglot/ca.pem' })).text;
});
afterAll(() => gateway.close());

function frame(message: Buffer, flag = 0): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(flag, 0);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** One stream, with exactly these headers and bytes. */
function stream(
  session: ClientHttp2Session,
  headers: Record<string, string>,
  body: Buffer | undefined,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = session.request({
      ':method': 'POST',
      ':path': GET_KEY,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    });
    let received: IncomingHttpHeaders = {};
    let trailers: IncomingHttpHeaders = {};
    const chunks: Buffer[] = [];
    request.on('response', (all) => {
      received = all;
    });
    request.on('trailers', (all: IncomingHttpHeaders) => {
      trailers = all;
    });
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', reject);
    request.on('close', () =>
      resolve({
        headers: received,
        trailers,
        body: Buffer.concat(chunks),
        reset: request.rstCode,
      }),
    );
    if (body !== undefined) request.end(body);
  });
}

describe('gRPC over plaintext HTTP/2', () => {
  let session: ClientHttp2Session;
  beforeEach(() => {
    session = connectHttp2(gateway.gateway.url);
  });
  afterEach(() => session.close());

  test('answers with headers, one frame and trailers', async () => {
    const answer = await stream(session, { ':path': ENDPOINTS }, EMPTY_FRAME);
    expect(answer.headers).toMatchObject({
      ':status': 200,
      'content-type': 'application/grpc',
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(answer.headers).not.toHaveProperty('grpc-status');
    expect(answer.trailers).toMatchObject({
      'grpc-status': '0',
      'x-request-id': answer.headers['x-request-id'],
    });
    expect(answer.body.readUInt8(0)).toBe(0);
    expect(answer.body.readUInt32BE(1)).toBe(answer.body.length - 5);
  });

  test('refuses in one block of headers, with a text that a header can carry', async () => {
    const answer = await stream(session, { 'x-keyglot-evidence': '1' }, EMPTY_FRAME);
    expect(answer.headers).toMatchObject({
      ':status': 200,
      'grpc-status': '3',
      'grpc-message': 'Validation failed:%0A  - key_id: Field is required',
      'grpc-status-details-bin': expect.stringMatching(/^[A-Za-z0-9+/]+$/),
      'x-keyglot-evidence': expect.stringMatching(/^recorded; 2026-11-24; https:/),
    });
    expect(answer.trailers).toEqual({});
    expect(answer.body).toHaveLength(0);
  });

  test('gives back the request id of the client', async () => {
    const mine = { 'x-request-id': '2f1d3d1c-0000-4000-8000-000000000001' };
    const answer = await stream(session, { ':path': ENDPOINTS, ...mine }, EMPTY_FRAME);
    expect(answer.headers).toMatchObject(mine);
  });

  test.each([
    ['an unknown method', `${GET_KEY}Twice`],
    ['an unknown service', '/yandex.cloud.vpc.v1.NetworkService/Get'],
    ['a path that is none', '/x'],
    ['a method of another provider', '/google.cloud.kms.v1.KeyManagementService/Encrypt'],
  ])('says UNIMPLEMENTED to %s', async (_what, path) => {
    const answer = await stream(session, { ':path': path }, EMPTY_FRAME);
    expect(answer.headers).toMatchObject({
      'grpc-status': '12',
      'grpc-message': `Method not found: ${path.slice(1)}`,
    });
  });

  test('says UNIMPLEMENTED where a host belongs to a dialect without gRPC', async () => {
    const host = { ':authority': 'kms.us-east-1.amazonaws.com' };
    const answer = await stream(session, host, EMPTY_FRAME);
    expect(answer.headers).toMatchObject({ 'grpc-status': '12' });
  });

  test('takes nothing compressed', async () => {
    const encoded = await stream(session, { 'grpc-encoding': 'gzip' }, EMPTY_FRAME);
    const expected = {
      'grpc-status': '12',
      'grpc-message': 'Compression is not supported',
      'grpc-accept-encoding': 'identity',
    };
    expect(encoded.headers).toMatchObject(expected);
    const flagged = await stream(session, {}, frame(Buffer.from('x'), 1));
    expect(flagged.headers).toMatchObject(expected);
    const identity = await stream(
      session,
      { 'grpc-encoding': 'identity', ':path': ENDPOINTS },
      EMPTY_FRAME,
    );
    expect(identity.trailers).toMatchObject({ 'grpc-status': '0' });
  });

  test('refuses a message above the limit before it has come', async () => {
    const head = Buffer.alloc(5);
    head.writeUInt32BE(1_048_577, 1);
    const answer = await stream(session, {}, head);
    expect(answer.headers).toMatchObject({
      'grpc-status': '8',
      'grpc-message': 'Received message larger than max (1048577 vs. 1048576)',
    });
    const huge = await stream(session, {}, frame(Buffer.alloc(4_000_000)));
    expect(huge.headers).toMatchObject({ 'grpc-status': '8' });
  });

  test.each([
    ['no message', Buffer.alloc(0)],
    ['half a head', Buffer.alloc(3)],
    ['half a message', frame(Buffer.alloc(10)).subarray(0, 9)],
    ['two messages', Buffer.concat([EMPTY_FRAME, EMPTY_FRAME])],
    ['an unknown flag', frame(Buffer.from('x'), 7)],
  ])('refuses %s', async (_what, body) => {
    const answer = await stream(session, {}, body);
    expect(answer.headers).toMatchObject({
      'grpc-status': '3',
      'grpc-message': 'Request is not one gRPC message',
    });
  });

  test.each([
    ['a cut length', Buffer.from([0x0a, 0x14, 0x61])],
    ['a field number of zero', Buffer.from([0x02, 0x00])],
    ['a group', Buffer.from([0x0b, 0x0c])],
    ['a text that is not UTF-8', Buffer.from([0x0a, 0x01, 0xff])],
    ['a varint without an end', Buffer.alloc(20, 0xff)],
  ])('refuses a message with %s', async (_what, message) => {
    const answer = await stream(session, {}, frame(message));
    expect(answer.headers).toMatchObject({
      'grpc-status': '3',
      'grpc-message': 'Request message is not valid',
    });
  });

  test('skips fields that the message does not have, and reports them', async () => {
    const id = Buffer.from('abj00000000000000000');
    const message = Buffer.concat([
      Buffer.from([0x0a, id.length]),
      id,
      Buffer.from([0xf8, 0x07, 0x01]),
    ]);
    const answer = await stream(session, { authorization: 'Bearer x' }, frame(message));
    expect(answer.headers).toMatchObject({ 'grpc-status': '5' });
    const entry = await gateway.journal();
    expect(entry).toMatchObject({
      operation: 'yandex.cloud.kms.v1.SymmetricKeyService/Get',
      code: 'NOT_FOUND',
      status: 404,
      ignored: ['#127'],
    });
  });

  test.each([
    ['another method', { ':method': 'PUT' }, 405],
    ['another content type', { 'content-type': 'application/json' }, 415],
    ['the browser variant', { 'content-type': 'application/grpc-web' }, 415],
    ['a page of somebody else', { origin: 'https://example.org' }, 403],
  ])('refuses %s by an HTTP status', async (_what, headers, status) => {
    const answer = await stream(session, headers, EMPTY_FRAME);
    expect(answer.headers[':status']).toBe(status);
    expect(answer.headers).not.toHaveProperty('grpc-status');
  });

  test('keeps to the deadline of the client', async () => {
    // The message never comes.
    const answer = await stream(session, { 'grpc-timeout': '20m' }, undefined);
    expect(answer.headers).toMatchObject({
      'grpc-status': '4',
      'grpc-message': 'Deadline exceeded',
    });
    const inTime = { 'grpc-timeout': '10S', ':path': ENDPOINTS };
    const answered = await stream(session, inTime, EMPTY_FRAME);
    expect(answered.trailers).toMatchObject({ 'grpc-status': '0' });
    const odd = await stream(session, { 'grpc-timeout': 'soon' }, EMPTY_FRAME);
    expect(odd.headers).toMatchObject({
      'grpc-status': '3',
      'grpc-message': 'Invalid grpc-timeout',
    });
  });

  test('serves many calls on one connection', async () => {
    const calls = Array.from({ length: 150 }, () =>
      stream(session, { ':path': ENDPOINTS }, EMPTY_FRAME),
    );
    const answers = await Promise.all(calls);
    expect(answers.every(({ trailers }) => trailers['grpc-status'] === '0')).toBe(true);
  });

  test('goes on after a client has given up a call', async () => {
    const request = session.request({
      ':method': 'POST',
      ':path': ENDPOINTS,
      'content-type': 'application/grpc',
    });
    request.write(EMPTY_FRAME.subarray(0, 2));
    request.close(constants.NGHTTP2_CANCEL);
    const answer = await stream(session, { ':path': ENDPOINTS }, EMPTY_FRAME);
    expect(answer.trailers).toMatchObject({ 'grpc-status': '0' });
  });
});

describe('gRPC and hostile connections', () => {
  let hostile: YandexGateway;
  beforeAll(async () => {
    // Node ends a connection whose frames make no sense by GOAWAY, and closes it as an idle one.
    hostile = await startYandexGateway({}, false, { keepAliveMs: 100 });
  });
  afterAll(() => hostile.close());
  const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

  /** Sends bytes and waits until the gateway has closed the connection. */
  function sendAndWait(bytes: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connectNet(hostile.gateway.port, '127.0.0.1', () => socket.write(bytes));
      socket.on('error', (error) => {
        if ('code' in error && error.code === 'ECONNRESET') resolve();
        else reject(error);
      });
      socket.on('close', () => resolve());
      socket.resume();
    });
  }

  test.each([
    ['a preface that goes wrong', Buffer.from('PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n', 'latin1')],
    ['a frame larger than any', Buffer.concat([PREFACE, Buffer.alloc(9, 0xff)])],
    ['settings on a stream', Buffer.concat([PREFACE, Buffer.from('000000040000000001', 'hex')])],
    [
      'data on a stream that was never opened',
      Buffer.concat([
        PREFACE,
        Buffer.from('000000040000000000', 'hex'),
        Buffer.from('000001000000000001ff', 'hex'),
      ]),
    ],
    [
      'headers that are no HPACK',
      Buffer.concat([
        PREFACE,
        Buffer.from('000000040000000000', 'hex'),
        Buffer.from('000004010500000001ffffffff', 'hex'),
      ]),
    ],
  ])('closes a connection with %s, and serves the next', async (_what, bytes) => {
    await sendAndWait(bytes);
    const transport = grpcTransport(hostile);
    expect(await transport.call('ApiEndpointService/List', {})).toMatchObject({ code: 0 });
    transport.close();
  });
});

describe('one port for everything', () => {
  test('serves gRPC over TLS with the development CA', async () => {
    const credentials = grpc.credentials.createSsl(Buffer.from(ca));
    const transport = grpcTransport(gateway, credentials, 'localhost');
    const made = await transport.call('SymmetricKeyService/Create', {
      folderId: 'b1gtls',
      defaultAlgorithm: 'AES_256',
    });
    expect(made).toMatchObject({ code: 0 });
    const endpoints = await transport.call('ApiEndpointService/Get', { apiEndpointId: 'kms' });
    const address = `localhost:${gateway.gateway.port}`;
    expect(endpoints).toEqual({ code: 0, value: { id: 'kms', address } });
    transport.close();
  });

  test.each([
    [['h2', 'http/1.1'], 'http/1.1'],
    [['http/1.1'], 'http/1.1'],
    [['h2'], 'h2'],
  ])('speaks to a TLS client that offers %j by %s', async (ALPNProtocols, chosen) => {
    const protocol = await new Promise<unknown>((resolve, reject) => {
      const socket = connectTls(
        { host: 'localhost', port: gateway.gateway.port, ca, ALPNProtocols },
        () => {
          resolve(socket.alpnProtocol);
          socket.destroy();
        },
      );
      socket.on('error', reject);
    });
    expect(protocol).toBe(chosen);
  });

  test('puts a call into the sandbox that the host names', async () => {
    const folderId = 'b1gsandbox';
    const options = { 'grpc.default_authority': 'job7.yandex.localhost' };
    const client = new grpc.Client(
      `127.0.0.1:${gateway.gateway.port}`,
      grpc.credentials.createInsecure(),
      options,
    );
    // folder_id and default_algorithm of a CreateSymmetricKeyRequest
    const message = Buffer.concat([
      Buffer.from([0x0a, folderId.length]),
      Buffer.from(folderId),
      Buffer.from([0x28, 0x03]),
    ]);
    await new Promise<void>((resolve, reject) => {
      client.makeUnaryRequest<Buffer, Buffer>(
        '/yandex.cloud.kms.v1.SymmetricKeyService/Create',
        (bytes) => bytes,
        (bytes) => bytes,
        message,
        (error) => (error === null ? resolve() : reject(error)),
      );
    });
    client.close();
    const path = `/kms/v1/keys?folderId=${folderId}`;
    const own = await gateway.send({ method: 'GET', path: `/s/job7${path}` });
    expect(JSON.parse(own.text).keys).toHaveLength(1);
    const main = await gateway.send({ method: 'GET', path });
    expect(JSON.parse(main.text)).toEqual({});
  });

  test('lets calls finish when it closes', async () => {
    const closing = await startYandexGateway();
    const transport = grpcTransport(closing);
    expect(await transport.call('ApiEndpointService/List', {})).toMatchObject({ code: 0 });
    const session = connectHttp2(closing.gateway.url);
    const goneAway = new Promise<void>((resolve) => session.once('close', resolve));
    const answer = await stream(session, { ':path': ENDPOINTS }, EMPTY_FRAME);
    expect(answer.trailers).toMatchObject({ 'grpc-status': '0' });
    await closing.close();
    await goneAway;
    transport.close();
  });
});
