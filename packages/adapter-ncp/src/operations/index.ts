import type { AnyNcpOperation } from '../call.js';
import { addAclRule, deleteAclRule, disableIpAcl, enableIpAcl, getAclRuleList } from './acl.js';
import { createCustomKey } from './createCustomKey.js';
import { createKey } from './createKey.js';
import { decrypt } from './decrypt.js';
import { encrypt } from './encrypt.js';
import {
  cancelKeyDeletion,
  deleteKey,
  disableKey,
  enableKey,
  requestKeyDeletion,
} from './keyStatus.js';
import { disableKeyVersion, enableKeyVersion, rotateKey } from './keyVersions.js';
import { getKeyInfo, getKeyList, getKeyVersionList, getPublicKey } from './readKeys.js';
import { reEncrypt } from './reEncrypt.js';
import { sign, verify } from './sign.js';
import {
  createTokenGenerator,
  deleteTokenGenerator,
  getTokenGenerator,
  updateTokenGenerator,
} from './tokenGenerator.js';
import { createAccessToken, createTokenSet, renewTokenSet, validateToken } from './tokens.js';
import {
  disableAutoRotation,
  enableAutoRotation,
  updateKeyName,
  updateMemo,
  updateRotationPeriod,
} from './updateKey.js';

/** The table of operations. Routing, permissions, metrics and the coverage page derive from it. @internal */
export const OPERATIONS: readonly AnyNcpOperation[] = Object.freeze([
  createKey,
  getKeyList,
  getKeyInfo,
  getPublicKey,
  enableKey,
  disableKey,
  updateKeyName,
  updateMemo,
  rotateKey,
  getKeyVersionList,
  enableKeyVersion,
  disableKeyVersion,
  requestKeyDeletion,
  cancelKeyDeletion,
  deleteKey,
  updateRotationPeriod,
  enableAutoRotation,
  disableAutoRotation,
  encrypt,
  decrypt,
  createCustomKey,
  reEncrypt,
  sign,
  verify,
  createTokenGenerator,
  getTokenGenerator,
  updateTokenGenerator,
  deleteTokenGenerator,
  createTokenSet,
  renewTokenSet,
  createAccessToken,
  validateToken,
  enableIpAcl,
  disableIpAcl,
  getAclRuleList,
  addAclRule,
  deleteAclRule,
]);
