import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RawAnswer } from '../support/rawClient.js';
import { jsonRequest, memberOf, startTarget, type Target } from './target.js';

let target: Target;

beforeAll(async () => {
  target = await startTarget();
});

afterAll(async () => {
  await target.assertIntact();
  await target.close();
});

function admin(method: string, path: string, input: unknown = {}): Promise<RawAnswer> {
  const bytes = Buffer.from(JSON.stringify(input));
  const lines = [
    `${method} /_keyglot${path} HTTP/1.1`,
    'Host: localhost',
    `Authorization: Bearer ${target.gateway.adminToken}`,
    'Content-Type: application/json',
    `Content-Length: ${bytes.length}`,
  ];
  return target.once([...lines, '', ''].join('\r\n'), bytes);
}

/** The operations that calculate with dates, in one sandbox. */
async function useDates(sandbox: string): Promise<void> {
  const call = (operation: string, input: unknown): Promise<RawAnswer> => {
    const [head, body] = jsonRequest(operation, JSON.stringify(input));
    return target.once(head.replace('POST / ', `POST /s/${sandbox}/ `), body);
  };
  const made = await call('CreateKey', {});
  expect(made.status).toBe(200);
  const KeyId = new Map(Object.entries(memberOf(made, 'KeyMetadata') ?? {})).get('KeyId');
  for (const [operation, input] of [
    ['DescribeKey', { KeyId }],
    ['CreateAlias', { AliasName: 'alias/a', TargetKeyId: KeyId }],
    ['ListAliases', {}],
    ['RotateKeyOnDemand', { KeyId }],
    ['ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 30 }],
    ['DescribeKey', { KeyId }],
    ['DeleteAlias', { AliasName: 'alias/a' }],
  ] as const) {
    const answer = await call(operation, input);
    expect([200, 400], `${operation} ${answer.body}`).toContain(answer.status);
  }
}

describe('the clock of a sandbox', () => {
  test.each([
    ['far-ahead', { now: '+275760-09-13T00:00:00Z' }],
    ['farther', { now: '+275760-09-12T00:00:00Z', advanceSeconds: 3_162_240_000 }],
    ['long-ago', { now: '-271821-04-20T00:00:00Z' }],
    ['before-1970', { now: '1900-01-01T00:00:00Z', frozen: true }],
    ['the-first-year', { now: '0000-01-01T00:00:00Z' }],
    ['after-9999', { now: '+010000-01-01T00:00:00Z' }],
  ])('that is set to a moment at the edge leads to no fault of ours: %s', async (name, input) => {
    expect((await admin('POST', '/sandboxes', { name })).status).toBe(201);
    const moved = await admin('POST', `/sandboxes/${name}/clock`, input);
    expect([200, 400], moved.body).toContain(moved.status);
    expect((await admin('GET', `/sandboxes/${name}/clock`)).status).toBe(200);
    await useDates(name);
  });

  test('does not pass the last moment by many small steps', async () => {
    const name = 'steps';
    await admin('POST', '/sandboxes', { name });
    for (let step = 0; step < 12; step += 1) {
      const input = {
        advanceSeconds: 3_162_240_000,
        ...(step === 0 ? { now: '+275000-01-01T00:00:00Z' } : {}),
      };
      expect([200, 400]).toContain((await admin('POST', `/sandboxes/${name}/clock`, input)).status);
    }
    expect((await admin('GET', `/sandboxes/${name}/clock`)).status).toBe(200);
    await useDates(name);
  });

  test.each(['_system', 'nobody', '%00', '..', 'A', '__proto__'])(
    'of what is no sandbox, %s, cannot be read, moved or reset',
    async (name) => {
      for (const [method, path] of [
        ['GET', 'clock'],
        ['POST', 'clock'],
        ['POST', 'reset'],
      ]) {
        const answer = await admin(method ?? '', `/sandboxes/${name}/${path}`, {
          advanceSeconds: 1,
        });
        expect([400, 404], `${method} ${path} ${answer.body}`).toContain(answer.status);
      }
    },
  );

  test.each([
    { advanceSeconds: -1 },
    { advanceSeconds: 1e300 },
    { advanceSeconds: '1' },
    { advanceSeconds: null },
    { now: 5 },
    { now: '' },
    { now: 'tomorrow' },
    { frozen: 1 },
    { unknown: 1 },
    [],
  ])('is not moved by %j', async (input) => {
    const before = memberOf(await admin('POST', '/sandboxes/main/clock', { frozen: true }), 'now');
    const answer = await admin('POST', '/sandboxes/main/clock', input);
    expect(answer.status, answer.body).toBe(400);
    expect(memberOf(await admin('GET', '/sandboxes/main/clock'), 'now')).toBe(before);
    await admin('POST', '/sandboxes/main/clock', { frozen: false });
  });
});
