import type { Cipher, CipherGCM, KeyObject } from 'node:crypto';
import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync } from 'node:crypto';
import { fault } from '../faults.js';

/** Length of an AES-256 key in bytes. @internal */
export const AEAD_KEY_BYTES = 32;
/** Length of a GCM nonce in bytes. @internal */
export const AEAD_NONCE_BYTES = 12;
/** Length of a GCM tag in bytes. @internal */
export const AEAD_TAG_BYTES = 16;

/**
 * A key ready for {@link sealInto} and {@link open}. Holds what the derivation of message keys needs
 * from the first message with a salt on.
 *
 * @internal
 */
export interface AeadKey {
  readonly key: KeyObject;
  derivation: Derivation | undefined;
}

/**
 * Makes a key ready for use. Use one key either with salts or without, never both, so that it serves
 * one construction only.
 *
 * @param key - 32 bytes; copied
 * @throws KmsFault Internal when the length is wrong
 * @internal
 */
export function prepareAead(key: Buffer): AeadKey {
  if (key.length !== AEAD_KEY_BYTES) throw fault('Internal', { what: 'AEAD key length' });
  return { key: createSecretKey(key), derivation: undefined };
}

/**
 * Derives a key for one purpose from key material by HKDF with SHA-256 (RFC 5869), without salt. The
 * label goes in behind its length, so that no two labels give one input.
 *
 * @returns 32 bytes which the caller owns and clears
 * @internal
 */
export function deriveSubkey(material: Buffer, label: string): Buffer {
  const text = Buffer.from(label, 'utf8');
  const info = Buffer.alloc(4 + text.length);
  info.writeUInt32BE(text.length);
  text.copy(info, 4);
  return Buffer.from(hkdfSync('sha256', material, Buffer.alloc(0), info, AEAD_KEY_BYTES));
}

/**
 * Encrypts by AES-256-GCM and writes ciphertext and tag into `out`.
 *
 * With a salt the message has a key of its own: the salt's first 12 bytes and the nonce are the nonce
 * of XAES-256-GCM. Salt bytes after the twelfth do not take part; put them into `aad`.
 *
 * @param salt - empty, or at least 12 bytes
 * @param nonce - 12 bytes
 * @param aad - parts of the additional data; only their concatenation counts
 * @param parts - parts of the plaintext
 * @param at - where in `out` the ciphertext begins; it takes the plaintext's length and 16 bytes
 * @throws KmsFault Internal when a length is wrong
 * @see https://c2sp.org/XAES-256-GCM
 * @internal
 */
export function sealInto(
  key: AeadKey,
  salt: Buffer,
  nonce: Buffer,
  aad: readonly Buffer[],
  parts: readonly Buffer[],
  out: Buffer,
  at: number,
): void {
  let sizeBytes = AEAD_TAG_BYTES;
  for (const part of parts) sizeBytes += part.length;
  if (!hasLengths(salt, nonce) || at < 0 || at + sizeBytes > out.length) {
    throw fault('Internal', { what: 'AEAD seal lengths' });
  }
  const cipher: CipherGCM = createCipheriv('aes-256-gcm', messageKey(key, salt), nonce);
  for (const part of aad) cipher.setAAD(part);
  let end = at;
  for (const part of parts) end += cipher.update(part).copy(out, end);
  cipher.final();
  cipher.getAuthTag().copy(out, end);
}

/**
 * Decrypts what {@link sealInto} made.
 *
 * @param body - ciphertext and tag
 * @throws KmsFault CiphertextInvalid, whatever is wrong
 * @internal
 */
export function open(
  key: AeadKey,
  salt: Buffer,
  nonce: Buffer,
  aad: readonly Buffer[],
  body: Buffer,
): Buffer {
  if (hasLengths(salt, nonce) && body.length >= AEAD_TAG_BYTES) {
    const tagAt = body.length - AEAD_TAG_BYTES;
    const decipher = createDecipheriv('aes-256-gcm', messageKey(key, salt), nonce, TAG_LENGTH);
    for (const part of aad) decipher.setAAD(part);
    decipher.setAuthTag(body.subarray(tagAt));
    const plaintext = decipher.update(body.subarray(0, tagAt));
    try {
      decipher.final();
      return plaintext;
    } catch {
      plaintext.fill(0);
    }
  }
  throw fault('CiphertextInvalid', {});
}

const TAG_LENGTH = { authTagLength: AEAD_TAG_BYTES } as const;
const SALT_BYTES = 12;
const BLOCK_BYTES = 16;

/** What is kept of a key in order to derive message keys. */
interface Derivation {
  /** ECB has no state between whole blocks, so one cipher serves all messages. */
  readonly ecb: Cipher;
  /** CMAC's subkey K1 without its first word, as big-endian words. */
  readonly subkey: readonly [number, number, number];
  /** Both CMAC inputs. The first words stay, the others are overwritten by each message. */
  readonly blocks: Buffer;
}

function hasLengths(salt: Buffer, nonce: Buffer): boolean {
  return nonce.length === AEAD_NONCE_BYTES && (salt.length === 0 || salt.length >= SALT_BYTES);
}

/**
 * The key of one message: two CMACs (NIST SP 800-38B) of one block each, of `00 01 "X" 00 ‖ salt` and
 * `00 02 "X" 00 ‖ salt`, as XAES-256-GCM has it. A KeyObject, because Node 24 needs four times as long
 * for a cipher with a key in a Buffer.
 */
function messageKey(key: AeadKey, salt: Buffer): KeyObject {
  if (salt.length === 0) return key.key;
  key.derivation ??= prepareDerivation(key.key);
  const { ecb, subkey, blocks } = key.derivation;
  for (const [index, word] of subkey.entries()) {
    const input = word ^ salt.readInt32BE(4 * index);
    blocks.writeInt32BE(input, 4 + 4 * index);
    blocks.writeInt32BE(input, BLOCK_BYTES + 4 + 4 * index);
  }
  const derived = ecb.update(blocks);
  const message = createSecretKey(derived);
  derived.fill(0);
  return message;
}

function prepareDerivation(key: KeyObject): Derivation {
  const ecb = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  const zero = ecb.update(Buffer.alloc(BLOCK_BYTES));
  const a = zero.readInt32BE(0);
  const b = zero.readInt32BE(4);
  const c = zero.readInt32BE(8);
  const d = zero.readInt32BE(12);
  // K1 is the encrypted zero block times x in GF(2^128).
  const first = (a << 1) | (b >>> 31);
  const blocks = Buffer.alloc(2 * BLOCK_BYTES);
  blocks.writeInt32BE(first ^ 0x00015800, 0);
  blocks.writeInt32BE(first ^ 0x00025800, BLOCK_BYTES);
  return {
    ecb,
    subkey: [(b << 1) | (c >>> 31), (c << 1) | (d >>> 31), (d << 1) ^ ((a >>> 31) * 0x87)],
    blocks,
  };
}
