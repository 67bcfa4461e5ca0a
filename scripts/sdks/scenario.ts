import type { Members, Tree } from './protocol.js';

/** Names of the drivers, as the table shows them. */
export const DRIVER_NAMES = ['javascript', 'boto3', 'go', 'java', 'cli'] as const;

/** One of the clients. */
export type DriverName = (typeof DRIVER_NAMES)[number];

/**
 * Calls that depend on each other. Each driver runs each scenario in a sandbox of its own.
 *
 * A text may refer to what an earlier step saved: `<key.KeyMetadata.KeyId>` as a whole text stands for
 * that value, whatever its type, and within a text for its characters.
 */
export interface Scenario {
  readonly name: string;
  readonly steps: readonly Step[];
}

/** One thing that a scenario does. */
export type Step = CallStep | HelperStep | AdvanceStep;

/** Calls an operation and judges the outcome. */
export interface CallStep {
  readonly call: string;
  readonly input: Members;
  /** Name under which later steps find the output. */
  readonly save?: string;
  /** What the output has; members that are not named may be anything. Not with `error`. */
  readonly output?: Members;
  readonly error?: ExpectedError;
  /** `us-east-1` when not given. */
  readonly region?: string;
  /** `111122223333` when not given. */
  readonly account?: string;
  /** Clients that cannot make this call, and why. A client that can after all is a failure. */
  readonly lacking?: Partial<Record<DriverName, string>>;
}

/** An error on the wire. */
export interface ExpectedError {
  readonly code: string;
  /** The whole text; '' when the service gives none. */
  readonly message: Tree;
  /** 400 when not given. */
  readonly status?: number;
  /** Whether the published model has a shape for the code, so that SDKs have a class. */
  readonly modelled?: boolean;
}

/** Does with local means what a caller would do, see `helpers.ts`. */
export interface HelperStep {
  readonly helper: string;
  readonly input: Members;
  readonly save?: string;
  readonly output?: Members;
}

/** Moves the sandbox's clock. */
export interface AdvanceStep {
  readonly advanceSeconds: number;
}

/** A rule for a member, instead of a value. */
export type Rule =
  | { readonly $rule: 'absent' }
  | { readonly $rule: 'time' }
  | { readonly $rule: 'blob'; readonly bytes: number | null }
  | { readonly $rule: 'text'; readonly pattern: string }
  | { readonly $rule: 'other'; readonly than: Tree };

/** The member is not in the answer. */
export const ABSENT: Rule = { $rule: 'absent' };

/** The member is a time. */
export const TIME: Rule = { $rule: 'time' };

/** The member is a UUID in lower case. */
export const UUID: Rule = text('^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$');

/** The member is bytes, that many of them if a number is given. */
export function blob(bytes?: number): Rule {
  return { $rule: 'blob', bytes: bytes ?? null };
}

/** The member is a text that matches the pattern. */
export function text(pattern: string): Rule {
  return { $rule: 'text', pattern };
}

/** The member is there and is not this value. */
export function otherThan(than: Tree): Rule {
  return { $rule: 'other', than };
}

/** The bytes of a text, as an input or as the value that is expected. */
export function utf8(characters: string): Tree {
  return { $blob: Buffer.from(characters).toString('base64') };
}

/** Bytes by their hexadecimal digits. */
export function hex(digits: string): Tree {
  return { $blob: Buffer.from(digits, 'hex').toString('base64') };
}

/** That many bytes of the same value. */
export function filled(bytes: number, value = 0x61): Tree {
  return { $blob: Buffer.alloc(bytes, value).toString('base64') };
}
