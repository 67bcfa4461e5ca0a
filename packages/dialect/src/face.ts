import type {
  Destination,
  Envelope,
  KmsFault,
  LoadedKey,
  Realm,
  Scope,
  Source,
  TwinDraft,
  Vault,
} from '@keyglot/core';

/** Where a key lives, in words that all dialects share; what is left out is the configured default. @public */
export interface Whereabouts {
  /** Account, folder or NAVER account. */
  readonly account?: string;
  readonly region?: string;
}

/** One end of a transfer between dialects. Members that a dialect has no use for are refused. @public */
export interface TransferEnd {
  /** Identifier in any form that the dialect's own operations take. */
  readonly keyId: string | undefined;
  /** Context as the dialect's own API takes it in JSON. */
  readonly context: unknown;
  /** Algorithm in the dialect's spelling; its default when left out. */
  readonly algorithm: string | undefined;
}

/** A ciphertext found by {@link DialectFace.readSource}. @public */
export interface TransferSource {
  readonly source: Source;
  /** The key as the dialect shows it. */
  readonly keyId: string;
}

/** Where a ciphertext goes. @public */
export interface TransferTarget {
  readonly destination: Destination;
  readonly keyId: string;
  /** The ciphertext as the dialect's own API carries it. */
  write(blob: Buffer): string;
}

/** What can be read from a ciphertext without any key. @public */
export interface Inspection {
  /** Key or key version that is named inside, as far as the layout names one. */
  readonly key: string;
  readonly plaintextBytes: number;
}

/**
 * What one dialect shows to the others: how it finds keys, reads and writes ciphertexts, and how a key
 * of another dialect would look in it.
 *
 * @public
 */
export interface DialectFace {
  /** Name of the realm's dialect. */
  readonly dialect: string;
  /** Whether the plaintext of its symmetric ciphertexts is text: then bytes need a stated encoding. */
  readonly plaintextIsText: boolean;
  /** Largest plaintext of a symmetric ciphertext in bytes, as the dialect's own Encrypt takes it. */
  readonly maxPlaintextBytes: number;
  /** Largest ciphertext in bytes that the dialect's own Decrypt takes; undefined when there is no limit. */
  readonly maxCiphertextBytes: number | undefined;
  realmOf(where: Whereabouts): Realm;
  /** @throws KmsFault as the dialect's own look-up */
  findKey(vault: Vault, scope: Scope, realm: Realm, keyId: string): LoadedKey;
  /** The key as the dialect shows it to its clients. */
  showKey(key: LoadedKey): string;
  /** @throws KmsFault as the dialect's own Decrypt before it opens anything */
  readSource(
    vault: Vault,
    scope: Scope,
    realm: Realm,
    end: TransferEnd & { readonly ciphertext: string },
  ): TransferSource;
  /** @throws KmsFault as the dialect's own Encrypt before it seals anything */
  readTarget(vault: Vault, scope: Scope, realm: Realm, end: TransferEnd): TransferTarget;
  /** How a twin of `source` would be made here. @throws KmsFault Unsupported when it cannot be */
  twinOf(vault: Vault, source: LoadedKey, realm: Realm, name: string | undefined): TwinDraft;
  /** A fault in the provider's words. */
  say(thrown: KmsFault): { readonly code: string; readonly message: string };
  /** What a ciphertext tells, or undefined when it does not have this dialect's layout. */
  inspect(ciphertext: string): Inspection | undefined;
  /** The envelope in a ciphertext of this dialect, for a twin that opens its twins' blobs. */
  parse(ciphertext: Buffer): Envelope | undefined;
}
