import type { AnyAlibabaOperation } from '../call.js';
import {
  createAlias,
  deleteAlias,
  listAliases,
  listAliasesByKeyId,
  updateAlias,
} from './aliases.js';
import {
  asymmetricDecrypt,
  asymmetricEncrypt,
  asymmetricSign,
  asymmetricVerify,
  getPublicKey,
} from './asymmetric.js';
import { createKey } from './createKey.js';
import { decrypt } from './decrypt.js';
import { describeKey } from './describeKey.js';
import { encrypt } from './encrypt.js';
import { generateDataKey, generateDataKeyWithoutPlaintext } from './generateDataKey.js';
import { cancelKeyDeletion, disableKey, enableKey, scheduleKeyDeletion } from './keyState.js';
import { listKeys } from './listKeys.js';
import { reEncrypt } from './reEncrypt.js';
import { createKeyVersion, describeKeyVersion, listKeyVersions } from './versions.js';

/** The table of operations. Routing, permissions, metrics and the coverage page derive from it. @internal */
export const OPERATIONS: readonly AnyAlibabaOperation[] = Object.freeze([
  asymmetricDecrypt,
  asymmetricEncrypt,
  asymmetricSign,
  asymmetricVerify,
  cancelKeyDeletion,
  createAlias,
  createKey,
  createKeyVersion,
  decrypt,
  deleteAlias,
  describeKey,
  describeKeyVersion,
  disableKey,
  enableKey,
  encrypt,
  generateDataKey,
  generateDataKeyWithoutPlaintext,
  getPublicKey,
  listAliases,
  listAliasesByKeyId,
  listKeys,
  listKeyVersions,
  reEncrypt,
  scheduleKeyDeletion,
  updateAlias,
]);
