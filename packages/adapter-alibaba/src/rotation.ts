import { fault, type KeyRecord, KmsFault, type LoadedKey, Miss, rotateKey } from '@keyglot/core';
import { isSymmetric } from './algorithms.js';
import type { AlibabaCall } from './call.js';

/** Automatic rotation of a key as its attributes have it. @internal */
export interface RotationPlan {
  /** 0 when it is off. */
  readonly intervalSeconds: number;
  /** When the newest version was made, milliseconds since 1970. */
  readonly lastMs: number;
}

/** @internal */
export function rotationOf(key: KeyRecord): RotationPlan {
  const stored = key.attributes['rotatedAt'];
  const newest = key.versions.at(-1)?.createdAt ?? key.createdAt;
  return {
    intervalSeconds: Number(key.attributes['rotationSeconds'] ?? 0),
    lastMs: typeof stored === 'string' ? Date.parse(stored) : newest.getTime(),
  };
}

/**
 * Reads a rotation interval: a number with `d`, `h`, `m`, `s` or nothing behind it, in seconds.
 *
 * @returns undefined when it is none, or not between 7 and 730 days
 * @internal
 */
export function readInterval(text: string): number | undefined {
  const [, digits, unit = 's'] = /^(\d{1,9})([dhms]?)$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const seconds = Number(digits) * (UNITS[unit === '' ? 's' : unit] ?? 1);
  return seconds >= 7 * DAY_SECONDS && seconds <= 730 * DAY_SECONDS ? seconds : undefined;
}

/**
 * The key after every rotation that is due: it is done when somebody looks, dated to when it was due,
 * and a suspended plan rotates as soon as the key is enabled.
 *
 * @throws a `Miss` that rotates
 * @internal
 */
export function rotated(call: AlibabaCall, key: LoadedKey): LoadedKey {
  if (dueAtMs(key.record, call.nowMs) === undefined) return key;
  throw new Miss(async () => {
    const { vault, scope, nowMs } = call;
    try {
      await rotateKey(vault, key.record, nowMs, {
        check(current) {
          const atMs = dueAtMs(current, nowMs);
          if (atMs === undefined) throw fault('Conflict', { what: 'a rotation' });
          const rotatedAt = new Date(atMs).toISOString();
          return { attributes: { ...current.attributes, rotatedAt } };
        },
        versionWireId: () => vault.entropy.uuid(),
      });
    } catch (error) {
      // Somebody else was faster.
      if (!(error instanceof KmsFault) || error.code !== 'Conflict') throw error;
    }
    // What this request found before is out of date.
    scope.pinned.clear();
  });
}

const DAY_SECONDS = 86_400;
const UNITS: { readonly [unit: string]: number } = { d: DAY_SECONDS, h: 3_600, m: 60, s: 1 };

/** The last moment at which a rotation was due, or undefined when none is. */
function dueAtMs(key: KeyRecord, nowMs: number): number | undefined {
  if (key.state !== 'enabled' || !isSymmetric(key)) return undefined;
  const { intervalSeconds, lastMs } = rotationOf(key);
  const intervalMs = intervalSeconds * 1_000;
  if (intervalMs === 0 || nowMs < lastMs + intervalMs) return undefined;
  return lastMs + Math.floor((nowMs - lastMs) / intervalMs) * intervalMs;
}
