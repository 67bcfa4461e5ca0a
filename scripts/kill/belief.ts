/** What the answers so far say must be in the vault, and what may be there beside. */
export interface Belief {
  readonly keys: Map<string, KeyBelief>;
  readonly aliases: Map<string, AliasBelief>;
  /** Descriptions of keys whose creation got no answer. */
  readonly maybeKeys: Map<string, { readonly owner: number; readonly signing: boolean }>;
}

/** States of keys, as DescribeKey names them. */
export type KeyState = 'Enabled' | 'Disabled' | 'PendingDeletion';

/** One worker alone changes a key, one request at a time, so at most one change is in doubt. */
export interface KeyBelief {
  readonly id: string;
  readonly owner: number;
  /** An elliptic key; the others are symmetric. */
  readonly signing: boolean;
  state: KeyState;
  /** The state after a change that got no answer. */
  maybeState: KeyState | undefined;
  /** Ids of all materials that were seen; the last one is the current one. */
  readonly materials: string[];
  /** Rotations since then that were acknowledged, or that got no answer. */
  rotation: 'none' | 'acknowledged' | 'maybe';
  /** How many were asked for; the service allows 25. */
  rotations: number;
  publicKey: string | undefined;
  readonly sealed: Sealed[];
}

/** A ciphertext that was handed out. */
export interface Sealed {
  readonly blob: string;
  /** Base64. */
  readonly plaintext: string;
  readonly context: Readonly<Record<string, string>>;
  /** Whether it has been opened once, so that a sample will do. */
  opened: boolean;
}

/** Where an alias points, or undefined when it does not exist. */
export interface AliasBelief {
  readonly name: string;
  readonly owner: number;
  target: string | undefined;
  /** After a change that got no answer. */
  maybe: { readonly target: string | undefined } | undefined;
}

/** A belief about an empty vault. */
export function createBelief(): Belief {
  return { keys: new Map(), aliases: new Map(), maybeKeys: new Map() };
}

/** A key that was just made. */
export function newKey(id: string, owner: number, signing: boolean): KeyBelief {
  return {
    id,
    owner,
    signing,
    state: 'Enabled',
    maybeState: undefined,
    materials: [],
    rotation: 'none',
    rotations: 0,
    publicKey: undefined,
    sealed: [],
  };
}

/** Whether nothing about the key is in doubt. */
export function isSettled(key: KeyBelief): boolean {
  return key.maybeState === undefined && key.rotation === 'none';
}

/** How many operations may have happened or not. */
export function countDoubts({ keys, aliases, maybeKeys }: Belief): number {
  let count = maybeKeys.size;
  for (const key of keys.values()) {
    if (key.maybeState !== undefined || key.rotation === 'maybe') count += 1;
  }
  for (const alias of aliases.values()) if (alias.maybe !== undefined) count += 1;
  return count;
}
