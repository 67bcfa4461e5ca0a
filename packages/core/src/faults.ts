/**
 * Everything that can go wrong in the vault, with the details that a dialect needs to say it in its
 * provider's words. A new member fails the build of every adapter until it has a cell for it.
 *
 * @public
 */
export interface CoreFaults {
  KeyNotFound: { readonly id: string };
  AliasNotFound: { readonly name: string };
  KeyDisabled: { readonly id: string };
  /** `state` is what the key is, `needed` what it should be when that is what is wrong. */
  KeyStateInvalid: { readonly id: string; readonly state: string; readonly needed?: string };
  KeyUsageInvalid: { readonly id: string; readonly usage: string };
  /** The ciphertext was made by another key than the one named. */
  KeyMismatch: { readonly id: string };
  AlgorithmIncompatible: { readonly algorithm: string; readonly spec: string };
  /** Wrong tag, wrong context, wrong padding, wrong key, wrong layout: one fault by one path. */
  CiphertextInvalid: Record<never, never>;
  SignatureInvalid: Record<never, never>;
  MacInvalid: Record<never, never>;
  PlaintextTooLarge: {
    readonly algorithm: string;
    readonly spec: string;
    readonly limitBytes: number;
  };
  DigestLengthInvalid: { readonly algorithm: string };
  AlreadyExists: { readonly kind: string; readonly id: string };
  IdentifierMalformed: { readonly id: string };
  PageTokenInvalid: Record<never, never>;
  LimitExceeded: { readonly what: string; readonly limit: number };
  /** Another writer was faster; the caller may try again. */
  Conflict: { readonly what: string };
  Unsupported: { readonly what: string };
  InputInvalid: { readonly reason: string };
  AccessDenied: { readonly action: string; readonly resource: string; readonly reason: string };
  /** The store cannot be reached in time, or an acknowledgement was lost. */
  Unavailable: { readonly what: string };
  Internal: { readonly what: string };
}

/** Name of a fault of the vault. @public */
export type CoreFault = keyof CoreFaults;

/**
 * The only error that the vault throws on purpose. `message` is for logs and carries no secret.
 *
 * @example
 * try { … } catch (error) {
 *   if (error instanceof KmsFault && error.code === 'KeyNotFound') …
 * }
 *
 * @public
 */
export class KmsFault<Code extends string = string, Details = unknown> extends Error {
  override readonly name: string = 'KmsFault';
  readonly code: Code;
  readonly details: Details;

  constructor(code: Code, details: Details, cause?: unknown) {
    super(`${code} ${JSON.stringify(details)}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.details = details;
  }
}

/** Makes a fault of the vault, with its details checked. @public */
export function fault<Code extends CoreFault>(
  code: Code,
  details: CoreFaults[Code],
  cause?: unknown,
): KmsFault<Code, CoreFaults[Code]> {
  return new KmsFault(code, details, cause);
}
