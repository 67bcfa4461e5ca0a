import type { Context, Envelope, EnvelopeLayout } from '@keyglot/core';
import { decodeBase64Strict } from '@keyglot/dialect';

const NONCE_BYTES = 12;
/** Bytes of the tag at the end of a body. @internal */
export const TAG_BYTES = 16;
const NOTHING = Buffer.alloc(0);
const MARK = Buffer.from('ncpkms:v');

/** Bytes that sealing adds to a plaintext. @internal */
export const OVERHEAD_BYTES: number = NONCE_BYTES + TAG_BYTES;

/**
 * Payload of a symmetric ciphertext: IV, ciphertext, tag. The version stands in front of the base64
 * text, see {@link textOf}; it needs no authentication, because each version has a key of its own.
 *
 * The lengths of the published samples fit this layout:
 * https://api.ncloud-docs.com/docs/en/security-kms2-encrypt
 *
 * @internal
 */
export const NCP_LAYOUT: EnvelopeLayout = Object.freeze<EnvelopeLayout>({
  dialect: 'ncp',
  saltBytes: 0,
  innerPrefix: NOTHING,
  blank(_versionWireId, _salt, nonce, contentBytes) {
    const blob = Buffer.allocUnsafe(NONCE_BYTES + contentBytes);
    nonce.copy(blob);
    return { blob, bodyAt: NONCE_BYTES };
  },
  parse: (blob) => envelopeOf(blob, ''),
  parseNumbered(blob) {
    const found = blob.subarray(0, MARK.length).equals(MARK)
      ? readText(blob.toString('latin1'))
      : undefined;
    const envelope = found && envelopeOf(found.payload, '');
    return envelope && { number: found.version, envelope };
  },
  canonicalContext(context: Context) {
    return context.kind === 'bytes' ? Buffer.from(context.bytes) : NOTHING;
  },
});

/**
 * Takes a payload apart. The IV is part of the authenticated header in {@link EnvelopeLayout.blank},
 * and so it is here.
 *
 * @internal
 */
export function envelopeOf(payload: Buffer, versionWireId: string): Envelope | undefined {
  if (payload.length < OVERHEAD_BYTES) return undefined;
  const nonce = payload.subarray(0, NONCE_BYTES);
  return {
    versionWireId,
    salt: NOTHING,
    nonce,
    header: nonce,
    body: payload.subarray(NONCE_BYTES),
  };
}

/** A ciphertext or signature as text: `ncpkms:v{version}:{base64}`. @internal */
export function textOf(version: number, payload: Buffer): string {
  return `ncpkms:v${version}:${payload.toString('base64')}`;
}

/** A ciphertext or signature taken apart. @internal */
export interface VersionedPayload {
  readonly version: number;
  readonly payload: Buffer;
}

const FORM = /^ncpkms:v([1-9]\d{0,8}):/;

/** Reads what {@link textOf} wrote; undefined when the text has not exactly this form. @internal */
export function readText(text: string): VersionedPayload | undefined {
  const found = FORM.exec(text);
  if (found === null) return undefined;
  const payload = decodeBase64Strict(text.slice(found[0].length));
  return payload && { version: Number(found[1]), payload };
}
