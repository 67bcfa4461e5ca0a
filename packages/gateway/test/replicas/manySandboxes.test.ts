import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Gateway, startGateway } from '../../src/index.js';
import {
  type Actor,
  type ActorKey,
  RefusedError,
  type SendRequest,
  senderAt,
} from '../support/actors/actor.js';
import { ACTORS } from '../support/actors/index.js';
import { MEMORY_OPTIONS } from '../support/gatewayOptions.js';
import { type Answer, answerOf } from './replica.js';

const SANDBOXES = 200;
const DAY_SECONDS = 86_400;
const DAY_MS = DAY_SECONDS * 1_000;
const WAIT_DAYS = 7;
/** Some thousand requests take seconds, on a machine with other work to do many. */
const TIMEOUT_MS = 90_000;

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway(MEMORY_OPTIONS);
});
afterAll(() => gateway.close());

/** What one of the sandboxes holds. */
interface Work {
  readonly number: number;
  readonly name: string;
  readonly send: ReturnType<typeof senderAt>;
  readonly sealed: readonly Sealed[];
  /** Keys of the AWS dialect that are left. */
  readonly awsKeys: readonly string[];
}

/** A ciphertext of one dialect. */
interface Sealed {
  readonly actor: Actor;
  readonly key: ActorKey;
  readonly text: string;
  readonly blob: string;
}

const call = async (send: SendRequest, operation: string, input: object): Promise<Answer> => {
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': `TrentService.${operation}`,
  };
  return answerOf(await send({ path: '/aws/', headers, body: JSON.stringify(input) }));
};

const admin = async (method: string, path: string, body?: object): Promise<Answer> => {
  const answer = await fetch(`${gateway.url}/_keyglot/sandboxes${path}`, {
    method,
    headers: {
      authorization: `Bearer ${gateway.adminToken}`,
      'content-type': 'application/json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return answerOf({ status: answer.status, headers: {}, text: await answer.text() });
};

/** How many days the clock of a sandbox is ahead at the end. */
const daysOf = (number: number): number => number % (2 * WAIT_DAYS);
const isReset = (number: number): boolean => number % 3 === 0;
const ALIAS = { AliasName: 'alias/the-same-everywhere' };

/** The life of one sandbox; it waits for nobody. */
async function live(number: number): Promise<Work> {
  const name = `job-${number}`;
  const send = senderAt(gateway.port, { sandbox: name });
  const sealed: Sealed[] = [];
  for (const makeActor of Object.values(ACTORS)) {
    const actor = makeActor(send);
    const key = await actor.makeKey('symmetric');
    const text = `${actor.dialect} in ${name}`;
    sealed.push({ actor, key, text, blob: await actor.encrypt(key, Buffer.from(text)) });
  }
  const KeyId = sealed.find(({ actor }) => actor.dialect === 'aws')?.key.end.keyId ?? '';
  expect((await call(send, 'CreateAlias', { ...ALIAS, TargetKeyId: KeyId })).code).toBe('ok');
  const dying = (await ACTORS.aws(send).makeKey('symmetric')).end.keyId;
  const schedule = { KeyId: dying, PendingWindowInDays: WAIT_DAYS };
  expect((await call(send, 'ScheduleKeyDeletion', schedule)).code).toBe('ok');
  const moved = { advanceSeconds: daysOf(number) * DAY_SECONDS };
  expect((await admin('POST', `/${name}/clock`, moved)).status).toBe(200);
  const awsKeys = daysOf(number) >= WAIT_DAYS ? [KeyId] : [KeyId, dying];
  const work = { number, name, send, sealed, awsKeys };
  await verify(work);
  if (!isReset(number)) return work;
  expect((await admin('POST', `/${name}/reset`, {})).status).toBe(204);
  return { ...work, awsKeys: [] };
}

/** Looks whether a sandbox holds what it should, and nothing else. */
async function verify({ number, name, send, sealed, awsKeys }: Work): Promise<void> {
  const { output } = await call(send, 'ListKeys', {});
  const listed = Array.isArray(output['Keys']) ? output['Keys'] : [];
  expect(listed.map((key) => Object(key).KeyId).sort(), name).toEqual([...awsKeys].sort());
  const clock = await admin('GET', `/${name}/clock`);
  const aheadMs = Date.parse(String(clock.output['now'])) - Date.now();
  expect(Math.abs(aheadMs - daysOf(number) * DAY_MS), name).toBeLessThan(DAY_MS / 2);
  const led = await call(send, 'DescribeKey', { KeyId: ALIAS.AliasName });
  if (awsKeys.length === 0) {
    expect(led.code).toBe('NotFoundException');
    for (const { actor, key, blob } of sealed) await refused(actor.decrypt(key, blob));
    return;
  }
  expect(Object(led.output['KeyMetadata']).KeyId).toBe(awsKeys[0]);
  for (const { actor, key, text, blob } of sealed) {
    expect((await actor.decrypt(key, blob)).toString('utf8')).toBe(text);
  }
}

/** A neighbour's keys and ciphertexts are nothing here. */
async function refuseNeighbour(here: Work, { sealed }: Work): Promise<void> {
  for (const { actor, key, blob } of sealed) {
    const mine = ACTORS[actor.dialect](here.send);
    await refused(mine.encrypt(key, Buffer.from('x')));
    await refused(mine.decrypt(key, blob));
    const own = here.sealed.find((one) => one.actor.dialect === actor.dialect);
    if (own !== undefined) await refused(mine.decrypt(own.key, blob));
  }
}

async function refused(answer: Promise<unknown>): Promise<void> {
  const thrown = await answer.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof RefusedError)) throw thrown ?? new Error('answered');
  expect(thrown.status).toBeLessThan(500);
}

describe('two hundred sandboxes at once on one gateway', () => {
  it(
    'have keys in all dialects, aliases, clocks and resets of their own',
    async () => {
      const numbers = Array.from({ length: SANDBOXES }, (_, number) => number);
      const works = await Promise.all(numbers.map(live));
      try {
        // Everybody else has moved clocks and emptied sandboxes meanwhile.
        await Promise.all(works.map(verify));
        await Promise.all(
          works.map((work, at) => {
            const neighbour = works[(at + 1) % works.length];
            if (neighbour === undefined) throw new Error('no neighbour');
            return refuseNeighbour(work, neighbour);
          }),
        );
        const { output } = await admin('GET', '');
        expect(new Set(Object(output).sandboxes)).toEqual(
          new Set(['main', ...works.map(({ name }) => name)]),
        );
      } finally {
        for (const { send } of works) send.close();
      }
    },
    TIMEOUT_MS,
  );
});
