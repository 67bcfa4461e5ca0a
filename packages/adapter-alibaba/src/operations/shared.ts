import type { LoadedKey } from '@keyglot/core';
import { decodeBase64Strict, type Evidence } from '@keyglot/dialect';
import { alibabaFault } from '../faults.js';

const API = 'https://www.alibabacloud.com/help/en/kms/key-management-service/developer-reference';

/** Evidence of an operation that is known from its page. @internal */
export function documentedOperation(name: string): Evidence {
  return { mark: 'documented', date: '2026-11-24', source: `${API}/api-${name.toLowerCase()}` };
}

/** The bytes of a parameter in base64. @throws KmsFault ParameterInvalid @internal */
export function bytesOf(name: string, text: string): Buffer {
  const bytes = decodeBase64Strict(text);
  if (bytes === undefined) throw alibabaFault('ParameterInvalid', { name });
  return bytes;
}

/** The ids of a key and the version that new ciphertexts use. @internal */
export function primaryIds(key: LoadedKey): {
  readonly KeyId: string;
  readonly KeyVersionId: string;
} {
  return { KeyId: key.record.wireId, KeyVersionId: key.primary().version.wireId };
}

/** A day in milliseconds. @internal */
export const DAY_MS = 86_400_000;
