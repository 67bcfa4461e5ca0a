import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';

/** Where the launcher tells what it does. Fields never contain secrets. @public */
export type LauncherLog = (
  level: 'debug' | 'info' | 'warn' | 'error',
  message: string,
  fields: Readonly<Record<string, unknown>>,
) => void;

/** The server's log, open for one start of the server. @internal */
export interface ServerLog {
  readonly path: string;
  /** For the child's output. */
  readonly descriptor: number;
  /** The last lines that were written since it was opened. */
  tail(): Promise<string>;
  close(): Promise<void>;
}

const FILE = 'postgres.log';
const LIMIT_BYTES = 1024 * 1024;
const TAIL_BYTES = 4096;
const TAIL_LINES = 8;

/** Opens `postgres.log` in the home of the database; empties it first when it is above 1 MiB. @internal */
export async function openServerLog(home: string): Promise<ServerLog> {
  const path = join(home, FILE);
  const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW } = constants;
  const file = await open(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
  let start = (await file.stat()).size;
  if (start > LIMIT_BYTES) {
    await file.truncate(0);
    start = 0;
  }
  return {
    path,
    descriptor: file.fd,
    tail: () => readTail(file, start),
    close: () => file.close(),
  };
}

async function readTail(file: FileHandle, start: number): Promise<string> {
  const { size } = await file.stat();
  const from = Math.max(start, size - TAIL_BYTES);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
  const lines = buffer.toString('utf8', 0, bytesRead).trim().split('\n');
  return lines.slice(-TAIL_LINES).join('\n');
}
