import { createHash } from 'node:crypto';
import type { KeyRecord } from '@keyglot/core';
import type { AwsCall } from '../call.js';
import { awsFault } from '../faults.js';
import { fromBase64url, openSealed, seal } from '../sealed.js';

// Form decoded from botocore's `examples-1.json`: a byte 01, then protobuf with field 1 (64 hexadecimal
// digits) and field 4, a ciphertext of version 1 whose key those digits name.
const ID_BYTES = 32;
const BLOB_PREFIX = Buffer.from('0101020078', 'hex');
const HEAD_BYTES = 3 + 2 * ID_BYTES + 3 + BLOB_PREFIX.length + ID_BYTES;
const GRANT_ID_BYTES = 32;
/** What is sealed has this length, so that tokens are as long as the service's. */
const CONTENT_BYTES = 227;

/** What a grant token stands for. @internal */
export interface NamedGrant {
  /** Internal id of the key. */
  readonly keyId: string;
  readonly grantId: string;
}

/** A new token for a grant; all of them are worth the same. @internal */
export function makeGrantToken(call: AwsCall, { id }: KeyRecord, grantId: string): string {
  const content = Buffer.alloc(CONTENT_BYTES);
  content.write(grantId, 'hex');
  content[GRANT_ID_BYTES] = content.write(id, GRANT_ID_BYTES + 1);
  const blob = seal(call, bindingOf(call), content);
  return Buffer.concat([headOf(call, blob.length), blob]).toString('base64url');
}

/**
 * The grant that a token stands for; whether it still exists is not looked up.
 *
 * @throws KmsFault GrantTokenInvalid for a token that was not made here: in this sandbox and region
 * @internal
 */
export function readGrantToken(call: AwsCall, token: string): NamedGrant {
  const bytes = fromBase64url(token);
  const blob = bytes?.subarray(HEAD_BYTES);
  const same = blob && bytes?.subarray(0, HEAD_BYTES).equals(headOf(call, blob.length));
  const content = same ? openSealed(call, bindingOf(call), blob) : undefined;
  if (content === undefined) throw awsFault('GrantTokenInvalid', {});
  const idBytes = content[GRANT_ID_BYTES] ?? 0;
  return {
    grantId: content.toString('hex', 0, GRANT_ID_BYTES),
    keyId: content.toString('utf8', GRANT_ID_BYTES + 1, GRANT_ID_BYTES + 1 + idBytes),
  };
}

/**
 * Refuses grant tokens that were not made here. A token only makes a new grant count at once; here every
 * grant does, so a good token changes nothing.
 *
 * @throws KmsFault GrantTokenInvalid
 * @internal
 */
export function requireGrantTokens(call: AwsCall, tokens: readonly string[]): void {
  for (const token of tokens) readGrantToken(call, token);
}

/** All that stands before the sealed part. */
function headOf(call: AwsCall, sealedBytes: number): Buffer {
  const id = createHash('sha256')
    .update(JSON.stringify([call.vault.rootKey.id, ...bindingOf(call)]))
    .digest();
  const blobBytes = BLOB_PREFIX.length + ID_BYTES + sealedBytes;
  // Two bytes whatever the length, as it is for every length that occurs.
  const length = Buffer.from([(blobBytes & 0x7f) | 0x80, (blobBytes >> 7) & 0x7f]);
  return Buffer.concat([
    Buffer.from('010a40', 'hex'),
    Buffer.from(id.toString('hex')),
    Buffer.from([0x22]),
    length,
    BLOB_PREFIX,
    id,
  ]);
}

function bindingOf({ scope, realm }: AwsCall): string[] {
  return ['grant-token', scope.sandbox, realm.dialect, realm.region];
}
