import type { AnyYandexOperation } from '../call.js';
import { getEndpoint, listEndpoints } from './apiEndpoints.js';
import { createIamToken } from './createIamToken.js';
import { createKey } from './createKey.js';
import { decrypt } from './decrypt.js';
import { deleteKey } from './deleteKey.js';
import { encrypt } from './encrypt.js';
import { generateDataKey } from './generateDataKey.js';
import { getOperation } from './getOperation.js';
import {
  cancelDestruction,
  rotateKey,
  scheduleDestruction,
  setPrimaryVersion,
} from './keyVersions.js';
import { getKey, listKeys, listVersions } from './readKeys.js';
import { reEncrypt } from './reEncrypt.js';
import { updateKey } from './updateKey.js';

/** The table of operations, for REST and gRPC alike. @internal */
export const OPERATIONS: readonly AnyYandexOperation[] = Object.freeze([
  encrypt,
  decrypt,
  reEncrypt,
  generateDataKey,
  createKey,
  getKey,
  listKeys,
  listVersions,
  updateKey,
  deleteKey,
  setPrimaryVersion,
  scheduleDestruction,
  cancelDestruction,
  rotateKey,
  getOperation,
  getEndpoint,
  listEndpoints,
  createIamToken,
]);
