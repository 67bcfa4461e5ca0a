import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateGrantCommand,
  type CreateGrantCommandInput,
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DecapsulateCommand,
  DecryptCommand,
  DeleteAliasCommand,
  DeleteImportedKeyMaterialCommand,
  DeriveSharedSecretCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  DisableKeyRotationCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  EncapsulateCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyPairCommand,
  GenerateDataKeyPairWithoutPlaintextCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  GenerateMacCommand,
  GenerateRandomCommand,
  GetKeyLastUsageCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  GetPublicKeyCommand,
  ImportKeyMaterialCommand,
  KMSClient,
  ListAliasesCommand,
  ListGrantsCommand,
  ListKeyPoliciesCommand,
  ListKeyRotationsCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  ListRetirableGrantsCommand,
  PutKeyPolicyCommand,
  ReEncryptCommand,
  ReplicateKeyCommand,
  RetireGrantCommand,
  RevokeGrantCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  SignCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAliasCommand,
  UpdateKeyDescriptionCommand,
  UpdatePrimaryRegionCommand,
  VerifyCommand,
  VerifyMacCommand,
} from '@aws-sdk/client-kms';
import type { KeyState } from '@keyglot/core';
import {
  ACCOUNT,
  AGREE,
  bytes,
  HMAC,
  type MadeKey,
  makeKey,
  OPEN_POLICY,
  OTHER_ACCOUNT,
  SIGN,
} from './awsGateway.js';
import { carrying, parametersOf, STAYS } from './importing.js';
import {
  ALIAS,
  ANY,
  AUTO_ROTATION,
  CANCEL,
  DELETE_IMPORTED,
  ENCRYPTION,
  GRANT,
  IMPORT,
  IMPORT_PARAMETERS,
  PRIMARY,
  PUBLIC_KEY,
  REPLICATION,
  ROTATION,
  SCHEDULE,
  SIGNING,
  type StateColumns,
  TOGGLE,
} from './stateTable.js';

/** Sends the operation with `id` as the identifier of its key. */
export type Send = (client: KMSClient, id: string, dryRun?: boolean) => Promise<unknown>;

/** How one operation treats the key that it is given; an operation with two keys has two. */
export interface OperationCase {
  readonly operation: string;
  /** Which of the operation's keys is meant. */
  readonly end?: string;
  /** The key that the operation wants; undefined for operations on no key. */
  readonly key?: CreateKeyCommandInput;
  /**
   * Identifier forms: all four, key id and key ARN only, the same but with a text of its own for
   * aliases, or no identifier at all.
   */
  readonly forms: 'any' | 'key' | 'target' | 'none';
  readonly crossAccount: boolean;
  readonly dryRun?: boolean;
  /** State in which the key has to be; `enabled` when not given. */
  readonly needs?: KeyState;
  readonly states?: StateColumns;
  /** Called while the key is enabled. */
  prepare(client: KMSClient, key: MadeKey): Send | Promise<Send>;
}

const MESSAGE = Buffer.from('message');
const KEM = { KeySpec: 'ML_KEM_512', KeyUsage: 'ENCAPSULATE_DECAPSULATE' } as const;
const PAIR = { KeyPairSpec: 'ECC_NIST_P256' } as const;
const AES = { KeySpec: 'AES_256' } as const;

let serial = 0;
function freshAlias(): string {
  serial += 1;
  return `alias/fresh-${serial}`;
}

/** A client of the same account at another region's door. */
function inRegion({ config }: KMSClient, region: string): KMSClient {
  const { credentials, endpoint } = config;
  if (endpoint === undefined) throw new Error('the client has no endpoint of its own');
  return new KMSClient({ credentials, endpoint, region });
}

async function encrypted(client: KMSClient, key: MadeKey): Promise<Buffer> {
  const made = await client.send(new EncryptCommand({ KeyId: key.id, Plaintext: MESSAGE }));
  return bytes(made.CiphertextBlob);
}

/** Both accounts of the tests may retire it. */
const PERMIT = {
  GranteePrincipal: `arn:aws:iam::${OTHER_ACCOUNT}:root`,
  RetiringPrincipal: `arn:aws:iam::${OTHER_ACCOUNT}:root`,
  Operations: ['DescribeKey'],
} satisfies Partial<CreateGrantCommandInput>;

/** Enough grants to end one in each state of the table. */
async function grantIds(client: KMSClient, { id: KeyId }: MadeKey): Promise<string[]> {
  const made: string[] = [];
  for (let n = 0; n < 10; n += 1) {
    const { GrantId } = await client.send(new CreateGrantCommand({ KeyId, ...PERMIT }));
    made.push(GrantId ?? '');
  }
  return made;
}

/** Every row of the operation table must be here. */
export const OPERATION_CASES: readonly OperationCase[] = [
  {
    operation: 'CancelKeyDeletion',
    key: {},
    forms: 'key',
    crossAccount: false,
    needs: 'pending-deletion',
    states: CANCEL,
    prepare: () => (client, KeyId) => client.send(new CancelKeyDeletionCommand({ KeyId })),
  },
  {
    operation: 'CreateAlias',
    key: {},
    forms: 'target',
    crossAccount: false,
    states: ALIAS,
    prepare: () => (client, TargetKeyId) =>
      client.send(new CreateAliasCommand({ AliasName: freshAlias(), TargetKeyId })),
  },
  {
    operation: 'CreateGrant',
    key: {},
    forms: 'key',
    crossAccount: true,
    dryRun: true,
    states: GRANT,
    prepare: () => (client, KeyId, DryRun) =>
      client.send(new CreateGrantCommand({ KeyId, ...PERMIT, DryRun })),
  },
  {
    operation: 'CreateKey',
    forms: 'none',
    crossAccount: false,
    prepare: () => (client) => client.send(new CreateKeyCommand({})),
  },
  {
    operation: 'Decapsulate',
    key: KEM,
    forms: 'any',
    crossAccount: true,
    dryRun: true,
    states: SIGNING,
    async prepare(owner, key) {
      const what = { EncapsulationAlgorithm: 'ML_KEM' } as const;
      const made = await owner.send(new EncapsulateCommand({ KeyId: key.id, ...what }));
      const { SharedSecretCiphertextBlob } = made;
      return (client, KeyId, DryRun) => {
        const input = { KeyId, SharedSecretCiphertextBlob, DryRun, ...what };
        return client.send(new DecapsulateCommand(input));
      };
    },
  },
  {
    operation: 'Decrypt',
    key: {},
    forms: 'any',
    crossAccount: true,
    dryRun: true,
    states: ENCRYPTION,
    async prepare(owner, key) {
      const CiphertextBlob = await encrypted(owner, key);
      return (client, KeyId, DryRun) =>
        client.send(new DecryptCommand({ KeyId, CiphertextBlob, DryRun }));
    },
  },
  {
    operation: 'DeleteAlias',
    key: {},
    forms: 'none',
    crossAccount: false,
    states: ANY,
    async prepare(owner, key) {
      const names = Array.from({ length: 10 }, freshAlias);
      for (const AliasName of names) {
        await owner.send(new CreateAliasCommand({ AliasName, TargetKeyId: key.id }));
      }
      return (client) => client.send(new DeleteAliasCommand({ AliasName: names.pop() }));
    },
  },
  {
    operation: 'DeleteImportedKeyMaterial',
    key: { Origin: 'EXTERNAL' },
    forms: 'key',
    crossAccount: false,
    states: DELETE_IMPORTED,
    prepare: () => (client, KeyId) => client.send(new DeleteImportedKeyMaterialCommand({ KeyId })),
  },
  {
    operation: 'DeriveSharedSecret',
    key: AGREE,
    forms: 'any',
    crossAccount: true,
    dryRun: true,
    states: SIGNING,
    async prepare(owner) {
      const peer = await makeKey(owner, AGREE);
      const { PublicKey } = await owner.send(new GetPublicKeyCommand({ KeyId: peer.id }));
      return (client, KeyId, DryRun) => {
        const input = { KeyId, PublicKey, KeyAgreementAlgorithm: 'ECDH', DryRun } as const;
        return client.send(new DeriveSharedSecretCommand(input));
      };
    },
  },
  {
    operation: 'DescribeKey',
    key: {},
    forms: 'any',
    crossAccount: true,
    states: ANY,
    prepare: () => (client, KeyId) => client.send(new DescribeKeyCommand({ KeyId })),
  },
  {
    operation: 'DisableKey',
    key: {},
    forms: 'key',
    crossAccount: false,
    states: TOGGLE,
    prepare: () => (client, KeyId) => client.send(new DisableKeyCommand({ KeyId })),
  },
  {
    operation: 'DisableKeyRotation',
    key: {},
    forms: 'key',
    crossAccount: false,
    states: AUTO_ROTATION,
    prepare: () => (client, KeyId) => client.send(new DisableKeyRotationCommand({ KeyId })),
  },
  {
    operation: 'EnableKey',
    key: {},
    forms: 'key',
    crossAccount: false,
    states: TOGGLE,
    prepare: () => (client, KeyId) => client.send(new EnableKeyCommand({ KeyId })),
  },
  {
    operation: 'EnableKeyRotation',
    key: {},
    forms: 'key',
    crossAccount: false,
    states: AUTO_ROTATION,
    prepare: () => (client, KeyId) => client.send(new EnableKeyRotationCommand({ KeyId })),
  },
  {
    operation: 'Encapsulate',
    key: KEM,
    forms: 'any',
    crossAccount: true,
    dryRun: true,
    states: SIGNING,
    prepare: () => (client, KeyId, DryRun) => {
      const input = { KeyId, EncapsulationAlgorithm: 'ML_KEM', DryRun } as const;
      return client.send(new EncapsulateCommand(input));
    },
  },
  {
    operation: 'Encrypt',
    key: {},
    forms: 'any',
    crossAccount: true,
    dryRun: true,
    states: ENCRYPTION,
    prepare: () => (client, KeyId, DryRun) =>
      client.send(new EncryptCommand({ KeyId, Plaintext: MESSAGE, DryRun })),
  },
  {
    operation: 'GenerateDataKey',
    key: {},
    forms: 'any',
    crossAccount: true,
    dryRun: true,
    states: ENCRYPTION,
    prepare: () => (client, KeyId, DryRun) =>
      client.send(new GenerateDataKeyCommand({ KeyId, DryRun, ...AES })),
  },
  {
    operation: 'GenerateDataKeyPair',
    key: {},
    forms: 'any',
    crossAccount: true,
    dryRun: true,
    states: ENCRYPTION,
    prepare: () => (client, KeyId, DryRun) =>
      client.send(new GenerateDataKeyPairCommand({ KeyId, DryRun, ...PAIR })),
  },
  {
    operation: 'GenerateDataKeyPairWithoutPlaintext',
    key: {},
    forms: 'any',
    crossAccount: true,
    dryRun: true,
    states: ENCRYPTION,
    prepare: () => (client, KeyId, DryRun) =>
      client.send(new GenerateDataKeyPairWithoutPlaintextCommand({ KeyId, DryRun, ...PAIR })),
  },
  {
    operation: 'GenerateDataKeyWithoutPlaintext',
    key: {},
    forms: 'any',
    crossAccount: true,
    dryRun: true,
    states: ENCRYPTION,
    prepare: () => (client, KeyId, DryRun) =>
      client.send(new GenerateDataKeyWithoutPlaintextCommand({ KeyId, DryRun, ...AES })),
  },
  {
    operation: 'GenerateMac',
    key: HMAC,
    forms: 'any',
    crossAccount: true,
    dryRun: true,
    states: SIGNING,
    prepare: () => (client, KeyId, DryRun) => {
      const input = { KeyId, Message: MESSAGE, MacAlgorithm: 'HMAC_SHA_256', DryRun } as const;
      return client.send(new GenerateMacCommand(input));
    },
  },
  {
    operation: 'GenerateRandom',
    forms: 'none',
    crossAccount: false,
    prepare: () => (client) => client.send(new GenerateRandomCommand({ NumberOfBytes: 1 })),
  },
  {
    operation: 'GetKeyLastUsage',
    key: {},
    forms: 'key',
    crossAccount: false,
    states: ANY,
    prepare: () => (client, KeyId) => client.send(new GetKeyLastUsageCommand({ KeyId })),
  },
  {
    operation: 'GetKeyPolicy',
    key: {},
    forms: 'key',
    crossAccount: false,
    states: ANY,
    prepare: () => (client, KeyId) => client.send(new GetKeyPolicyCommand({ KeyId })),
  },
  {
    operation: 'GetKeyRotationStatus',
    key: {},
    forms: 'key',
    crossAccount: true,
    states: ANY,
    prepare: () => (client, KeyId) => client.send(new GetKeyRotationStatusCommand({ KeyId })),
  },
  {
    operation: 'GetParametersForImport',
    key: { Origin: 'EXTERNAL' },
    forms: 'key',
    crossAccount: false,
    states: IMPORT_PARAMETERS,
    prepare: () => (client, KeyId) => parametersOf(client, KeyId),
  },
  {
    operation: 'GetPublicKey',
    key: SIGN,
    forms: 'any',
    crossAccount: true,
    states: PUBLIC_KEY,
    prepare: () => (client, KeyId) => client.send(new GetPublicKeyCommand({ KeyId })),
  },
  {
    operation: 'ImportKeyMaterial',
    key: { Origin: 'EXTERNAL' },
    forms: 'key',
    crossAccount: false,
    states: IMPORT,
    async prepare(owner, key) {
      const carried = carrying(await parametersOf(owner, key.id), Buffer.alloc(32, 7));
      return (client, KeyId) =>
        client.send(new ImportKeyMaterialCommand({ KeyId, ...carried, ...STAYS }));
    },
  },
  {
    operation: 'ListAliases',
    key: {},
    forms: 'key',
    crossAccount: false,
    states: ANY,
    prepare: () => (client, KeyId) => client.send(new ListAliasesCommand({ KeyId })),
  },
  {
    operation: 'ListKeyPolicies',
    key: {},
    forms: 'key',
    crossAccount: false,
    states: ANY,
    prepare: () => (client, KeyId) => client.send(new ListKeyPoliciesCommand({ KeyId })),
  },
  {
    operation: 'ListKeyRotations',
    key: {},
    forms: 'key',
    crossAccount: false,
    states: ANY,
    prepare: () => (client, KeyId) => client.send(new ListKeyRotationsCommand({ KeyId })),
  },
  {
    operation: 'ListGrants',
    key: {},
    forms: 'key',
    crossAccount: true,
    states: ANY,
    prepare: () => (client, KeyId) => client.send(new ListGrantsCommand({ KeyId })),
  },
  {
    operation: 'ListKeys',
    forms: 'none',
    crossAccount: false,
    prepare: () => (client) => client.send(new ListKeysCommand({})),
  },
  {
    operation: 'ListResourceTags',
    key: {},
    forms: 'key',
    crossAccount: false,
    states: ANY,
    prepare: () => (client, KeyId) => client.send(new ListResourceTagsCommand({ KeyId })),
  },
  {
    operation: 'PutKeyPolicy',
    key: {},
    forms: 'key',
    crossAccount: false,
    states: ANY,
    prepare: () => (client, KeyId) =>
      client.send(new PutKeyPolicyCommand({ KeyId, Policy: OPEN_POLICY })),
  },
  {
    operation: 'ListRetirableGrants',
    forms: 'none',
    crossAccount: false,
    prepare: () => (client) => {
      const RetiringPrincipal = `arn:aws:iam::${ACCOUNT}:root`;
      return client.send(new ListRetirableGrantsCommand({ RetiringPrincipal }));
    },
  },
  {
    operation: 'ReEncrypt',
    end: 'source',
    key: {},
    forms: 'any',
    crossAccount: true,
    dryRun: true,
    states: ENCRYPTION,
    async prepare(owner, key) {
      const CiphertextBlob = await encrypted(owner, key);
      const { arn: DestinationKeyId } = await makeKey(owner);
      return (client, SourceKeyId, DryRun) => {
        const input = { SourceKeyId, CiphertextBlob, DestinationKeyId, DryRun };
        return client.send(new ReEncryptCommand(input));
      };
    },
  },
  {
    operation: 'ReEncrypt',
    end: 'destination',
    key: {},
    forms: 'any',
    crossAccount: true,
    dryRun: true,
    states: ENCRYPTION,
    async prepare(owner) {
      const CiphertextBlob = await encrypted(owner, await makeKey(owner));
      return (client, DestinationKeyId, DryRun) =>
        client.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId, DryRun }));
    },
  },
  {
    operation: 'ReplicateKey',
    key: { MultiRegion: true },
    forms: 'key',
    crossAccount: false,
    states: REPLICATION,
    prepare() {
      const regions = ['sa-east-1', 'eu-west-2', 'eu-west-3', 'eu-north-1', 'us-west-2'];
      return (client, KeyId) => {
        const input = { KeyId, ReplicaRegion: regions[0] };
        return client.send(new ReplicateKeyCommand(input)).then(() => regions.shift());
      };
    },
  },
  {
    operation: 'RetireGrant',
    key: {},
    forms: 'key',
    crossAccount: true,
    dryRun: true,
    states: ANY,
    async prepare(owner, key) {
      const ids = await grantIds(owner, key);
      return async (client, KeyId, DryRun) => {
        await client.send(new RetireGrantCommand({ KeyId, GrantId: ids.at(-1), DryRun }));
        ids.pop();
      };
    },
  },
  {
    operation: 'RevokeGrant',
    key: {},
    forms: 'key',
    crossAccount: true,
    dryRun: true,
    states: ANY,
    async prepare(owner, key) {
      const ids = await grantIds(owner, key);
      return async (client, KeyId, DryRun) => {
        await client.send(new RevokeGrantCommand({ KeyId, GrantId: ids.at(-1), DryRun }));
        ids.pop();
      };
    },
  },
  {
    operation: 'RotateKeyOnDemand',
    key: {},
    forms: 'key',
    crossAccount: false,
    states: ROTATION,
    prepare: () => (client, KeyId) => client.send(new RotateKeyOnDemandCommand({ KeyId })),
  },
  {
    operation: 'ScheduleKeyDeletion',
    key: {},
    forms: 'key',
    crossAccount: false,
    states: SCHEDULE,
    prepare: () => (client, KeyId) => client.send(new ScheduleKeyDeletionCommand({ KeyId })),
  },
  {
    operation: 'Sign',
    key: SIGN,
    forms: 'any',
    crossAccount: true,
    dryRun: true,
    states: SIGNING,
    prepare: () => (client, KeyId, DryRun) => {
      const input = { KeyId, Message: MESSAGE, SigningAlgorithm: 'ECDSA_SHA_256', DryRun } as const;
      return client.send(new SignCommand(input));
    },
  },
  {
    operation: 'TagResource',
    key: {},
    forms: 'key',
    crossAccount: false,
    states: ALIAS,
    prepare: () => (client, KeyId) =>
      client.send(new TagResourceCommand({ KeyId, Tags: [{ TagKey: 'k', TagValue: 'v' }] })),
  },
  {
    operation: 'UntagResource',
    key: {},
    forms: 'key',
    crossAccount: false,
    states: ALIAS,
    prepare: () => (client, KeyId) =>
      client.send(new UntagResourceCommand({ KeyId, TagKeys: ['k'] })),
  },
  {
    operation: 'UpdateAlias',
    key: {},
    forms: 'target',
    crossAccount: false,
    states: ALIAS,
    async prepare(owner) {
      const AliasName = freshAlias();
      const { id } = await makeKey(owner);
      await owner.send(new CreateAliasCommand({ AliasName, TargetKeyId: id }));
      return (client, TargetKeyId) =>
        client.send(new UpdateAliasCommand({ AliasName, TargetKeyId }));
    },
  },
  {
    operation: 'UpdateKeyDescription',
    key: {},
    forms: 'key',
    crossAccount: false,
    states: ALIAS,
    prepare: () => (client, KeyId) =>
      client.send(new UpdateKeyDescriptionCommand({ KeyId, Description: 'd' })),
  },
  {
    operation: 'UpdatePrimaryRegion',
    key: { MultiRegion: true },
    forms: 'key',
    crossAccount: false,
    states: PRIMARY,
    async prepare(owner, key) {
      const [here, there] = ['us-east-1', 'sa-east-1'];
      await owner.send(new ReplicateKeyCommand({ KeyId: key.id, ReplicaRegion: there }));
      const other = inRegion(owner, there);
      return async (client, KeyId) => {
        await client.send(new UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion: there }));
        const back = { KeyId: key.id, PrimaryRegion: here };
        await other.send(new UpdatePrimaryRegionCommand(back));
      };
    },
  },
  {
    operation: 'Verify',
    key: SIGN,
    forms: 'any',
    crossAccount: true,
    dryRun: true,
    states: SIGNING,
    async prepare(owner, key) {
      const what = { Message: MESSAGE, SigningAlgorithm: 'ECDSA_SHA_256' } as const;
      const { Signature } = await owner.send(new SignCommand({ KeyId: key.id, ...what }));
      return (client, KeyId, DryRun) =>
        client.send(new VerifyCommand({ KeyId, Signature, DryRun, ...what }));
    },
  },
  {
    operation: 'VerifyMac',
    key: HMAC,
    forms: 'any',
    crossAccount: true,
    dryRun: true,
    states: SIGNING,
    async prepare(owner, key) {
      const what = { Message: MESSAGE, MacAlgorithm: 'HMAC_SHA_256' } as const;
      const { Mac } = await owner.send(new GenerateMacCommand({ KeyId: key.id, ...what }));
      return (client, KeyId, DryRun) =>
        client.send(new VerifyMacCommand({ KeyId, Mac, DryRun, ...what }));
    },
  },
];

/** Name of a case in a test's title. */
export function caseName({ operation, end }: OperationCase): string {
  return end === undefined ? operation : `${operation} (${end})`;
}
