import {
  type EnumType,
  enumeration,
  type FieldRules,
  field,
  type Message,
  message,
} from './schema.js';

// Names, numbers, types and limits: https://github.com/yandex-cloud/cloudapi, commit 00e9ff0.

const KMS = 'yandex.cloud.kms.v1';
const ID: FieldRules = Object.freeze({ max: 50 });
const NEEDED: FieldRules = Object.freeze({ required: true });
const NEEDED_ID: FieldRules = Object.freeze({ required: true, max: 50 });
const MANY: FieldRules = Object.freeze({ repeated: true });
const AAD: FieldRules = Object.freeze({ max: 8_192 });
const PAGE: FieldRules = Object.freeze({ max: 1_000 });

/** Algorithms of symmetric keys, and of data keys. @internal */
export const SYMMETRIC_ALGORITHM: EnumType = enumeration(
  'SYMMETRIC_ALGORITHM_UNSPECIFIED',
  'AES_128',
  'AES_192',
  'AES_256',
  'AES_256_HSM',
  'GOST_R_3412_2015_K',
);

/** @internal */
export const KEY_STATUS: EnumType = enumeration(
  'STATUS_UNSPECIFIED',
  'CREATING',
  'ACTIVE',
  'INACTIVE',
);

/** @internal */
export const VERSION_STATUS: EnumType = enumeration(
  'STATUS_UNSPECIFIED',
  'ACTIVE',
  'SCHEDULED_FOR_DESTRUCTION',
  'DESTROYED',
);

/** @internal */
export const SYMMETRIC_KEY_VERSION: Message = message(
  `${KMS}.SymmetricKeyVersion`,
  field(1, 'id'),
  field(2, 'key_id'),
  field(3, 'status', VERSION_STATUS),
  field(4, 'algorithm', SYMMETRIC_ALGORITHM),
  field(5, 'created_at', 'timestamp'),
  field(6, 'primary', 'bool'),
  field(7, 'destroy_at', 'timestamp'),
  field(8, 'hosted_by_hsm', 'bool'),
);

/** @internal */
export const SYMMETRIC_KEY: Message = message(
  `${KMS}.SymmetricKey`,
  field(1, 'id'),
  field(2, 'folder_id'),
  field(3, 'created_at', 'timestamp'),
  field(4, 'name'),
  field(5, 'description'),
  field(6, 'labels', 'labels'),
  field(7, 'status', KEY_STATUS),
  field(8, 'primary_version', SYMMETRIC_KEY_VERSION),
  field(9, 'default_algorithm', SYMMETRIC_ALGORITHM),
  field(10, 'rotated_at', 'timestamp'),
  field(11, 'rotation_period', 'duration'),
  field(12, 'deletion_protection', 'bool'),
);

/** @internal */
export const CREATE_KEY_REQUEST: Message = message(
  `${KMS}.CreateSymmetricKeyRequest`,
  field(1, 'folder_id', 'string', NEEDED_ID),
  field(2, 'name', 'string', { max: 100 }),
  field(3, 'description', 'string', { max: 1_024 }),
  field(4, 'labels', 'labels'),
  field(5, 'default_algorithm', SYMMETRIC_ALGORITHM, NEEDED),
  field(6, 'rotation_period', 'duration'),
  field(7, 'deletion_protection', 'bool'),
);

/** @internal */
export const CREATE_KEY_METADATA: Message = message(
  `${KMS}.CreateSymmetricKeyMetadata`,
  field(1, 'key_id'),
  field(2, 'primary_version_id'),
);

/** @internal */
export const GET_KEY_REQUEST: Message = message(
  `${KMS}.GetSymmetricKeyRequest`,
  field(1, 'key_id', 'string', NEEDED_ID),
);

/** @internal */
export const LIST_KEYS_REQUEST: Message = message(
  `${KMS}.ListSymmetricKeysRequest`,
  field(1, 'folder_id', 'string', NEEDED_ID),
  field(2, 'page_size', 'int64', PAGE),
  field(3, 'page_token', 'string', { max: 256 }),
);

/** @internal */
export const LIST_KEYS_RESPONSE: Message = message(
  `${KMS}.ListSymmetricKeysResponse`,
  field(1, 'keys', SYMMETRIC_KEY, MANY),
  field(2, 'next_page_token'),
);

/** @internal */
export const LIST_VERSIONS_REQUEST: Message = message(
  `${KMS}.ListSymmetricKeyVersionsRequest`,
  field(1, 'key_id', 'string', NEEDED_ID),
  field(2, 'page_size', 'int64', PAGE),
  field(3, 'page_token', 'string', { max: 100 }),
);

/** @internal */
export const LIST_VERSIONS_RESPONSE: Message = message(
  `${KMS}.ListSymmetricKeyVersionsResponse`,
  field(1, 'key_versions', SYMMETRIC_KEY_VERSION, MANY),
  field(2, 'next_page_token'),
);

/** @internal */
export const UPDATE_KEY_REQUEST: Message = message(
  `${KMS}.UpdateSymmetricKeyRequest`,
  field(1, 'key_id', 'string', NEEDED_ID),
  field(2, 'update_mask', 'mask', NEEDED),
  field(3, 'name', 'string', { max: 100 }),
  field(4, 'description', 'string', { max: 1_024 }),
  field(5, 'status', KEY_STATUS),
  field(6, 'labels', 'labels'),
  field(7, 'default_algorithm', SYMMETRIC_ALGORITHM),
  field(8, 'rotation_period', 'duration'),
  field(9, 'deletion_protection', 'bool'),
);

/** @internal */
export const UPDATE_KEY_METADATA: Message = keyId('UpdateSymmetricKeyMetadata');

/** @internal */
export const DELETE_KEY_REQUEST: Message = message(
  `${KMS}.DeleteSymmetricKeyRequest`,
  field(1, 'key_id', 'string', NEEDED_ID),
);

/** @internal */
export const DELETE_KEY_METADATA: Message = keyId('DeleteSymmetricKeyMetadata');

/** @internal */
export const SET_PRIMARY_REQUEST: Message = keyAndVersion('SetPrimarySymmetricKeyVersionRequest');

/** @internal */
export const SET_PRIMARY_METADATA: Message = keyAndVersionId(
  'SetPrimarySymmetricKeyVersionMetadata',
);

/** @internal */
export const ROTATE_KEY_REQUEST: Message = message(
  `${KMS}.RotateSymmetricKeyRequest`,
  field(1, 'key_id', 'string', NEEDED_ID),
);

/** @internal */
export const ROTATE_KEY_METADATA: Message = message(
  `${KMS}.RotateSymmetricKeyMetadata`,
  field(1, 'key_id'),
  field(2, 'new_primary_version_id'),
);

/** @internal */
export const SCHEDULE_DESTRUCTION_REQUEST: Message = message(
  `${KMS}.ScheduleSymmetricKeyVersionDestructionRequest`,
  field(1, 'key_id', 'string', NEEDED_ID),
  field(2, 'version_id', 'string', NEEDED_ID),
  field(3, 'pending_period', 'duration'),
);

/** @internal */
export const SCHEDULE_DESTRUCTION_METADATA: Message = message(
  `${KMS}.ScheduleSymmetricKeyVersionDestructionMetadata`,
  field(1, 'key_id'),
  field(2, 'version_id'),
  field(3, 'destroy_at', 'timestamp'),
);

/** @internal */
export const CANCEL_DESTRUCTION_REQUEST: Message = keyAndVersion(
  'CancelSymmetricKeyVersionDestructionRequest',
);

/** @internal */
export const CANCEL_DESTRUCTION_METADATA: Message = keyAndVersionId(
  'CancelSymmetricKeyVersionDestructionMetadata',
);

/** @internal */
export const ENCRYPT_REQUEST: Message = message(
  `${KMS}.SymmetricEncryptRequest`,
  field(1, 'key_id', 'string', NEEDED_ID),
  field(2, 'version_id', 'string', ID),
  field(3, 'aad_context', 'bytes', AAD),
  field(4, 'plaintext', 'bytes', { required: true, max: 32_768 }),
);

/** @internal */
export const ENCRYPT_RESPONSE: Message = message(
  `${KMS}.SymmetricEncryptResponse`,
  field(1, 'key_id'),
  field(2, 'version_id'),
  field(3, 'ciphertext', 'bytes'),
);

/** @internal */
export const DECRYPT_REQUEST: Message = message(
  `${KMS}.SymmetricDecryptRequest`,
  field(1, 'key_id', 'string', NEEDED_ID),
  field(2, 'aad_context', 'bytes', AAD),
  field(3, 'ciphertext', 'bytes', NEEDED),
);

/** @internal */
export const DECRYPT_RESPONSE: Message = message(
  `${KMS}.SymmetricDecryptResponse`,
  field(1, 'key_id'),
  field(2, 'version_id'),
  field(3, 'plaintext', 'bytes'),
);

/** @internal */
export const RE_ENCRYPT_REQUEST: Message = message(
  `${KMS}.SymmetricReEncryptRequest`,
  field(1, 'key_id', 'string', NEEDED_ID),
  field(2, 'version_id', 'string', ID),
  field(3, 'aad_context', 'bytes', AAD),
  field(4, 'source_key_id', 'string', NEEDED_ID),
  field(5, 'source_aad_context', 'bytes', AAD),
  field(6, 'ciphertext', 'bytes', NEEDED),
);

/** @internal */
export const RE_ENCRYPT_RESPONSE: Message = message(
  `${KMS}.SymmetricReEncryptResponse`,
  field(1, 'key_id'),
  field(2, 'version_id'),
  field(3, 'source_key_id'),
  field(4, 'source_version_id'),
  field(5, 'ciphertext', 'bytes'),
);

/** @internal */
export const GENERATE_DATA_KEY_REQUEST: Message = message(
  `${KMS}.GenerateDataKeyRequest`,
  field(1, 'key_id', 'string', NEEDED_ID),
  field(2, 'version_id', 'string', ID),
  field(3, 'aad_context', 'bytes', AAD),
  field(4, 'data_key_spec', SYMMETRIC_ALGORITHM),
  field(5, 'skip_plaintext', 'bool'),
);

/** @internal */
export const GENERATE_DATA_KEY_RESPONSE: Message = message(
  `${KMS}.GenerateDataKeyResponse`,
  field(1, 'key_id'),
  field(2, 'version_id'),
  field(3, 'data_key_plaintext', 'bytes'),
  field(4, 'data_key_ciphertext', 'bytes'),
);

/** @internal */
export const REQUEST_INFO: Message = message(
  'google.rpc.RequestInfo',
  field(1, 'request_id'),
  field(2, 'serving_data'),
);

/** @internal */
export const STATUS: Message = message(
  'google.rpc.Status',
  field(1, 'code', 'int32'),
  field(2, 'message'),
  field(3, 'details', 'any', MANY),
);

/** @internal */
export const OPERATION: Message = message(
  'yandex.cloud.operation.Operation',
  field(1, 'id'),
  field(2, 'description'),
  field(3, 'created_at', 'timestamp'),
  field(4, 'created_by'),
  field(5, 'modified_at', 'timestamp'),
  field(6, 'done', 'bool'),
  field(7, 'metadata', 'any'),
  field(8, 'error', STATUS),
  field(9, 'response', 'any'),
);

/** @internal */
export const GET_OPERATION_REQUEST: Message = message(
  'yandex.cloud.operation.GetOperationRequest',
  field(1, 'operation_id', 'string', NEEDED),
);

/** @internal */
export const API_ENDPOINT: Message = message(
  'yandex.cloud.endpoint.ApiEndpoint',
  field(1, 'id'),
  field(2, 'address'),
);

/** @internal */
export const GET_ENDPOINT_REQUEST: Message = message(
  'yandex.cloud.endpoint.GetApiEndpointRequest',
  field(1, 'api_endpoint_id'),
);

/** @internal */
export const LIST_ENDPOINTS_REQUEST: Message = message(
  'yandex.cloud.endpoint.ListApiEndpointsRequest',
  field(1, 'page_size', 'int64'),
  field(2, 'page_token'),
);

/** @internal */
export const LIST_ENDPOINTS_RESPONSE: Message = message(
  'yandex.cloud.endpoint.ListApiEndpointsResponse',
  field(1, 'endpoints', API_ENDPOINT, MANY),
  field(2, 'next_page_token'),
);

/** @internal */
export const CREATE_TOKEN_REQUEST: Message = message(
  'yandex.cloud.iam.v1.CreateIamTokenRequest',
  field(1, 'yandex_passport_oauth_token', 'string', { max: 4_000, oneof: 'identity' }),
  field(2, 'jwt', 'string', { max: 8_000, oneof: 'identity' }),
);

/** @internal */
export const CREATE_TOKEN_RESPONSE: Message = message(
  'yandex.cloud.iam.v1.CreateIamTokenResponse',
  field(1, 'iam_token'),
  field(2, 'expires_at', 'timestamp'),
);

/** Messages that an `Any` may hold. @internal */
export const PACKABLE: ReadonlyMap<string, Message> = new Map(
  [
    SYMMETRIC_KEY,
    SYMMETRIC_KEY_VERSION,
    CREATE_KEY_METADATA,
    UPDATE_KEY_METADATA,
    DELETE_KEY_METADATA,
    SET_PRIMARY_METADATA,
    ROTATE_KEY_METADATA,
    SCHEDULE_DESTRUCTION_METADATA,
    CANCEL_DESTRUCTION_METADATA,
    REQUEST_INFO,
  ].map((one) => [one.name, one]),
);

function keyId(name: string): Message {
  return message(`${KMS}.${name}`, field(1, 'key_id'));
}

function keyAndVersionId(name: string): Message {
  return message(`${KMS}.${name}`, field(1, 'key_id'), field(2, 'version_id'));
}

function keyAndVersion(name: string): Message {
  return message(
    `${KMS}.${name}`,
    field(1, 'key_id', 'string', NEEDED_ID),
    field(2, 'version_id', 'string', NEEDED_ID),
  );
}
