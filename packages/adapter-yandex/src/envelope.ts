import { type Context, type Envelope, type EnvelopeLayout, fault } from '@keyglot/core';

/**
 * The layout of symmetric ciphertexts, decoded from two published ones (the guest agent's tests in
 * https://github.com/yandex-cloud/yc-guest-agent and a public cheat sheet). Four times a length in 4
 * bytes and what it counts: a format number stands where the first length would be, then the version
 * id, 16 random bytes, the IV; the rest is AES-GCM's ciphertext and tag. 80 bytes more than the
 * plaintext. What the 16 bytes are for is not known; here they are the salt of the message's own key.
 */
const FORMAT = 1;
const ID_BYTES = 20;
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ID_AT = 8;
const SALT_AT = ID_AT + ID_BYTES + 4;
const NONCE_AT = SALT_AT + SALT_BYTES + 4;
const BODY_AT = NONCE_AT + NONCE_BYTES;

/** Everything of the header that is the same in every blob; the rest is zero. */
const TEMPLATE = ((): Buffer => {
  const header = Buffer.alloc(BODY_AT);
  header.writeUInt32BE(FORMAT, 0);
  header.writeUInt32BE(ID_BYTES, 4);
  header.writeUInt32BE(SALT_BYTES, SALT_AT - 4);
  header.writeUInt32BE(NONCE_BYTES, NONCE_AT - 4);
  return header;
})();

/** Version id, salt, nonce, ciphertext; no key id. @internal */
export const YANDEX_LAYOUT: EnvelopeLayout = Object.freeze<EnvelopeLayout>({
  dialect: 'yandex',
  saltBytes: SALT_BYTES,
  contextKind: 'bytes',
  innerPrefix: Buffer.alloc(0),
  blank(versionWireId, salt, nonce, contentBytes) {
    const blob = Buffer.allocUnsafe(BODY_AT + contentBytes);
    TEMPLATE.copy(blob);
    blob.write(versionWireId, ID_AT, ID_BYTES, 'latin1');
    salt.copy(blob, SALT_AT);
    nonce.copy(blob, NONCE_AT);
    return { blob, bodyAt: BODY_AT };
  },
  parse,
  canonicalContext,
});

function parse(blob: Buffer): Envelope | undefined {
  if (blob.length < BODY_AT + TAG_BYTES) return undefined;
  const same =
    blob.readUInt32BE(0) === FORMAT &&
    blob.readUInt32BE(4) === ID_BYTES &&
    blob.readUInt32BE(SALT_AT - 4) === SALT_BYTES &&
    blob.readUInt32BE(NONCE_AT - 4) === NONCE_BYTES;
  if (!same) return undefined;
  return {
    versionWireId: blob.toString('latin1', ID_AT, ID_AT + ID_BYTES),
    salt: blob.subarray(SALT_AT, SALT_AT + SALT_BYTES),
    nonce: blob.subarray(NONCE_AT, BODY_AT),
    header: blob.subarray(0, BODY_AT),
    body: blob.subarray(BODY_AT),
  };
}

const NOTHING = Buffer.alloc(0);

/** The bytes themselves. The header before them has a fixed length, so that nothing can move over. */
function canonicalContext(context: Context): Buffer {
  if (context.kind === 'none') return NOTHING;
  if (context.kind === 'pairs') {
    throw fault('InputInvalid', { reason: 'a Yandex context is bytes, not pairs' });
  }
  const { bytes } = context;
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes);
}
