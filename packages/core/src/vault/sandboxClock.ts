import { fault } from '../faults.js';
import type { ResourceRecord } from '../model/resource.js';
import { MAIN_SANDBOX, SANDBOX_KIND, SYSTEM_SANDBOX } from './sandboxNames.js';
import { tick } from './tick.js';
import type { Vault } from './vault.js';

const LATEST_MS = Date.UTC(9999, 11, 31);

/** The virtual clock of one sandbox. @public */
export interface SandboxClock {
  /** How far it is ahead of real time, in milliseconds. */
  readonly offsetMs: number;
  /** The moment at which it stands still, in milliseconds since 1970, or null while it runs. */
  readonly frozenAtMs: number | null;
  /** Virtual time at a moment of real time. */
  at(realMs: number): number;
}

/** How a clock is to be moved; exactly what is given changes. @public */
export interface ClockMove {
  /** Sets it to a moment, in milliseconds since 1970. */
  readonly setMs?: number;
  /** Moves it on, in milliseconds; not negative. */
  readonly advanceMs?: number;
  readonly frozen?: boolean;
}

/** The clock in a sandbox's record; without one, real time. @internal */
export function clockOf(record: ResourceRecord | undefined): SandboxClock {
  const offsetMs = Number(record?.body['offsetMs'] ?? 0);
  const frozen = record?.body['frozenAtMs'];
  const frozenAtMs = typeof frozen === 'number' ? frozen : null;
  return { offsetMs, frozenAtMs, at: (realMs) => frozenAtMs ?? realMs + offsetMs };
}

/** Reads the clock of a sandbox from the store. @throws KmsFault Unavailable @public */
export async function readClock(vault: Vault, sandbox: string): Promise<SandboxClock> {
  return clockOf(await vault.store.readResource(SYSTEM_SANDBOX, SANDBOX_KIND, sandbox));
}

/**
 * Moves the clock of a sandbox, then does what has become due, in order of its time.
 *
 * @returns the clock afterwards
 * @throws KmsFault InputInvalid when there is no such sandbox, the move is no move or leads out of the
 * years 1970 to 9999, Conflict when somebody else moves it at the same moment
 * @public
 */
export async function moveClock(
  vault: Vault,
  sandbox: string,
  move: ClockMove,
): Promise<SandboxClock> {
  const record = await vault.store.readResource(SYSTEM_SANDBOX, SANDBOX_KIND, sandbox);
  if (record === undefined && sandbox !== MAIN_SANDBOX) {
    throw fault('InputInvalid', { reason: `There is no sandbox ${sandbox}.` });
  }
  if ((move.advanceMs ?? 0) < 0) {
    throw fault('InputInvalid', { reason: 'a clock is advanced by a time that is not negative' });
  }
  const realMs = vault.clock.virtualMs(sandbox);
  const before = clockOf(record);
  const nowMs = (move.setMs ?? before.at(realMs)) + (move.advanceMs ?? 0);
  // Far inside of what a Date can hold, because operations add years to it.
  if (!(nowMs >= 0 && nowMs <= LATEST_MS)) {
    throw fault('InputInvalid', { reason: 'a clock shows the years 1970 to 9999' });
  }
  const frozen = move.frozen ?? before.frozenAtMs !== null;
  await vault.resources.write({
    sandbox: SYSTEM_SANDBOX,
    kind: SANDBOX_KIND,
    id: sandbox,
    body: { ...record?.body, offsetMs: nowMs - realMs, frozenAtMs: frozen ? nowMs : null },
    version: (record?.version ?? 0) + 1,
  });
  await tick(vault.sandboxes.in(sandbox), sandbox, nowMs);
  return readClock(vault, sandbox);
}
