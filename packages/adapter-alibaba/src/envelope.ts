import { hash } from 'node:crypto';
import type { Context, EnvelopeLayout } from '@keyglot/core';

/** Characters of the key version id in front of a blob. */
const ID_BYTES = 36;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const BODY_AT = ID_BYTES + NONCE_BYTES;
const VERSION_ID = /^[0-9a-z-]{36}$/;
const EMPTY = Buffer.alloc(0);

/**
 * The layout of symmetric ciphertexts: 36 ASCII characters of the key version id, 12 bytes of nonce,
 * ciphertext and tag. The additional data is the digest of the context alone. There is no salt, so
 * nonces are random and a version must not seal more than 2^32 texts.
 *
 * @see https://github.com/aliyun/alibabacloud-dkms-transfer-java-sdk
 * @internal
 */
export const ALIBABA_LAYOUT: EnvelopeLayout = Object.freeze<EnvelopeLayout>({
  dialect: 'alibaba',
  saltBytes: 0,
  contextOnly: true,
  contextKind: 'pairs',
  innerPrefix: EMPTY,
  blank(versionWireId, _salt, nonce, contentBytes) {
    const blob = Buffer.allocUnsafe(BODY_AT + contentBytes);
    blob.write(versionWireId, 0, ID_BYTES, 'latin1');
    nonce.copy(blob, ID_BYTES);
    return { blob, bodyAt: BODY_AT };
  },
  parse(blob) {
    if (blob.length < BODY_AT + TAG_BYTES) return undefined;
    const versionWireId = blob.toString('latin1', 0, ID_BYTES);
    if (!VERSION_ID.test(versionWireId)) return undefined;
    return {
      versionWireId,
      salt: EMPTY,
      nonce: blob.subarray(ID_BYTES, BODY_AT),
      header: EMPTY,
      body: blob.subarray(BODY_AT),
    };
  },
  canonicalContext,
});

/**
 * SHA-256 of `k1=v1&k2=v2`, names in the order of their UTF-16 code units; nothing when there are no
 * pairs. Nothing is escaped, as in the provider's own code, so two contexts can have one form.
 */
function canonicalContext(context: Context): Buffer {
  if (context.kind !== 'pairs' || context.pairs.length === 0) return EMPTY;
  const sorted = [...context.pairs].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const text = sorted.map(([name, value]) => `${name}=${value}`).join('&');
  return hash('sha256', text, 'buffer');
}
