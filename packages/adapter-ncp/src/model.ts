import type { ShapeTable } from '@keyglot/dialect';

const BOOLEAN = { type: 'boolean' } as const;
const CIPHERTEXT = { type: 'string', minLength: 1, sensitive: true } as const;

/** More items than this make a request slow and no documented use; the service gives only a sum. */
const MOST_ITEMS = 1_024;

/**
 * Inputs of the operations, written by hand after the pages that `routes.ts` names. Lengths of base64
 * members count the decoded bytes.
 *
 * @internal
 */
export const SHAPES: ShapeTable = Object.freeze<ShapeTable>({
  Boolean: BOOLEAN,
  Integer: { type: 'integer' },
  PositiveInteger: { type: 'integer', minimum: 1 },
  Nothing: { type: 'structure', members: {} },

  // https://api.ncloud-docs.com/docs/en/security-kms2-create-key
  KeyName: { type: 'string', minLength: 3, maxLength: 15, pattern: '[A-Za-z][A-Za-z0-9_-]*' },
  KeyType: { type: 'string', enum: ['AES256', 'RSA2048', 'ECDSA'] },
  Memo: { type: 'string', maxLength: 100 },
  Days: { type: 'integer', minimum: 1, maximum: 730 },
  ProtectionType: { type: 'string', enum: ['BASIC', 'COMMON_HSM'] },
  CreateKey: {
    type: 'structure',
    members: {
      keyName: 'KeyName',
      keyType: 'KeyType',
      memo: 'Memo',
      isConvergent: 'Boolean',
      isAutoRotation: 'Boolean',
      rotationPeriod: 'Days',
      protectionType: 'ProtectionType',
    },
    required: ['keyName', 'keyType', 'protectionType'],
  },
  // The government zone has no protectionType.
  CreateKeyGov: {
    type: 'structure',
    members: {
      keyName: 'KeyName',
      keyType: 'KeyType',
      memo: 'Memo',
      isConvergent: 'Boolean',
      isAutoRotation: 'Boolean',
      rotationPeriod: 'Days',
    },
    required: ['keyName', 'keyType'],
  },

  // https://api.ncloud-docs.com/docs/en/security-kms2-key-list
  PageSize: { type: 'integer', minimum: 1, maximum: 200 },
  GetKeyList: {
    type: 'structure',
    members: { pageNo: 'PositiveInteger', pageSize: 'PageSize' },
  },

  // https://api.ncloud-docs.com/docs/en/security-kms2-public-key
  GetPublicKey: { type: 'structure', members: { keyVersion: 'PositiveInteger' } },
  // https://api.ncloud-docs.com/docs/en/update-key-name
  UpdateKeyName: { type: 'structure', members: { keyName: 'KeyName' }, required: ['keyName'] },
  // https://api.ncloud-docs.com/docs/en/security-kms2-update-memo
  UpdateMemo: { type: 'structure', members: { memo: 'Memo' }, required: ['memo'] },
  // https://api.ncloud-docs.com/docs/en/security-kms2-rotation-period
  UpdateRotationPeriod: {
    type: 'structure',
    members: { rotationPeriod: 'Days' },
    required: ['rotationPeriod'],
  },

  Plaintext: { type: 'blob', minLength: 1, sensitive: true },
  Plaintexts: { type: 'list', member: 'Plaintext', minItems: 1, maxItems: MOST_ITEMS },
  Ciphertext: CIPHERTEXT,
  Ciphertexts: { type: 'list', member: 'Ciphertext', minItems: 1, maxItems: MOST_ITEMS },
  Context: { type: 'blob', minLength: 1, maxLength: 50 },
  // https://api.ncloud-docs.com/docs/en/security-kms2-encrypt
  Encrypt: {
    type: 'structure',
    members: { plaintext: 'Plaintext', context: 'Context' },
    required: ['plaintext'],
  },
  EncryptList: {
    type: 'structure',
    members: { plaintext: 'Plaintexts', context: 'Context' },
    required: ['plaintext'],
  },
  // https://api.ncloud-docs.com/docs/en/security-kms2-decrypt, …-reencrypt
  Open: {
    type: 'structure',
    members: { ciphertext: 'Ciphertext', context: 'Context' },
    required: ['ciphertext'],
  },
  OpenList: {
    type: 'structure',
    members: { ciphertext: 'Ciphertexts', context: 'Context' },
    required: ['ciphertext'],
  },
  // https://api.ncloud-docs.com/docs/en/security-kms2-custom-key
  CreateCustomKey: {
    type: 'structure',
    members: { requestPlainKey: 'Boolean', bits: 'Integer', context: 'Context' },
  },

  // https://api.ncloud-docs.com/docs/en/security-kms2-sign, …-verify
  Data: { type: 'blob', minLength: 1, maxLength: 8_192, sensitive: true },
  Signature: { type: 'string', minLength: 1 },
  Sign: { type: 'structure', members: { data: 'Data' }, required: ['data'] },
  Verify: {
    type: 'structure',
    members: { data: 'Data', signature: 'Signature' },
    required: ['data', 'signature'],
  },

  // https://api.ncloud-docs.com/docs/en/security-kms2-token-set
  Hours: { type: 'string', pattern: 'UL|[0-9]{1,5}' },
  TokenSet: {
    type: 'structure',
    members: { accessTokenHours: 'Hours', refreshTokenHours: 'Hours' },
  },
  // https://api.ncloud-docs.com/docs/en/security-kms2-token-access-token
  AccessToken: { type: 'structure', members: { accessTokenHours: 'Hours' } },

  // https://api.ncloud-docs.com/docs/en/security-kms2-add-acl, …-delete-acl
  Address: {
    type: 'string',
    pattern:
      '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(\\.(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])){3}',
  },
  Addresses: { type: 'list', member: 'Address', minItems: 1, maxItems: MOST_ITEMS },
  AclRules: { type: 'structure', members: { ipList: 'Addresses' }, required: ['ipList'] },
});
