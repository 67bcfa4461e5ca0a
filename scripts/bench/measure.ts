import { fileURLToPath } from 'node:url';
import { launch, type Program } from '../program/program.js';
import type { Row } from './budget.js';
import { drive, type Pool, percentile } from './driver.js';
import type { Target } from './gateway.js';
import type { PreparedPool } from './pools.js';
import { usageOf } from './usage.js';

/** Figures of one server under one kind of requests. */
export interface Figures {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Processor time of the server per request in microseconds. */
  readonly cpuUs: number;
  /** The lowest of all rounds: what noise of other programs has disturbed least. */
  readonly bestCpuUs: number;
}

/** One measured line. */
export interface Measured {
  readonly row: Row;
  readonly gateway: Figures;
  /** A bare server that reads the same requests, and one that also seals; absent for signing. */
  readonly bare?: Figures;
  readonly sealing?: Figures;
}

/** The servers that a run compares. */
export interface Contest {
  readonly target: Target;
  readonly bare: Program;
  readonly sealing: Program;
}

const BARE = fileURLToPath(new URL('bare.mjs', import.meta.url));
/** Until the optimising compiler has seen everything, which for the gateway is a thousand functions. */
const WARM_UP_SECONDS = 1.2;
const BARE_WARM_UP_SECONDS = 0.2;

/** Starts a server that does as little as possible, or little beyond sealing. */
export function startBare(kind: 'plain' | 'crypto'): Promise<Program> {
  return launch(BARE, { args: [kind] }).ready;
}

/** Measures one line: in each round every server once, so that noise of the machine meets all of them. */
export async function measure(
  row: Row,
  contest: Contest,
  pool: PreparedPool,
  seconds: number,
  rounds: number,
): Promise<Measured> {
  const servers = [{ program: contest.target.program, requests: pool as Pool }];
  if (!row.work.startsWith('Sign')) {
    // Whatever they answer, there is nothing to check about it.
    const requests = { requests: pool.requests };
    servers.push({ program: contest.bare, requests });
    // It reads what AWS's clients send.
    if (!row.work.includes(' ')) servers.push({ program: contest.sealing, requests });
  }
  const found: Slice[][] = servers.map(() => []);
  for (const { program, requests } of servers) {
    const isGateway = program === contest.target.program;
    await slice(row, program, requests, isGateway ? WARM_UP_SECONDS : BARE_WARM_UP_SECONDS);
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, { program, requests }] of servers.entries()) {
      found[index]?.push(await slice(row, program, requests, seconds));
    }
  }
  await pool.check();
  const [gateway, bare, sealing] = found.map(summary);
  if (gateway === undefined) throw new Error('nothing was measured');
  return {
    row,
    gateway,
    ...(bare === undefined ? {} : { bare }),
    ...(sealing === undefined ? {} : { sealing }),
  };
}

type Slice = Omit<Figures, 'bestCpuUs'>;

async function slice(row: Row, program: Program, pool: Pool, seconds: number): Promise<Slice> {
  const port = Number(new URL(program.url).port);
  let beforeUs = 0;
  const onStart = (): void => {
    beforeUs = usageOf(program.pid).cpuUs;
  };
  const run = await drive({ port, connections: row.connections, seconds, onStart }, pool);
  const cpuUs = usageOf(program.pid).cpuUs - beforeUs;
  return {
    perSecond: run.answers / run.seconds,
    p50Ms: percentile(run, 50),
    p99Ms: percentile(run, 99),
    cpuUs: cpuUs / run.answers,
  };
}

function summary(slices: readonly Slice[]): Figures {
  const of = (name: keyof Slice): number => median(slices.map((one) => one[name]));
  return {
    perSecond: of('perSecond'),
    p50Ms: of('p50Ms'),
    p99Ms: of('p99Ms'),
    cpuUs: of('cpuUs'),
    bestCpuUs: Math.min(...slices.map(({ cpuUs }) => cpuUs)),
  };
}

/** The value in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const low = sorted[Math.ceil(middle) - 1] ?? Number.NaN;
  return sorted.length % 2 === 1 ? low : (low + (sorted[middle] ?? Number.NaN)) / 2;
}
