import { setTimeout as delay } from 'node:timers/promises';
import { countDoubts } from './belief.js';
import { type Load, startLoad } from './load.js';
import { childrenOf, signalKill } from './processes.js';
import { createRandom, type Random } from './random.js';
import type { Running, Site } from './site.js';
import { verify } from './verify.js';

/**
 * What is killed: gateway and database together; the gateway alone, whose database is then adopted; the
 * database alone, under a gateway that goes on; the gateway while it starts on a used folder; the
 * gateway while it starts on a new one.
 */
export type Kind = 'both' | 'gateway' | 'postgres' | 'start' | 'first';

/** In the order of the rounds. */
export const KINDS: readonly Kind[] = ['both', 'gateway', 'postgres', 'start', 'first'];

/** One round, as it is told to the person who waits. */
export interface Report {
  readonly problems: readonly string[];
  readonly summary: string;
}

/** What a round needs. */
export interface RoundOptions {
  readonly site: Site;
  readonly kind: Kind;
  readonly round: number;
  readonly seed: number;
  /** Looks at everything, not at samples of what older rounds have left. */
  readonly full: boolean;
}

const WORKERS = 12;
const RECOVERY_MS = 30_000;
const AFTERWARDS = 60;

/**
 * Starts the gateway, uses it, kills, starts again, and compares. Afterwards nothing runs, or something
 * is wrong.
 */
export async function runRound(options: RoundOptions): Promise<Report> {
  const { site, kind, round, seed } = options;
  const random = createRandom(seed * 65_537 + round);
  const notes: string[] = [];
  const problems: string[] = [];
  let running: Running | undefined;
  try {
    if (kind === 'first') await killFirstStart(site, random, notes);
    running = await site.start();
    const load = startLoad({
      call: running.client.call,
      belief: site.belief,
      seed,
      round,
      workers: WORKERS,
      survives: kind === 'postgres',
    });
    await drawMoment(load, random);
    notes.push(`${load.acknowledged()} acknowledged`);
    if (kind === 'postgres') {
      await killDatabase(site, running, load, random, notes, problems);
      problems.push(...load.problems, ...(await check(options, running, random, notes, false)));
    } else {
      const before = site.postmaster();
      await killGateway(site, running, load, random, kind, notes);
      problems.push(...load.problems);
      if (kind === 'start') await killStarts(site, random, notes);
      running = await restart(site, notes);
      if (kind === 'gateway' && site.postmaster() !== before) {
        problems.push(`server ${before} was not adopted, ${site.postmaster()} runs`);
      }
      problems.push(...(await check(options, running, random, notes, options.full)));
    }
    problems.push(...(await end(site, running)));
    if (kind === 'postgres') {
      // What was asked above may have come out of the gateway's memory.
      running = await restart(site, notes);
      problems.push(...(await check(options, running, random, notes, options.full)));
      problems.push(...(await end(site, running)));
    }
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  }
  if (problems.length > 0) problems.push(...loggedErrors(running?.program.errors() ?? ''));
  return { problems, summary: notes.join(', ') };
}

/** Waits until some requests have been acknowledged, or some time has gone by. */
async function drawMoment(load: Load, random: Random): Promise<void> {
  if (random.chance(0.5)) await load.reached(random.between(1, 500));
  else await delay(random.between(0, 900));
}

async function killGateway(
  site: Site,
  { program, client }: Running,
  load: Load,
  random: Random,
  kind: Kind,
  notes: string[],
): Promise<void> {
  load.expectTrouble();
  const server = kind === 'gateway' ? undefined : site.postmaster();
  const alsoServer = server !== undefined && (kind === 'both' || random.chance(0.5));
  const serverFirst = random.chance(0.5);
  if (alsoServer && serverFirst) killServer(server, random, notes);
  const ended = program.end('SIGKILL');
  if (alsoServer && !serverFirst) killServer(server, random, notes);
  await ended;
  await load.stop();
  client.close();
  notes.push(`${countDoubts(site.belief)} in doubt`);
}

function killServer(pid: number, random: Random, notes: string[]): void {
  const children = childrenOf(pid);
  signalKill(pid);
  if (random.chance(0.5)) for (const child of children) signalKill(child);
  else notes.push('server without its children');
}

/** Kills the server or one of its children, and waits until requests come through again. */
async function killDatabase(
  site: Site,
  { program, client }: Running,
  load: Load,
  random: Random,
  notes: string[],
  problems: string[],
): Promise<void> {
  const server = site.postmaster();
  if (server === undefined) throw new Error('no database server runs');
  load.expectTrouble();
  const child = random.pick(childrenOf(server));
  if (child !== undefined && random.chance(0.3)) {
    notes.push('one child of the server');
    signalKill(child);
  } else {
    killServer(server, random, notes);
  }
  const killedAt = performance.now();
  // Until then requests may still be answered by what had not ended yet.
  await delay(50);
  let back = false;
  while (!back && performance.now() - killedAt < RECOVERY_MS) {
    const description = `probe ${notes.length}`;
    site.belief.maybeKeys.set(description, { owner: -1, signing: false });
    const outcome = await client.call('CreateKey', { Description: description });
    back = outcome.kind === 'done';
    if (!back) await delay(20);
  }
  const tookMs = performance.now() - killedAt;
  if (!back) problems.push(`not back after ${RECOVERY_MS} ms`);
  load.expectCalm();
  await load.reached(load.acknowledged() + AFTERWARDS);
  notes.push(`${countDoubts(site.belief)} in doubt`, `back after ${tookMs.toFixed(0)} ms`);
  await load.stop();
  if (load.writesSince() === 0) problems.push('nothing was written after the database came back');
  if (program.ended() !== undefined) problems.push(`the gateway ended: ${program.ended()}`);
}

/** Kills the gateway in the middle of a few starts. */
async function killStarts(site: Site, random: Random, notes: string[]): Promise<void> {
  const times = random.between(1, 3);
  for (let time = 0; time < times; time += 1) {
    const atMs = random.between(1, 450);
    const starting = site.launch();
    await delay(atMs);
    await starting.end('SIGKILL');
    notes.push(`start killed at ${atMs} ms`);
  }
}

async function killFirstStart(site: Site, random: Random, notes: string[]): Promise<void> {
  const atMs = random.between(50, 1_100);
  const starting = site.launch();
  await delay(atMs);
  await starting.end('SIGKILL');
  notes.push(`first start killed at ${atMs} ms`);
}

async function restart(site: Site, notes: string[]): Promise<Running> {
  const running = await site.start();
  notes.push(`started in ${running.program.startMs.toFixed(0)} ms`);
  return running;
}

async function check(
  { site }: RoundOptions,
  { client }: Running,
  random: Random,
  notes: string[],
  full: boolean,
): Promise<string[]> {
  const startedAt = performance.now();
  const found = await verify({ call: client.call, belief: site.belief, random, full });
  const { keys, aliases } = site.belief;
  const ms = (performance.now() - startedAt).toFixed(0);
  notes.push(`${keys.size} keys and ${aliases.size} aliases looked at in ${ms} ms`);
  return found;
}

/** The last errors in a log of JSON lines. */
function loggedErrors(log: string): string[] {
  return log
    .split('\n')
    .filter((line) => line.includes('"level":"error"'))
    .slice(-3);
}

/** A graceful end, which also ends the database. */
async function end(site: Site, { program, client }: Running): Promise<string[]> {
  const before = program.ended();
  if (before !== undefined) return [`the gateway ended by itself: ${before}`];
  client.close();
  const how = await program.end('SIGTERM');
  const problems = how === 'exit 0' ? [] : [`told to stop, the gateway ended with ${how}`];
  const server = site.postmaster();
  if (server !== undefined)
    problems.push(`told to stop, the gateway left server ${server} running`);
  return problems;
}
