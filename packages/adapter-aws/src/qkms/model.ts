import type { ServiceModel, ShapeTable } from '@keyglot/dialect';
import { model } from '../generated/model.js';

// Members and answers of https://github.com/QuilibriumNetwork/qkms-sdk, packages/core/src/client.ts and
// packages/core/src/sidecar/; the limits of their sizes are ours.

const SHAPES: ShapeTable = {
  PartyNameType: { type: 'string', minLength: 1, maxLength: 128 },
  PartyNameList: { type: 'list', member: 'PartyNameType', minItems: 1, maxItems: 100 },
  PartyCountType: { type: 'integer', minimum: 1, maximum: 100 },
  PartyNumberType: { type: 'integer', minimum: 0 },
  RoundType: { type: 'integer' },
  TextOfPublicKeyType: { type: 'string', minLength: 1, maxLength: 1_024 },
  CiphertextTextType: { type: 'string', minLength: 1, maxLength: 524_288 },
  RegisterSidecarRequest: {
    type: 'structure',
    members: {
      SidecarId: 'PartyNameType',
      IdentityKey: 'TextOfPublicKeyType',
      SignedPreKey: 'TextOfPublicKeyType',
      PreKeySignature: 'TextOfPublicKeyType',
      SigningKey: 'TextOfPublicKeyType',
    },
    required: ['SidecarId', 'IdentityKey', 'SignedPreKey', 'PreKeySignature', 'SigningKey'],
  },
  GetSidecarRequest: {
    type: 'structure',
    members: { SidecarId: 'PartyNameType' },
    required: ['SidecarId'],
  },
  ListTasksRequest: {
    type: 'structure',
    members: { Limit: 'LimitType', IncludeTerminal: 'BooleanType' },
  },
  ListTasksForSidecarRequest: {
    type: 'structure',
    members: { SidecarId: 'PartyNameType', Limit: 'LimitType', IncludeTerminal: 'BooleanType' },
    required: ['SidecarId'],
  },
  ClaimTaskRequest: {
    type: 'structure',
    members: { TaskId: 'PartyNameType', SidecarId: 'PartyNameType' },
    required: ['TaskId', 'SidecarId'],
  },
  UpdateTaskRequest: {
    type: 'structure',
    members: { TaskId: 'PartyNameType' },
    required: ['TaskId'],
  },
  SendPartyMessageRequest: {
    type: 'structure',
    members: {
      TaskId: 'PartyNameType',
      SidecarId: 'PartyNameType',
      Round: 'RoundType',
      FromParty: 'PartyNumberType',
      ToParty: 'PartyNumberType',
      FromSidecarId: 'PartyNameType',
      ToSidecarId: 'PartyNameType',
      Encrypted: 'BooleanType',
      Ciphertext: 'CiphertextTextType',
    },
    required: ['TaskId', 'Round', 'FromParty', 'ToParty'],
  },
  GetPartyMessagesRequest: {
    type: 'structure',
    members: {
      TaskId: 'PartyNameType',
      SidecarId: 'PartyNameType',
      Round: 'RoundType',
      ForParty: 'PartyNumberType',
      PartyId: 'PartyNumberType',
    },
    required: ['TaskId', 'Round'],
  },
};

const OPERATIONS = Object.fromEntries(
  [
    'RegisterSidecar',
    'GetSidecar',
    'ListTasks',
    'ListTasksForSidecar',
    'ClaimTask',
    'UpdateTask',
    'SendPartyMessage',
    'GetPartyMessages',
  ].map((name) => [name, { input: `${name}Request`, errors: [] }]),
);

/** Names of the operations that QKMS has and AWS KMS does not. @internal */
export const QKMS_ONLY: ReadonlySet<string> = new Set(Object.keys(OPERATIONS));

// packages/core/src/types.ts and packages/node/src/resources/ of the same.
const OWN_KEY_SPECS = [
  'ECC_BLS12_381',
  'ECC_BLS48_581',
  'ECC_DECAF_448',
  'ECC_ED25519',
  'ECC_ED448',
  'EDDSA_ED25519',
  'EDDSA_ED448',
];

/** What the pages have in a form of their own. @internal */
export const PAGE_SHAPES: ShapeTable = {
  DeriveSharedSecretRequest: withoutAlgorithm(),
  KeyUsageType: withValues('KeyUsageType', ['DERIVE_SHARED_SECRET']),
};

/** AWS's model with what QKMS has beside it. @internal */
export const qkmsModel: ServiceModel = {
  ...model,
  operations: { ...model.operations, ...OPERATIONS },
  shapes: {
    ...model.shapes,
    ...SHAPES,
    CreateKeyRequest: withParties(),
    ...PAGE_SHAPES,
    KeySpec: withValues('KeySpec', OWN_KEY_SPECS),
    SigningAlgorithmSpec: withValues('SigningAlgorithmSpec', ['EDDSA_ED25519']),
  },
};

function withParties(): ShapeTable[string] {
  const shape = model.shapes['CreateKeyRequest'];
  if (shape?.type !== 'structure') throw new Error('CreateKeyRequest is no structure');
  const parties = {
    Participants: 'PartyNameList',
    Threshold: 'PartyCountType',
    TotalParties: 'PartyCountType',
  };
  return { ...shape, members: { ...shape.members, ...parties } };
}

/** Values beside those that AWS takes and prints. */
function withValues(name: string, values: readonly string[]): ShapeTable[string] {
  const shape = model.shapes[name];
  if (shape?.type !== 'string') throw new Error(`${name} is no text`);
  return { ...shape, alsoAccepts: [...(shape.alsoAccepts ?? []), ...values] };
}

/** Its DeriveSharedSecret page does not know KeyAgreementAlgorithm. */
function withoutAlgorithm(): ShapeTable[string] {
  const shape = model.shapes['DeriveSharedSecretRequest'];
  if (shape?.type !== 'structure') throw new Error('DeriveSharedSecretRequest is no structure');
  return { ...shape, required: ['KeyId', 'PublicKey'] };
}
