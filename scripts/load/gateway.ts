import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { usageOf } from '../bench/usage.js';
import type { Program } from '../program/program.js';

/** What a gateway says of its memory, and what the system says. */
export interface Memory {
  /** Resident memory of the Node process in MiB. */
  readonly rssMib: number;
  readonly cachedKeys: number;
  readonly cachedMib: number;
}

/** Reads the memory of a gateway; the database is not counted. */
export async function memoryOf(program: Program, dataFolder: string): Promise<Memory> {
  const answer = await admin(program, dataFolder, 'GET', '/status');
  const status: Record<string, unknown> = Object(JSON.parse(answer));
  return {
    rssMib: toMib(usageOf(program.pid).rssBytes),
    cachedKeys: Number(status['cachedKeys']),
    cachedMib: toMib(Number(status['cachedBytes'])),
  };
}

/** Asks the admin API. @throws Error when it refuses */
export async function admin(
  program: Program,
  dataFolder: string,
  method: string,
  path: string,
  body?: object,
): Promise<string> {
  const tokens: Record<string, unknown> = Object(
    JSON.parse(readFileSync(join(dataFolder, 'admin-tokens.json'), 'utf8')),
  );
  const answer = await fetch(`${program.url}/_keyglot${path}`, {
    method,
    headers: {
      authorization: `Bearer ${String(tokens['material'])}`,
      'content-type': 'application/json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text;
}

/** Does work for each of a number of items, so many at a time. */
export async function inParallel(
  count: number,
  atOnce: number,
  work: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (;;) {
      const index = next;
      if (index >= count) return;
      next += 1;
      await work(index);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

function toMib(bytes: number): number {
  return bytes / 1_048_576;
}
