import { KmsFault } from '@keyglot/core';
import type { FaultTable } from '@keyglot/dialect';
import {
  API,
  CDK_PREFLIGHT,
  COMMON,
  cell,
  documented,
  type FaultCall,
  FLOCI,
  fixed,
  inferred,
  KEY_STATES,
  LOCALSTACK,
  QKMS_SDK,
  recorded,
  STACKD,
} from './faultCells.js';
import type { AwsFaults } from './faultDetails.js';
import { REQUEST_FAULTS } from './requestFaults.js';

export type { AwsFaults, FaultCall };

/** Makes a fault of this dialect, with its details checked. @internal */
export function awsFault<Code extends keyof AwsFaults>(
  code: Code,
  details: AwsFaults[Code],
): KmsFault<Code, AwsFaults[Code]> {
  return new KmsFault(code, details);
}

/** Names of key states in texts. */
const STATE_TEXT: { readonly [state: string]: string } = {
  'pending-deletion': 'pending deletion',
  'pending-replica-deletion': 'pending replica deletion',
  'pending-import': 'pending import',
};

/**
 * How AWS KMS says each fault. Client faults are HTTP 400, whatever the model's traits say; server
 * faults are 500, because the SDKs retry by the status.
 *
 * @internal
 */
export const AWS_FAULTS: FaultTable<AwsFaults, FaultCall> = {
  KeyNotFound: cell(recorded(LOCALSTACK), ({ id }) => ({
    status: 400,
    code: 'NotFoundException',
    message: `Key '${id}' does not exist`,
  })),
  KeyIdInvalid: cell(recorded(LOCALSTACK), ({ id, arn }) => ({
    status: 400,
    code: 'NotFoundException',
    message: arn ? `Invalid keyId ${id}` : `Invalid keyId '${id}'`,
  })),
  ArnForeignRegion: cell(recorded(LOCALSTACK), ({ region }) => ({
    status: 400,
    code: 'NotFoundException',
    message: `Invalid arn ${region}`,
  })),
  AliasNotFound: cell(recorded('https://github.com/sigstore/cosign/issues/1474'), ({ name }) => ({
    status: 400,
    code: 'NotFoundException',
    message: `Alias ${name} is not found.`,
  })),
  AliasNotAllowed: fixed(
    'InvalidArnException',
    'Key Aliases are not supported for this operation.',
    recorded('https://github.com/boto/boto/pull/3202'),
  ),
  AliasReserved: fixed(
    'NotAuthorizedException',
    'The alias name for a customer managed CMK cannot begin with alias/aws/.',
    recorded(CDK_PREFLIGHT),
  ),
  IdentifierMalformed: cell(inferred(`${API}/API_DescribeKey.html`), ({ id }) => ({
    status: 400,
    code: 'InvalidArnException',
    message: `Invalid arn '${id}'`,
  })),
  KeyDisabled: cell(recorded(LOCALSTACK), ({ id }) => ({
    status: 400,
    code: 'DisabledException',
    message: `${id} is disabled.`,
  })),
  KeyStateInvalid: cell(recorded(KEY_STATES), ({ id, state, needed }) => ({
    status: 400,
    code: 'KMSInvalidStateException',
    message:
      needed === undefined
        ? `${id} is ${STATE_TEXT[state] ?? state}.`
        : `${id} is not ${STATE_TEXT[needed] ?? needed}.`,
  })),
  KeyUsageInvalid: cell(recorded(LOCALSTACK), ({ id, usage }, { operation }) => ({
    status: 400,
    code: 'InvalidKeyUsageException',
    message: `${id} key usage is ${usage} which is not valid for ${operation}.`,
  })),
  KeyMismatch: fixed(
    'IncorrectKeyException',
    'The key ID in the request does not identify a CMK that can perform this operation.',
    recorded(LOCALSTACK),
  ),
  AlgorithmIncompatible: cell(recorded(LOCALSTACK), ({ algorithm, spec }) => ({
    status: 400,
    code: 'InvalidKeyUsageException',
    message: `Algorithm ${algorithm} is incompatible with key spec ${spec}.`,
  })),
  DataKeyAsymmetric: fixed(
    'InvalidKeyUsageException',
    'You cannot generate a data key with an asymmetric CMK',
    recorded(FLOCI),
  ),
  DataKeyPairAsymmetric: fixed(
    'InvalidKeyUsageException',
    'You cannot generate a data key pair with an asymmetric CMK',
    recorded(`${STACKD}/rsa.json`),
  ),
  ExternalMuLengthInvalid: cell(recorded(`${STACKD}/mldsa.json`), ({ algorithm }) => ({
    status: 400,
    code: 'ValidationException',
    message: `External Mu is invalid length for algorithm ${algorithm}.`,
  })),
  MessageTypeIncompatible: cell(recorded(`${STACKD}/ecc.json`), ({ messageType, what }) => ({
    status: 400,
    code: 'ValidationException',
    message: `Message type ${messageType} is incompatible with ${what}.`,
  })),
  PublicKeyInvalid: fixed('ValidationException', undefined, recorded(LOCALSTACK)),
  CiphertextInvalid: fixed(
    'InvalidCiphertextException',
    undefined,
    recorded('https://github.com/aws/aws-cli/issues/1100'),
  ),
  CiphertextKeyUnreachable: fixed(
    'AccessDeniedException',
    'The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.',
    recorded('https://github.com/kubernetes-sigs/aws-encryption-provider/pull/141'),
  ),
  SignatureInvalid: fixed('KMSInvalidSignatureException', undefined, recorded(LOCALSTACK)),
  MacInvalid: fixed('KMSInvalidMacException', undefined, recorded(LOCALSTACK)),
  PlaintextTooLarge: cell(recorded(LOCALSTACK), ({ algorithm, spec, limitBytes }) => ({
    status: 400,
    code: 'ValidationException',
    message: `Algorithm ${algorithm} and key spec ${spec} cannot encrypt data larger than ${limitBytes} bytes.`,
  })),
  DigestLengthInvalid: cell(recorded(LOCALSTACK), ({ algorithm }) => ({
    status: 400,
    code: 'ValidationException',
    message: `Digest is invalid length for algorithm ${algorithm}.`,
  })),
  AlreadyExists: cell(
    recorded('https://github.com/hashicorp/terraform-provider-aws/issues'),
    ({ kind, id }) => ({
      status: 400,
      code: 'AlreadyExistsException',
      message: `An ${kind} with the name ${id} already exists`,
    }),
  ),
  PageTokenInvalid: fixed('InvalidMarkerException', undefined, recorded(`${STACKD}/rotation.json`)),
  LimitExceeded: cell(inferred(`${API}/API_PutKeyPolicy.html`), ({ what, limit }) => ({
    status: 400,
    code: 'LimitExceededException',
    message: `You have reached the limit of ${limit} ${what}.`,
  })),
  AliasQuota: cell(
    recorded('https://github.com/scylladb/scylla-cluster-tests/issues/7611'),
    ({ limit, usage }) => ({
      status: 400,
      code: 'LimitExceededException',
      message: `Aliases per key quota for this account in this region is ${limit}, current usage is ${usage}.`,
    }),
  ),
  RotationLimit: cell(recorded(LOCALSTACK), ({ id }) => ({
    status: 400,
    code: 'LimitExceededException',
    message: `The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be performed for this key: ${id}`,
  })),
  OriginInvalid: cell(recorded(LOCALSTACK), ({ id, origin }) => ({
    status: 400,
    code: 'UnsupportedOperationException',
    message: `${id} origin is ${origin} which is not valid for this operation.`,
  })),
  NotPrimary: cell(recorded(LOCALSTACK), ({ id }) => ({
    status: 400,
    code: 'UnsupportedOperationException',
    message: `${id} is not a multi-region primary key.`,
  })),
  PrimaryElsewhere: cell(recorded(`${STACKD}/multi_region.json`), ({ id }) => ({
    status: 400,
    code: 'KMSInvalidStateException',
    message: `${id} is not a multi-Region primary key.`,
  })),
  ReplicaNotAllowed: cell(recorded(`${STACKD}/multi_region.json`), ({ id }, { operation }) => ({
    status: 400,
    code: 'UnsupportedOperationException',
    message: `${id} is a multi-region replica key which is not valid for ${operation}.`,
  })),
  ReplicaExists: fixed(
    'AlreadyExistsException',
    'You can create only one replica of each primary key in each AWS Region.',
    recorded(`${STACKD}/multi_region.json`),
  ),
  ImportTokenInvalid: fixed(
    'InvalidImportTokenException',
    undefined,
    recorded(`${STACKD}/imports.json`),
  ),
  ImportTokenExpired: fixed(
    'ExpiredImportTokenException',
    undefined,
    inferred(`${API}/API_ImportKeyMaterial.html`),
  ),
  KeyMaterialUnexpected: cell(recorded(`${STACKD}/imports.json`), ({ expectedId }) => ({
    status: 400,
    code: 'IncorrectKeyMaterialException',
    message:
      expectedId === undefined
        ? undefined
        : `Imported key material does not have the expected identifier (${expectedId}).`,
  })),
  KeyMaterialKnown: cell(recorded(`${STACKD}/imports.json`), ({ id, arn }) => ({
    status: 400,
    code: 'IncorrectKeyMaterialException',
    message: `Key material (id: ${id}) being imported as NEW_KEY_MATERIAL is already associated with KMS key ${arn}.`,
  })),
  MaterialPending: cell(recorded(LOCALSTACK), ({ id, newId, otherId }) => ({
    status: 400,
    code: 'KMSInvalidStateException',
    message: `New key material (id: ${newId}) cannot be imported into KMS key ${id}, because another key material (id: ${otherId}) is pending rotation.`,
  })),
  NoMaterialPending: cell(recorded(LOCALSTACK), ({ id }) => ({
    status: 400,
    code: 'KMSInvalidStateException',
    message: `No available key material pending rotation for the key: ${id}.`,
  })),
  MaterialNotEverywhere: fixed(
    'KMSInvalidStateException',
    'Cannot perform key material rotation: Key material has not been imported for replicas of the Multi-Region key.',
    recorded(`${STACKD}/imports_multi_region.json`),
  ),
  KeyMaterialNeverImported: cell(recorded(`${STACKD}/imports.json`), ({ id, arn }) => ({
    status: 400,
    code: 'ValidationException',
    message: `Key material (id: ${id}) has never been imported into KMS key ${arn}.`,
  })),
  Conflict: fixed('ConflictException', undefined, inferred(`${API}/API_RotateKeyOnDemand.html`)),
  Unsupported: fixed('UnsupportedOperationException', undefined, recorded(FLOCI)),
  SpecUnsupported: cell(recorded(FLOCI), ({ message }) => ({
    status: 400,
    code: 'UnsupportedOperationException',
    message,
  })),
  SpecUnsupportedInferred: cell(inferred(`${API}/API_CreateKey.html`), ({ message }) => ({
    status: 400,
    code: 'UnsupportedOperationException',
    message,
  })),
  CustomKeyStoreNotFound: cell(inferred(`${API}/API_CreateKey.html`), ({ id }) => ({
    status: 400,
    code: 'CustomKeyStoreNotFoundException',
    message: `Custom key store ${id} is not found.`,
  })),
  Tag: cell(recorded(LOCALSTACK), ({ message }) => ({
    status: 400,
    code: 'TagException',
    message,
  })),
  PolicyUnreadable: fixed(
    'MalformedPolicyDocumentException',
    undefined,
    recorded('https://github.com/aws/aws-sdk-ruby/issues/1784'),
  ),
  PolicyMalformed: cell(recorded(CDK_PREFLIGHT), ({ message }) => ({
    status: 400,
    code: 'MalformedPolicyDocumentException',
    message,
  })),
  PolicyArnInvalid: fixed(
    'InvalidArnException',
    'An ARN in the specified key policy is invalid.',
    recorded('https://github.com/aws-samples/aws-cross-account-cicd-pipeline/issues/35'),
  ),
  PolicyOverlyPermissive: fixed(
    'MalformedPolicyDocumentException',
    'OverlyPermissiveCondition:EncryptionContext: Using the ForAllValues set operator with a single-valued condition key matches requests without the specified encryption context or with an unspecified encryption context. To fix, remove ForAllValues.',
    documented('https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html'),
  ),
  PolicyNotFound: fixed(
    'NotFoundException',
    'No such policy exists',
    inferred(`${API}/API_GetKeyPolicy.html`),
  ),
  SidecarNotFound: cell(inferred(QKMS_SDK), ({ id }) => ({
    status: 400,
    code: 'NotFoundException',
    message: `Sidecar '${id}' does not exist`,
  })),
  TaskNotFound: cell(inferred(QKMS_SDK), ({ id }) => ({
    status: 400,
    code: 'NotFoundException',
    message: `Task '${id}' does not exist`,
  })),
  GrantQuota: cell(inferred(`${API}/API_CreateGrant.html`), ({ limit, usage }) => ({
    status: 400,
    code: 'LimitExceededException',
    message: `Grants per key quota for this account in this region is ${limit}, current usage is ${usage}.`,
  })),
  GrantTokenInvalid: fixed(
    'InvalidGrantTokenException',
    undefined,
    inferred(`${API}/API_Encrypt.html`),
  ),
  GrantIdInvalid: fixed(
    'InvalidGrantIdException',
    undefined,
    inferred(`${API}/API_RevokeGrant.html`),
  ),
  GrantNotFound: cell(inferred(`${API}/API_RevokeGrant.html`), ({ id }) => ({
    status: 400,
    code: 'NotFoundException',
    message: `Grant '${id}' does not exist`,
  })),
  PrincipalInvalid: cell(recorded(`${STACKD}/grants.json`), ({ message }) => ({
    status: 400,
    code: 'InvalidArnException',
    message,
  })),
  PrincipalNotFound: cell(recorded(`${STACKD}/grants.json`), ({ principal }) => ({
    status: 400,
    code: 'NotFoundException',
    message: `Retiring principal ${principal} could not be found`,
  })),
  DryRunPassed: fixed(
    'DryRunOperationException',
    'The request would have succeeded, but the DryRun option is set.',
    recorded(LOCALSTACK),
  ),
  InputInvalid: cell(inferred(COMMON), ({ reason }) => ({
    status: 400,
    code: 'ValidationException',
    message: reason,
  })),
  Validation: cell(recorded(FLOCI), ({ message }) => ({
    status: 400,
    code: 'ValidationException',
    message,
  })),
  ValidationInferred: cell(inferred(COMMON), ({ message }) => ({
    status: 400,
    code: 'ValidationException',
    message,
  })),
  Serialization: cell(
    recorded('https://github.com/erlcloud/erlcloud/issues/644'),
    ({ message }) => ({ status: 400, code: 'SerializationException', message }),
  ),
  AccessDenied: cell(
    recorded('https://github.com/aws/aws-nitro-enclaves-sdk-c/issues/157'),
    ({ action, resource, reason }, { callerArn }) => ({
      status: 400,
      code: 'AccessDeniedException',
      message: `User: ${callerArn} is not authorized to perform: ${action} on ${resource === '' ? 'this resource' : `resource: ${resource}`} because ${reason}`,
    }),
  ),
  ...REQUEST_FAULTS,
  Unavailable: cell(documented(`${API}/API_Encrypt.html`), () => ({
    status: 500,
    code: 'DependencyTimeoutException',
    message: 'The system timed out while trying to fulfill the request.',
  })),
  Internal: cell(documented(`${API}/API_Encrypt.html`), () => ({
    status: 500,
    code: 'KMSInternalException',
    message: undefined,
  })),
};
