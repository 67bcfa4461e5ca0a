import type { Work } from './pools.js';

/** One line of the table: what is measured, and what it may cost at most. */
export interface Row {
  readonly work: Work;
  readonly connections: number;
  /** Processor time of the server per request in microseconds. */
  readonly cpuUs?: number;
  /** Times the processor time of a bare `node:http` server. */
  readonly ratio?: number;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
}

const SMALL = { cpuUs: 50, ratio: 2.6, p99Ms: 3 };

/** The performance budget of the design for one process on a common machine. */
export const ROWS: readonly Row[] = [
  { work: 'Encrypt', connections: 16, ...SMALL },
  { work: 'Decrypt', connections: 16, ...SMALL },
  { work: 'GenerateDataKey', connections: 16, ...SMALL },
  { work: 'ReEncrypt', connections: 16, cpuUs: 60, ratio: 3.2 },
  { work: 'Encrypt', connections: 1, p50Ms: 0.25 },
  { work: 'Encrypt', connections: 128, p99Ms: 20 },
  { work: 'Sign RSA RAW', connections: 16, cpuUs: 350, p99Ms: 12 },
  { work: 'Sign RSA DIGEST', connections: 16, cpuUs: 400, p99Ms: 20 },
  { work: 'Sign P-256 RAW', connections: 16, cpuUs: 110 },
  { work: 'ListKeys', connections: 16 },
  { work: 'Encrypt qkms', connections: 16 },
  { work: 'ReEncrypt qkms', connections: 16 },
  { work: 'Encrypt alibaba', connections: 16 },
  { work: 'ReEncrypt alibaba', connections: 16 },
  { work: 'Encrypt yandex', connections: 16 },
  { work: 'ReEncrypt yandex', connections: 16 },
  { work: 'Encrypt ncp', connections: 16 },
  { work: 'ReEncrypt ncp', connections: 16 },
];

/** Milliseconds from the start of the program to its first answer. */
export const START_MS = { memory: 200, embeddedFirst: 1_000, embeddedLater: 350 } as const;

/** Resident memory of the Node process before it was used, in MiB. */
export const REST_MIB = 80;

/** Median time of a page at 100,000 keys, one connection, by page size. */
export const LARGE_P50_MS: ReadonlyMap<number, number> = new Map([
  [100, 0.6],
  [1_000, 1.8],
]);
