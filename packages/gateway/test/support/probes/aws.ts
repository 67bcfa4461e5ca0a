import { base64, type SendRequest } from '../actors/actor.js';
import { awsCall } from '../actors/aws.js';
import type { PlainRequest } from '../httpClient.js';
import { OAEP, STAYS, wrap } from '../importing.js';
import type { Probe, Probes } from './probe.js';

type Members = Readonly<Record<string, unknown>>;

const MESSAGE = { Message: base64('message') };
const MAC = { ...MESSAGE, MacAlgorithm: 'HMAC_SHA_256' };
const SIGNING = { ...MESSAGE, SigningAlgorithm: 'ECDSA_SHA_256' };
const TAGS = { Tags: [{ TagKey: 'k', TagValue: 'v' }] };
const POLICY = {
  Policy: JSON.stringify({
    Statement: { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' },
  }),
};
const PLAINTEXT = { Plaintext: base64('secret') };
const HMAC_KEY = { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' };
const MULTI_REGION = { MultiRegion: true };
const EXTERNAL = { Origin: 'EXTERNAL' };
const SIGNER = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' };

const ROOT = 'arn:aws:iam::000000000000:root';
const PERMIT = { GranteePrincipal: ROOT, RetiringPrincipal: ROOT, Operations: ['DescribeKey'] };
const KEM = { EncapsulationAlgorithm: 'ML_KEM' };
const KEM_KEY = { KeySpec: 'ML_KEM_512', KeyUsage: 'ENCAPSULATE_DECAPSULATE' };
const PAIR = { KeyPairSpec: 'ECC_NIST_P256' };
const AGREER = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' };

let serial = 0;

/** Requests of AWS KMS and QKMS that name keys by bare ids. */
export function awsProbes(dialect: 'aws' | 'qkms'): Probes {
  const call = (home: SendRequest, operation: string, input: Members): Promise<Members> =>
    awsCall(home, dialect, {}, operation, input);
  const request = (operation: string, input: Members): PlainRequest => ({
    path: `/${dialect}/`,
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `TrentService.${operation}`,
    },
    body: JSON.stringify(input),
  });
  const makeKey = async (home: SendRequest, spec: Members = {}): Promise<string> => {
    const { KeyMetadata } = await call(home, 'CreateKey', spec);
    return String((KeyMetadata as Members)['KeyId']);
  };
  const makeAlias = async (home: SendRequest): Promise<string> => {
    const [AliasName, TargetKeyId] = [freshAlias(), await makeKey(home)];
    await call(home, 'CreateAlias', { AliasName, TargetKeyId });
    return AliasName;
  };
  const makeGrant = async (home: SendRequest): Promise<Members> => {
    const KeyId = await makeKey(home);
    return { KeyId, ...(await call(home, 'CreateGrant', { KeyId, ...PERMIT })) };
  };
  const onKey =
    (operation: string, more: Members = {}, spec: Members = {}): Probe =>
    async (home) => ({
      request: request(operation, { KeyId: await makeKey(home, spec), ...more }),
    });
  /** With a member of the answer that another operation gives for the same key. */
  const after =
    (operation: string, first: string, given: Members, member: string, spec: Members = {}): Probe =>
    async (home) => {
      const KeyId = await makeKey(home, spec);
      const made = await call(home, first, { KeyId, ...given });
      const { Plaintext: _, ...more } = given;
      return { request: request(operation, { KeyId, ...more, [member]: made[member] }) };
    };
  return {
    ...sidecarProbes(call, request),
    CancelKeyDeletion: async (home) => {
      const KeyId = await makeKey(home);
      await call(home, 'ScheduleKeyDeletion', { KeyId });
      return { request: request('CancelKeyDeletion', { KeyId }) };
    },
    CreateAlias: async (home) => {
      const input = { AliasName: freshAlias(), TargetKeyId: await makeKey(home) };
      return { request: request('CreateAlias', input) };
    },
    CreateGrant: onKey('CreateGrant', PERMIT),
    CreateKey: { keyless: 'makes a key in the realm of its caller' },
    Decapsulate: after('Decapsulate', 'Encapsulate', KEM, 'SharedSecretCiphertextBlob', KEM_KEY),
    Decrypt: after('Decrypt', 'Encrypt', PLAINTEXT, 'CiphertextBlob'),
    DeleteAlias: async (home) => ({
      request: request('DeleteAlias', { AliasName: await makeAlias(home) }),
    }),
    DeleteImportedKeyMaterial: onKey('DeleteImportedKeyMaterial', {}, EXTERNAL),
    DeriveSharedSecret: async (home) => {
      const { PublicKey } = await call(home, 'GetPublicKey', {
        KeyId: await makeKey(home, AGREER),
      });
      const input = { KeyId: await makeKey(home, AGREER), PublicKey };
      return {
        request: request('DeriveSharedSecret', { ...input, KeyAgreementAlgorithm: 'ECDH' }),
      };
    },
    DescribeKey: onKey('DescribeKey'),
    DisableKey: onKey('DisableKey'),
    DisableKeyRotation: onKey('DisableKeyRotation'),
    EnableKey: onKey('EnableKey'),
    EnableKeyRotation: onKey('EnableKeyRotation'),
    Encapsulate: onKey('Encapsulate', KEM, KEM_KEY),
    Encrypt: onKey('Encrypt', PLAINTEXT),
    GenerateDataKey: onKey('GenerateDataKey', { KeySpec: 'AES_256' }),
    GenerateDataKeyPair: onKey('GenerateDataKeyPair', PAIR),
    GenerateDataKeyPairWithoutPlaintext: onKey('GenerateDataKeyPairWithoutPlaintext', PAIR),
    GenerateDataKeyWithoutPlaintext: onKey('GenerateDataKeyWithoutPlaintext', {
      KeySpec: 'AES_256',
    }),
    GenerateMac: onKey('GenerateMac', MAC, HMAC_KEY),
    GenerateRandom: { keyless: 'names no key' },
    GetKeyLastUsage: onKey('GetKeyLastUsage'),
    GetKeyPolicy: onKey('GetKeyPolicy'),
    GetKeyRotationStatus: onKey('GetKeyRotationStatus'),
    GetParametersForImport: onKey('GetParametersForImport', { ...OAEP }, EXTERNAL),
    GetPublicKey: onKey('GetPublicKey', {}, SIGNER),
    ImportKeyMaterial: async (home) => {
      const KeyId = await makeKey(home, EXTERNAL);
      const given = await call(home, 'GetParametersForImport', { KeyId, ...OAEP });
      const publicKey = Buffer.from(String(given['PublicKey']), 'base64');
      const wrapped = wrap(publicKey, OAEP.WrappingAlgorithm, Buffer.alloc(32, 7));
      const carried = { ImportToken: given['ImportToken'], EncryptedKeyMaterial: base64(wrapped) };
      return { request: request('ImportKeyMaterial', { KeyId, ...carried, ...STAYS }) };
    },
    ListAliases: onKey('ListAliases'),
    ListKeyPolicies: onKey('ListKeyPolicies'),
    ListKeyRotations: onKey('ListKeyRotations'),
    ListGrants: async (home) => {
      const { KeyId } = await makeGrant(home);
      return { request: request('ListGrants', { KeyId }) };
    },
    ListKeys: async (home) => ({
      lists: await makeKey(home),
      request: request('ListKeys', { Limit: 1_000 }),
    }),
    ListResourceTags: onKey('ListResourceTags'),
    PutKeyPolicy: onKey('PutKeyPolicy', POLICY),
    ListRetirableGrants: async (home) => {
      const { GrantId } = await makeGrant(home);
      return {
        lists: String(GrantId),
        // Its principal belongs to the account that asks.
        refusesOthers: true,
        request: request('ListRetirableGrants', { RetiringPrincipal: PERMIT.RetiringPrincipal }),
      };
    },
    ReEncrypt: async (home) => {
      const SourceKeyId = await makeKey(home);
      const sealed = await call(home, 'Encrypt', { KeyId: SourceKeyId, ...PLAINTEXT });
      const { CiphertextBlob } = sealed;
      const DestinationKeyId = await makeKey(home);
      return { request: request('ReEncrypt', { SourceKeyId, CiphertextBlob, DestinationKeyId }) };
    },
    ReplicateKey: onKey('ReplicateKey', { ReplicaRegion: 'eu-west-1' }, MULTI_REGION),
    RetireGrant: async (home) => {
      const { KeyId, GrantId } = await makeGrant(home);
      return { request: request('RetireGrant', { KeyId, GrantId }) };
    },
    RevokeGrant: async (home) => {
      const { KeyId, GrantId } = await makeGrant(home);
      return { request: request('RevokeGrant', { KeyId, GrantId }) };
    },
    RotateKeyOnDemand: onKey('RotateKeyOnDemand'),
    ScheduleKeyDeletion: onKey('ScheduleKeyDeletion'),
    Sign: onKey('Sign', SIGNING, SIGNER),
    TagResource: onKey('TagResource', TAGS),
    UntagResource: onKey('UntagResource', { TagKeys: ['k'] }),
    UpdateAlias: async (home) => {
      const input = { AliasName: await makeAlias(home), TargetKeyId: await makeKey(home) };
      return { request: request('UpdateAlias', input) };
    },
    UpdateKeyDescription: onKey('UpdateKeyDescription', { Description: 'd' }),
    UpdatePrimaryRegion: async (home) => {
      const KeyId = await makeKey(home, MULTI_REGION);
      // Not the region from which the other requests of the test come.
      await call(home, 'ReplicateKey', { KeyId, ReplicaRegion: 'sa-east-1' });
      return { request: request('UpdatePrimaryRegion', { KeyId, PrimaryRegion: 'sa-east-1' }) };
    },
    Verify: after('Verify', 'Sign', SIGNING, 'Signature', SIGNER),
    VerifyMac: after('VerifyMac', 'GenerateMac', MAC, 'Mac', HMAC_KEY),
  };
}

/** Operations that only QKMS has. */
function sidecarProbes(
  call: (home: SendRequest, operation: string, input: Members) => Promise<Members>,
  request: (operation: string, input: Members) => PlainRequest,
): Probes {
  const KEYS = {
    ...{ IdentityKey: 'aWQ=', SignedPreKey: 'cHJl' },
    ...{ PreKeySignature: 'c2ln', SigningKey: 'a2V5' },
  };
  const onSidecar =
    (operation: string): Probe =>
    async (home) => {
      serial += 1;
      const SidecarId = `sidecar-${serial}`;
      await call(home, 'RegisterSidecar', { SidecarId, ...KEYS });
      return { request: request(operation, { SidecarId }) };
    };
  const noTasks = { keyless: 'there are no tasks' };
  return {
    RegisterSidecar: { keyless: 'keeps a sidecar in the realm of its caller' },
    GetSidecar: onSidecar('GetSidecar'),
    ListTasksForSidecar: onSidecar('ListTasksForSidecar'),
    ListTasks: noTasks,
    ClaimTask: noTasks,
    UpdateTask: noTasks,
    SendPartyMessage: noTasks,
    GetPartyMessages: noTasks,
  };
}

function freshAlias(): string {
  serial += 1;
  return `alias/probe-${serial}`;
}
