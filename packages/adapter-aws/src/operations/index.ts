import type { AnyAwsOperation } from '../call.js';
import { createAlias, deleteAlias, updateAlias } from './aliases.js';
import { createKey } from './createKey.js';
import { decrypt } from './decrypt.js';
import { describeKey } from './describeKey.js';
import { encrypt } from './encrypt.js';
import { generateDataKey, generateDataKeyWithoutPlaintext } from './generateDataKey.js';
import { generateRandom } from './generateRandom.js';
import { getPublicKey } from './getPublicKey.js';
import { cancelKeyDeletion, disableKey, enableKey, scheduleKeyDeletion } from './keyState.js';
import { listAliases } from './listAliases.js';
import { listKeys } from './listKeys.js';
import { generateMac, verifyMac } from './mac.js';
import { reEncrypt } from './reEncrypt.js';
import { rotateKeyOnDemand } from './rotateKeyOnDemand.js';
import { sign, verify } from './sign.js';

/** The table of operations. Routing, permissions, metrics and the coverage page derive from it. @internal */
export const OPERATIONS: readonly AnyAwsOperation[] = Object.freeze([
  cancelKeyDeletion,
  createAlias,
  createKey,
  decrypt,
  deleteAlias,
  describeKey,
  disableKey,
  enableKey,
  encrypt,
  generateDataKey,
  generateDataKeyWithoutPlaintext,
  generateMac,
  generateRandom,
  getPublicKey,
  listAliases,
  listKeys,
  reEncrypt,
  rotateKeyOnDemand,
  scheduleKeyDeletion,
  sign,
  updateAlias,
  verify,
  verifyMac,
]);
