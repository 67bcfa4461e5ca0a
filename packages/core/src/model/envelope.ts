import type { Context } from './context.js';

/** A ciphertext as core sees it, after its dialect has parsed the provider's layout. @public */
export interface Envelope {
  /** Wire id of the key version that made it, as named inside the blob. */
  readonly versionWireId: string;
  readonly salt: Buffer;
  readonly nonce: Buffer;
  /** Clear bytes of the layout, authenticated together with the context. */
  readonly header: Buffer;
  /** Ciphertext followed by the 16-byte tag. */
  readonly body: Buffer;
}

/** A blob made ready for sealing: everything is written but body and tag. @public */
export interface BlankEnvelope {
  readonly blob: Buffer;
  /** Offset of body and tag, which fill the rest of the blob. */
  readonly bodyAt: number;
}

/**
 * How one dialect lays out its symmetric ciphertexts. Pure functions over bytes; the vault draws salt
 * and nonce, and seals.
 *
 * @public
 */
export interface EnvelopeLayout {
  readonly dialect: string;
  /** Bytes of salt in the layout; 0 when it has none, then there is no per-message key. */
  readonly saltBytes: number;
  /**
   * Set where the provider authenticates the context alone: the clear bytes then stay out of the
   * additional data, on both ways. They must be bound otherwise, by naming the key and the nonce.
   */
  readonly contextOnly?: true;
  /** Kind of context that the dialect's clients give. */
  readonly contextKind?: 'pairs' | 'bytes';
  /** Bytes that the layout puts in front of the plaintext, inside the ciphertext. */
  readonly innerPrefix: Buffer;
  /** @param contentBytes length of inner prefix, plaintext and tag together */
  blank(versionWireId: string, salt: Buffer, nonce: Buffer, contentBytes: number): BlankEnvelope;
  /** The envelope in a blob, or undefined when the blob does not have exactly this layout. */
  parse(blob: Buffer): Envelope | undefined;
  /**
   * There when a ciphertext tells the number of its version and nothing else: reads one as clients hold
   * it, and leaves the version's wire id empty. `parse` then reads what stands behind the number.
   */
  parseNumbered?(
    blob: Buffer,
  ): { readonly number: number; readonly envelope: Envelope } | undefined;
  /** Canonical bytes of a context; injective unless the provider's documented form is not. */
  canonicalContext(context: Context): Buffer;
}
