import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { readBody } from '../../src/body.js';

/** A request whose body is written by the test. */
function requestWith(headers: Record<string, string> = {}): PassThrough & IncomingMessage {
  // Only what `readBody` uses of a request is there.
  return Object.assign(new PassThrough(), { headers }) as unknown as PassThrough & IncomingMessage;
}

async function read(
  pieces: readonly (string | Buffer)[],
  limit: number,
  headers: Record<string, string> = {},
): Promise<{ readonly bodies: readonly (Buffer | undefined)[] }> {
  const request = requestWith(headers);
  const bodies: (Buffer | undefined)[] = [];
  readBody(request, limit, (body) => bodies.push(body));
  for (const piece of pieces) {
    request.write(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
  request.end();
  await new Promise((resolve) => setImmediate(resolve));
  return { bodies };
}

describe('a body', () => {
  test.each<[string, readonly string[]]>([
    ['without pieces', []],
    ['in one piece', ['abc']],
    ['in two', ['abc', 'defgh']],
    ['in many', Array.from({ length: 100 }, (_, index) => String(index).repeat(index % 7 || 1))],
    ['in pieces of one byte', [...'abcdefghijklmnopqrstuvwxyz']],
  ])('%s is put together', async (_what, pieces) => {
    const { bodies } = await read(pieces, 10_000);
    expect(bodies.map((body) => body?.toString())).toEqual([pieces.join('')]);
  });

  test('may be as large as the limit, in every division', async () => {
    for (let first = 0; first <= 10; first += 1) {
      const pieces = ['a'.repeat(first), 'b'.repeat(10 - first)].filter((piece) => piece !== '');
      expect((await read(pieces, 10)).bodies[0]?.toString(), String(first)).toBe(pieces.join(''));
    }
  });

  test('over the limit is undefined, once and at once', async () => {
    for (const pieces of [['12345678901'], ['12345', '678901', 'more'], ['1234567890', '1']]) {
      expect((await read(pieces, 10)).bodies).toEqual([undefined]);
    }
  });

  test('that says it is over the limit is not waited for', async () => {
    expect((await read([], 10, { 'content-length': '11' })).bodies).toEqual([undefined]);
    expect((await read(['1234567890'], 10, { 'content-length': '10' })).bodies[0]).toHaveLength(10);
  });

  test('that breaks off is never handed on', async () => {
    const request = requestWith();
    let calls = 0;
    readBody(request, 10, () => {
      calls += 1;
    });
    request.write('abc');
    await new Promise((resolve) => setImmediate(resolve));
    request.destroy(new Error('reset'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(calls).toBe(0);
  });

  test('does not change the pieces it came in', async () => {
    const first = Buffer.from('abc');
    const { bodies } = await read([first, Buffer.from('def')], 10);
    expect(bodies[0]?.toString()).toBe('abcdef');
    expect(first.toString()).toBe('abc');
  });
});
