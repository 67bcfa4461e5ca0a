import type { Destination, KmsFault, LoadedKey, Realm, Scope, Source, Vault } from '@keyglot/core';
import type { Credential, CredentialForm } from './credentials.js';

/**
 * Something that the dialects' own APIs know nothing of, and that cannot be done: the message is for
 * whoever asked for it. What a provider refuses is a `KmsFault`, in the provider's words.
 *
 * @public
 */
export class TransferRefused extends Error {
  override readonly name: string = 'TransferRefused';
}

/**
 * Refuses what a dialect has no use for, so that nothing is taken and ignored.
 *
 * @throws TransferRefused when one of the members is there
 * @public
 */
export function refuseUnused(dialect: string, members: { readonly [name: string]: unknown }): void {
  for (const [name, value] of Object.entries(members)) {
    if (value !== undefined) throw new TransferRefused(`${dialect} has no use for ${name}`);
  }
}

/** Where a key lives, in words that all dialects share. @public */
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
  /** Key version, where the dialect's own API names one beside the key. */
  readonly keyVersionId: string | undefined;
  /** Who acts, judged as a request signed with it would be; undefined for the key's owner. */
  readonly principal: Credential | undefined;
}

/** What is wanted of a twin. @public */
export interface TwinWish {
  /** Name of the key, where the dialect's keys have one. */
  readonly name: string | undefined;
  /** Whether it opens the ciphertexts of its twins too. */
  readonly acceptForeignBlobs: boolean;
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
  /** How the principals of its ends are registered. */
  readonly credentials: CredentialForm;
  /** Whether the plaintext of its symmetric ciphertexts is text: then bytes need a stated encoding. */
  readonly plaintextIsText: boolean;
  /** Largest plaintext of a symmetric ciphertext in bytes, as the dialect's own Encrypt takes it. */
  readonly maxPlaintextBytes: number;
  /** Largest ciphertext in bytes that the dialect's own Decrypt takes; undefined when there is no limit. */
  readonly maxCiphertextBytes: number | undefined;
  /** Whether asymmetric keys get new versions, so that one of them is more than one key pair. */
  readonly rotatesAsymmetric: boolean;
  /**
   * A place; without a stated account that of the principal, without one the configured one. The tenant
   * is empty where none is stated and there is no default.
   *
   * @throws TransferRefused for a place that the dialect does not have
   */
  realmOf(where: Whereabouts, principal: Credential | undefined): Realm;
  /**
   * Finds a key of which a twin is to be made.
   *
   * @throws KmsFault as the dialect's own look-up
   * @throws TransferRefused for a key that can have no twin
   */
  findTwinSource(
    vault: Vault,
    scope: Scope,
    realm: Realm,
    keyId: string,
    principal: Credential | undefined,
  ): LoadedKey;
  /**
   * Makes a twin of `source` here.
   *
   * @throws KmsFault as the dialect's own CreateKey
   * @throws TransferRefused when the dialect has no such keys
   */
  makeTwin(
    vault: Vault,
    scope: Scope,
    source: LoadedKey,
    realm: Realm,
    wish: TwinWish,
  ): Promise<LoadedKey>;
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
  /** A fault in the provider's words to a principal, or to the owner of every key. */
  say(
    thrown: KmsFault,
    principal: Credential | undefined,
  ): { readonly code: string; readonly message: string };
  /** What a ciphertext tells, or undefined when it does not have this dialect's layout. */
  inspect(ciphertext: string): Inspection | undefined;
}
