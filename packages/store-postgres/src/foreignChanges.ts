import type { KeyRef } from '@keyglot/core';
import { Client, type ClientConfig, type Pool } from 'pg';
import { failureOf } from './failure.js';
import type { PostgresEvent } from './options.js';

const CHANNEL = 'keyglot_change';
/** Postgres refuses a payload of 8,000 bytes or more. */
const PAYLOAD_BYTES = 7_999;
const RESUBSCRIBE_MS = 250;
const RESUBSCRIBE_MAX_MS = 10_000;

/** What a listener is told; undefined stands for any key. @internal */
export type ChangeListener = (refs: readonly KeyRef[] | undefined) => void;

/** Tells other processes of changes, and hears of theirs. @internal */
export interface ForeignChanges {
  /** Tells the others, soon and at best effort. */
  tell(refs: readonly KeyRef[]): void;
  listen(listener: ChangeListener): void;
  close(): Promise<void>;
}

/** What {@link createForeignChanges} needs. @internal */
export interface ForeignChangesOptions {
  readonly pool: Pool;
  readonly connection: ClientConfig;
  /** Tells our own notifications from those of others. */
  readonly origin: string;
  readonly report: (event: PostgresEvent) => void;
}

/**
 * Notifications of changes. They are sent after the commit and not within it, because the server makes
 * all transactions that notify commit one after another.
 *
 * @internal
 */
export function createForeignChanges(options: ForeignChangesOptions): ForeignChanges {
  const { pool, origin, report } = options;
  const listeners: ChangeListener[] = [];
  let waiting: KeyRef[] = [];
  let sending: Promise<void> | undefined;
  let subscriber: Client | undefined;
  let retry: NodeJS.Timeout | undefined;
  let closed = false;

  const send = async (): Promise<void> => {
    while (waiting.length > 0) {
      const payload = payloadOf(origin, waiting);
      waiting = [];
      try {
        await pool.query('SELECT pg_notify($1, $2)', [CHANNEL, payload]);
      } catch (error) {
        report({ kind: 'notify-failed', message: failureOf(error).message });
      }
    }
    sending = undefined;
  };
  const announce = (refs: readonly KeyRef[] | undefined): void => {
    for (const listener of listeners) listener(refs);
  };
  const subscribe = async (missedAny: boolean, failures: number): Promise<void> => {
    const client = new Client(options.connection);
    subscriber = client;
    const lost = (error: unknown, count: number): void => {
      if (closed || subscriber !== client) return;
      subscriber = undefined;
      if (error !== undefined) report({ kind: 'listen-lost', message: failureOf(error).message });
      client.end().catch(() => {
        // It is gone already.
      });
      const delayMs = Math.min(RESUBSCRIBE_MS * 2 ** count, RESUBSCRIBE_MAX_MS);
      retry = setTimeout(() => void subscribe(true, count + 1), delayMs);
      retry.unref();
    };
    client.on('error', (error) => lost(error, 0));
    client.on('end', () => lost(undefined, 0));
    client.on('notification', ({ payload }) => {
      const [from, refs] = readPayload(payload ?? '');
      if (from !== origin) announce(refs);
    });
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
      // What was sent while nobody listened is not sent again.
      if (missedAny) announce(undefined);
    } catch (error) {
      lost(error, failures);
    }
  };

  return {
    tell(refs) {
      if (closed || refs.length === 0) return;
      waiting.push(...refs);
      sending ??= send();
    },
    listen(listener) {
      listeners.push(listener);
      if (listeners.length === 1) void subscribe(false, 0);
    },
    async close() {
      closed = true;
      clearTimeout(retry);
      await sending;
      await subscriber?.end().catch(() => {
        // It is gone already.
      });
    },
  };
}

function payloadOf(origin: string, refs: readonly KeyRef[]): string {
  const payload = `${origin}\n${JSON.stringify(refs.map(({ sandbox, id }) => [sandbox, id]))}`;
  return Buffer.byteLength(payload) <= PAYLOAD_BYTES ? payload : `${origin}\n`;
}

/** What cannot be read stands for any key, so that a newer program's notices are heeded too. */
function readPayload(payload: string): [origin: string, refs: readonly KeyRef[] | undefined] {
  const at = payload.indexOf('\n');
  const origin = at < 0 ? '' : payload.slice(0, at);
  try {
    const list: unknown = JSON.parse(payload.slice(at + 1));
    return [origin, Array.isArray(list) ? list.map(refOf) : undefined];
  } catch {
    return [origin, undefined];
  }
}

function refOf(item: unknown): KeyRef {
  const [sandbox, id]: readonly unknown[] = Array.isArray(item) ? item : [];
  if (typeof sandbox !== 'string' || typeof id !== 'string') throw new TypeError('not a key');
  return { sandbox, id };
}
