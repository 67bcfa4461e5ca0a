import type { AnyAwsOperation } from '../call.js';
import { createAlias, deleteAlias, updateAlias } from './aliases.js';
import { createGrant } from './createGrant.js';
import { createKey } from './createKey.js';
import { decrypt } from './decrypt.js';
import { deleteImportedKeyMaterial } from './deleteImportedKeyMaterial.js';
import { deriveSharedSecret } from './deriveSharedSecret.js';
import { describeKey } from './describeKey.js';
import { decapsulate, encapsulate } from './encapsulate.js';
import { encrypt } from './encrypt.js';
import { retireGrant, revokeGrant } from './endGrant.js';
import { generateDataKey, generateDataKeyWithoutPlaintext } from './generateDataKey.js';
import { generateDataKeyPair, generateDataKeyPairWithoutPlaintext } from './generateDataKeyPair.js';
import { generateRandom } from './generateRandom.js';
import { getKeyLastUsage } from './getKeyLastUsage.js';
import { getParametersForImport } from './getParametersForImport.js';
import { getPublicKey } from './getPublicKey.js';
import { importKeyMaterial } from './importKeyMaterial.js';
import { getKeyPolicy, listKeyPolicies, putKeyPolicy } from './keyPolicies.js';
import { disableKeyRotation, enableKeyRotation, getKeyRotationStatus } from './keyRotation.js';
import { cancelKeyDeletion, disableKey, enableKey, scheduleKeyDeletion } from './keyState.js';
import { listAliases } from './listAliases.js';
import { listGrants, listRetirableGrants } from './listGrants.js';
import { listKeyRotations } from './listKeyRotations.js';
import { listKeys } from './listKeys.js';
import { generateMac, verifyMac } from './mac.js';
import {
  claimTask,
  getPartyMessages,
  listTasks,
  listTasksForSidecar,
  sendPartyMessage,
  updateTask,
} from './partyTasks.js';
import { reEncrypt } from './reEncrypt.js';
import { replicateKey } from './replicateKey.js';
import { listResourceTags, tagResource, untagResource } from './resourceTags.js';
import { rotateKeyOnDemand } from './rotateKeyOnDemand.js';
import { getSidecar, registerSidecar } from './sidecars.js';
import { sign, verify } from './sign.js';
import { updateKeyDescription } from './updateKeyDescription.js';
import { updatePrimaryRegion } from './updatePrimaryRegion.js';

/** The table of operations. Routing, permissions, metrics and the coverage page derive from it. @internal */
export const OPERATIONS: readonly AnyAwsOperation[] = Object.freeze([
  cancelKeyDeletion,
  createAlias,
  createGrant,
  createKey,
  decapsulate,
  decrypt,
  deleteAlias,
  deleteImportedKeyMaterial,
  deriveSharedSecret,
  describeKey,
  disableKey,
  disableKeyRotation,
  enableKey,
  enableKeyRotation,
  encapsulate,
  encrypt,
  generateDataKey,
  generateDataKeyPair,
  generateDataKeyPairWithoutPlaintext,
  generateDataKeyWithoutPlaintext,
  generateMac,
  generateRandom,
  getKeyLastUsage,
  getKeyPolicy,
  getKeyRotationStatus,
  getParametersForImport,
  getPublicKey,
  importKeyMaterial,
  listAliases,
  listGrants,
  listKeyPolicies,
  listKeyRotations,
  listKeys,
  listResourceTags,
  listRetirableGrants,
  putKeyPolicy,
  reEncrypt,
  replicateKey,
  retireGrant,
  revokeGrant,
  rotateKeyOnDemand,
  scheduleKeyDeletion,
  sign,
  tagResource,
  untagResource,
  updateAlias,
  updateKeyDescription,
  updatePrimaryRegion,
  verify,
  verifyMac,
  // Of QKMS alone.
  claimTask,
  getPartyMessages,
  getSidecar,
  listTasks,
  listTasksForSidecar,
  registerSidecar,
  sendPartyMessage,
  updateTask,
]);
