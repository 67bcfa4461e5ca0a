import { encrypt, NO_CONTEXT, withLoads } from '@keyglot/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MOUNTS, type Mount } from '../../src/claim/place.js';
import { type Gateway, startGateway } from '../../src/index.js';
import { type Actor, type ActorKey, type Kind, senderAt } from '../support/actors/actor.js';
import { ACTORS } from '../support/actors/index.js';
import { MEMORY_OPTIONS } from '../support/gatewayOptions.js';
import { createTestClock, START_MS } from '../support/testClock.js';

// Every dialect into every dialect: kinds of keys × contexts × sizes, each result opened by the target's
// own API over the socket.

interface Cast {
  readonly gateway: Gateway;
  readonly send: ReturnType<typeof senderAt>;
  readonly actors: ReadonlyMap<Mount, Actor>;
  readonly keys: ReadonlyMap<string, ActorKey>;
}

let cast: Cast;
/** Ciphertexts by key, context and size: each is the source of many rows. */
const sealed = new Map<string, string>();

beforeAll(async () => {
  const gateway = await startGateway(MEMORY_OPTIONS, { clock: createTestClock() });
  const send = senderAt(gateway.port, {});
  const actors = new Map(MOUNTS.map((dialect) => [dialect, ACTORS[dialect](send)]));
  const keys = new Map<string, ActorKey>();
  for (const { dialect, kind } of ENDS) {
    const key = await actors.get(dialect)?.makeKey(kind);
    if (key !== undefined) keys.set(`${dialect} ${kind}`, key);
  }
  cast = { gateway, send, actors, keys };
});

afterAll(async () => {
  cast.send.close();
  await cast.gateway.close();
});

/** One end of a row: whom it is about is known before there is a gateway. */
interface End {
  readonly dialect: Mount;
  readonly kind: Kind;
  readonly shape: Pick<Actor, 'contexts' | 'limitOf' | 'tooLarge'>;
}

const ENDS: readonly End[] = MOUNTS.flatMap((dialect) => {
  // Nobody sends anything yet: only what does not depend on a gateway is asked for.
  const shape = ACTORS[dialect](() => Promise.reject(new Error('there is no gateway yet')));
  return shape.kinds.map((kind) => ({ dialect, kind, shape }));
});

function endNamed(dialect: Mount, kind: Kind): End {
  const end = ENDS.find((one) => one.dialect === dialect && one.kind === kind);
  if (end === undefined) throw new Error(`${dialect} has no ${kind} keys`);
  return end;
}

const CONTEXTS = ['none', 'one', 'hostile'];

function plaintextOf(sizeBytes: number): Buffer {
  return Buffer.alloc(sizeBytes, 'keyglot ');
}

function actorOf({ dialect }: End): Actor {
  const actor = cast.actors.get(dialect);
  if (actor === undefined) throw new Error(`nobody speaks ${dialect}`);
  return actor;
}

function keyOf({ dialect, kind }: End): ActorKey {
  const key = cast.keys.get(`${dialect} ${kind}`);
  if (key === undefined) throw new Error(`${dialect} has no ${kind} key`);
  return key;
}

async function sealedBy(end: End, sizeBytes: number, context: unknown): Promise<string> {
  const at = JSON.stringify([end.dialect, end.kind, sizeBytes, context]);
  const known = sealed.get(at);
  if (known !== undefined) return known;
  const made = await actorOf(end).encrypt(keyOf(end), plaintextOf(sizeBytes), context);
  sealed.set(at, made);
  return made;
}

interface Moved {
  readonly status: number;
  readonly body: { readonly ciphertext?: string; readonly error?: unknown };
}

async function move(
  from: End,
  to: End,
  ciphertext: string,
  contexts: readonly [source: unknown, target: unknown],
): Promise<Moved> {
  const isText = ({ dialect, kind }: End): boolean => dialect === 'alibaba' && kind === 'symmetric';
  const answer = await cast.send({
    path: '/_keyglot/reencrypt',
    headers: {
      authorization: `Bearer ${cast.gateway.adminToken}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({
      source: { ...keyOf(from).end, ciphertext, context: contexts[0] },
      destination: { ...keyOf(to).end, context: contexts[1] },
      ...(isText(from) === isText(to) ? {} : { plaintext: 'utf8' }),
    }),
  });
  return { status: answer.status, body: JSON.parse(answer.text) };
}

/** A ciphertext that is longer than any that the source's own API makes. */
async function crafted({ dialect }: End, key: ActorKey, sizeBytes: number): Promise<string> {
  const { vault } = cast.gateway;
  const layout = vault.layouts.get(dialect);
  if (layout === undefined) throw new Error(`${dialect} has no layout`);
  const scope = { sandbox: 'main', nowMs: START_MS, pinned: new Map() };
  const loaded = await withLoads(() =>
    vault.keys.byWireId(scope, dialect, key.end.keyId, () => true),
  );
  if (loaded === undefined) throw new Error('there is no such key');
  const blob = encrypt(vault, loaded, layout, NO_CONTEXT, plaintextOf(sizeBytes));
  return dialect === 'ncp' ? `ncpkms:v1:${blob.toString('base64')}` : blob.toString('base64');
}

test('a convergent target gives the ciphertext that its own API gives', async () => {
  const from = endNamed('aws', 'symmetric');
  const to = endNamed('ncp', 'convergent');
  for (const context of to.shape.contexts('convergent')) {
    const ciphertext = await sealedBy(from, 9, undefined);
    const moved = await move(from, to, ciphertext, [undefined, context]);
    expect(moved.body.ciphertext).toBe(await sealedBy(to, 9, context));
  }
});

test('what no key of AWS takes is refused before its RSA key is looked at', async () => {
  const [from, to] = [endNamed('yandex', 'symmetric'), endNamed('aws', 'rsa')];
  const ciphertext = await sealedBy(from, 4_097, undefined);
  const { shape } = endNamed('aws', 'symmetric');
  expect(await move(from, to, ciphertext, [undefined, undefined])).toEqual({
    status: 422,
    body: { error: { dialect: 'aws', ...shape.tooLarge('symmetric') } },
  });
});

test('every dialect of the gateway has a face', async () => {
  const end = { dialect: 'nobody', keyId: 'x', ciphertext: 'x' };
  const answer = await cast.send({
    path: '/_keyglot/reencrypt',
    headers: {
      authorization: `Bearer ${cast.gateway.adminToken}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ source: end, destination: { ...end, ciphertext: undefined } }),
  });
  const { error } = JSON.parse(answer.text);
  const named = /^dialect nobody is not one of (.*)$/.exec(error)?.[1]?.split(', ');
  expect(named?.sort()).toEqual([...MOUNTS].sort());
});

const PAIRS = MOUNTS.flatMap((from) => MOUNTS.map((to) => [from, to] as const));

describe.each(PAIRS)('from %s to %s', (fromDialect, toDialect) => {
  const rows = ENDS.filter(({ dialect }) => dialect === fromDialect).flatMap((from) =>
    ENDS.filter(({ dialect }) => dialect === toDialect).map(
      (to) => [from.kind, to.kind, from, to] as const,
    ),
  );

  test.each(rows)('%s to %s: any context, any size that both take', async (_a, _b, from, to) => {
    for (const contexts of contextRows(from, to)) {
      const largest = Math.min(limitOf(from), limitOf(to));
      for (const sizeBytes of [1, largest]) {
        const ciphertext = await sealedBy(from, sizeBytes, contexts[0]);
        const moved = await move(from, to, ciphertext, contexts);
        expect(moved, `${sizeBytes} bytes, ${JSON.stringify(contexts)}`).toMatchObject({
          status: 200,
        });
        const opened = await actorOf(to).decrypt(
          keyOf(to),
          String(moved.body.ciphertext),
          contexts[1],
        );
        expect(opened.equals(plaintextOf(sizeBytes))).toBe(true);
      }
    }
  });

  test.each(rows)(
    '%s to %s: one byte too many, in the target’s words',
    async (_a, _b, from, to) => {
      const tooMany = limitOf(to) + 1;
      for (const contexts of contextRows(from, to)) {
        if (limitOf(from) >= tooMany) {
          const ciphertext = await sealedBy(from, tooMany, contexts[0]);
          expect(await move(from, to, ciphertext, contexts)).toEqual(refusal(to));
          continue;
        }
        // The source cannot have made such a ciphertext.
        const longer = plaintextOf(limitOf(from) + 1);
        const own = actorOf(from).encrypt(keyOf(from), longer, contexts[0]);
        await expect(own).rejects.toMatchObject({ refused: from.shape.tooLarge(from.kind) });
      }
      if (limitOf(from) >= tooMany || from.kind !== 'symmetric') return;
      const ciphertext = await crafted(from, keyOf(from), tooMany);
      const moved = await move(from, to, ciphertext, [undefined, to.shape.contexts(to.kind)[0]]);
      const { ciphertextLimit } = LIMITED[fromDialect];
      const refusedBySource = ciphertextLimit !== undefined && tooMany > ciphertextLimit.plaintext;
      expect(moved).toEqual(refusedBySource ? ciphertextLimit.refusal : refusal(to));
    },
  );
});

/** Contexts of both ends, paired so that each occurs; where a kind has fewer, the first again. */
function contextRows(from: End, to: End): readonly (readonly [unknown, unknown])[] {
  const [ours, theirs] = [from.shape.contexts(from.kind), to.shape.contexts(to.kind)];
  return CONTEXTS.slice(0, Math.max(ours.length, theirs.length)).map(
    (_, at) => [ours[at] ?? ours[0], theirs[at] ?? theirs[0]] as const,
  );
}

function limitOf({ kind, shape }: End): number {
  return shape.limitOf(kind);
}

function refusal({ dialect, kind, shape }: End): Moved {
  return { status: 422, body: { error: { dialect, ...shape.tooLarge(kind) } } };
}

/** Dialects that refuse a longer ciphertext before they open it, and what they say. */
const LIMITED: {
  readonly [dialect in Mount]: {
    readonly ciphertextLimit?: { readonly plaintext: number; readonly refusal: Moved };
  };
} = {
  aws: { ciphertextLimit: awsCiphertextLimit('aws') },
  qkms: { ciphertextLimit: awsCiphertextLimit('qkms') },
  alibaba: {},
  yandex: {},
  ncp: {
    ciphertextLimit: {
      plaintext: 32_768,
      refusal: {
        status: 422,
        body: {
          error: { dialect: 'ncp', code: 'INVALID_REQUEST', message: 'Invalid request' },
        },
      },
    },
  },
};

function awsCiphertextLimit(dialect: Mount): {
  readonly plaintext: number;
  readonly refusal: Moved;
} {
  const message =
    "1 validation error detected: Value at 'ciphertextBlob' failed to satisfy constraint: Member must have length less than or equal to 6144";
  // 6,144 bytes without header, unknown bytes and tag.
  return {
    plaintext: 5_980,
    refusal: {
      status: 422,
      body: { error: { dialect, code: 'ValidationException', message } },
    },
  };
}
