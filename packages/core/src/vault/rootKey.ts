import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { fault } from '../faults.js';
import type { Entropy } from '../ports/entropy.js';
import type { RootKeyRecord, Store } from '../ports/store.js';
import { Secret } from '../secret.js';
import { open, prepareAead, sealInto } from '../suites/aesGcm.js';

const FORMAT = 1;
const SALT_BYTES = 12;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + SALT_BYTES + NONCE_BYTES;

/** Length of a root key in bytes. @public */
export const ROOT_KEY_BYTES = 32;

/**
 * The key that wraps all material and every sealed part of a resource.
 *
 * @public
 */
export interface RootKey {
  /** 16 hexadecimal digits, safe to show. */
  readonly id: string;
  /** What a store keeps to recognise the key. */
  readonly record: RootKeyRecord;
  /** Seals `secret`; `binding` names what it belongs to and must be given again to unwrap. */
  wrap(secret: Secret, binding: readonly string[]): Buffer;
  /** @throws KmsFault Internal when the bytes were not wrapped by this key for this binding */
  unwrap(wrapped: Uint8Array, binding: readonly string[]): Secret;
}

/**
 * Makes a root key of 32 secret bytes.
 *
 * @throws KmsFault InputInvalid when there are not exactly 32 bytes
 * @public
 */
export function createRootKey(secret: Secret, entropy: Entropy): RootKey {
  if (secret.sizeBytes !== ROOT_KEY_BYTES) {
    throw fault('InputInvalid', { reason: `a root key has ${ROOT_KEY_BYTES} bytes` });
  }
  const derive = (label: string): Buffer =>
    Buffer.from(hkdfSync('sha256', secret.expose(), '', `keyglot/root/${label}`, 32));
  const aead = prepareAead(derive('wrap'));
  const id = derive('id').toString('hex').slice(0, 16);
  const check = createHmac('sha256', derive('check')).update(id).digest();
  const associated = (binding: readonly string[]): Buffer =>
    Buffer.from(JSON.stringify([id, ...binding]));

  return {
    id,
    record: { id, check },
    wrap(content, binding) {
      const bytes = content.expose();
      const out = Buffer.alloc(HEADER_BYTES + bytes.length + TAG_BYTES);
      out[0] = FORMAT;
      out.set(entropy.bytes(SALT_BYTES + NONCE_BYTES), 1);
      const [salt, nonce] = parts(out);
      sealInto(aead, salt, nonce, [associated(binding)], [bytes], out, HEADER_BYTES);
      return out;
    },
    unwrap(wrapped, binding) {
      const bytes = Buffer.from(wrapped);
      if (bytes[0] !== FORMAT || bytes.length < HEADER_BYTES + TAG_BYTES) {
        throw fault('Internal', { what: 'wrapped material has an unknown format' });
      }
      const [salt, nonce] = parts(bytes);
      try {
        const body = bytes.subarray(HEADER_BYTES);
        const plaintext = open(aead, salt, nonce, [associated(binding)], body);
        const secret = new Secret(plaintext);
        plaintext.fill(0);
        return secret;
      } catch (error) {
        throw fault(
          'Internal',
          { what: 'wrapped material does not open under the root key' },
          error,
        );
      }
    },
  };
}

/**
 * Makes sure that the store belongs to this root key, and marks a new store with it.
 *
 * @throws KmsFault InputInvalid when the store was written under another root key
 * @internal
 */
export async function verifyRootKey(store: Store, rootKey: RootKey): Promise<void> {
  const found = (await store.readRootKey()) ?? (await store.claimRootKey(rootKey.record));
  const same =
    found.id === rootKey.id &&
    found.check.length === rootKey.record.check.length &&
    timingSafeEqual(found.check, rootKey.record.check);
  if (!same) {
    throw fault('InputInvalid', {
      reason: `the store was written under root key ${found.id}, this is root key ${rootKey.id}`,
    });
  }
}

function parts(bytes: Buffer): [salt: Buffer, nonce: Buffer] {
  return [bytes.subarray(1, 1 + SALT_BYTES), bytes.subarray(1 + SALT_BYTES, HEADER_BYTES)];
}
