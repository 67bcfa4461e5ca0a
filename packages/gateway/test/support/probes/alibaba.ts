import { base64, type SendRequest } from '../actors/actor.js';
import { alibabaCall } from '../actors/alibaba.js';
import type { PlainRequest } from '../httpClient.js';
import type { Probe, Probes } from './probe.js';

type Members = Readonly<Record<string, unknown>>;
type Params = Readonly<Record<string, string>>;

const RSA = { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT/DECRYPT' };
const SIGNER = { KeySpec: 'EC_P256' };
const OAEP = { Algorithm: 'RSAES_OAEP_SHA_256' };
const SIGNING = { Algorithm: 'ECDSA_SHA_256', Digest: base64(Buffer.alloc(32, 7)) };

let serial = 0;

/** Requests of Alibaba Cloud KMS; its ids name a key within a region, for its account only. */
export const ALIBABA_PROBES: Probes = {
  AsymmetricDecrypt: withVersion('AsymmetricDecrypt', RSA, async (home, named) => {
    const input = { ...named, ...OAEP, Plaintext: base64('secret') };
    const { CiphertextBlob } = await alibabaCall(home, {}, 'AsymmetricEncrypt', input);
    return { ...OAEP, CiphertextBlob: String(CiphertextBlob) };
  }),
  AsymmetricEncrypt: withVersion('AsymmetricEncrypt', RSA, async () => ({
    ...OAEP,
    Plaintext: base64('secret'),
  })),
  AsymmetricSign: withVersion('AsymmetricSign', SIGNER, async () => SIGNING),
  AsymmetricVerify: withVersion('AsymmetricVerify', SIGNER, async (home, named) => {
    const { Value } = await alibabaCall(home, {}, 'AsymmetricSign', { ...named, ...SIGNING });
    return { ...SIGNING, Value: String(Value) };
  }),
  CancelKeyDeletion: async (home) => {
    const KeyId = await makeKey(home);
    await alibabaCall(home, {}, 'ScheduleKeyDeletion', { KeyId, PendingWindowInDays: '7' });
    return { request: request('CancelKeyDeletion', { KeyId }) };
  },
  CreateAlias: async (home) => {
    const params = { KeyId: await makeKey(home), AliasName: freshAlias() };
    return { request: request('CreateAlias', params) };
  },
  CreateKey: { keyless: 'makes a key in the realm of its caller' },
  CreateKeyVersion: onKey('CreateKeyVersion'),
  Decrypt: async (home) => ({ request: request('Decrypt', await sealed(home)) }),
  DeleteAlias: async (home) => {
    const AliasName = await makeAlias(home);
    return { request: request('DeleteAlias', { AliasName }) };
  },
  DescribeKey: onKey('DescribeKey'),
  DescribeKeyVersion: withVersion('DescribeKeyVersion', {}, async () => ({})),
  DisableKey: onKey('DisableKey'),
  EnableKey: onKey('EnableKey'),
  Encrypt: onKey('Encrypt', { Plaintext: 'secret' }),
  GenerateDataKey: onKey('GenerateDataKey'),
  GenerateDataKeyWithoutPlaintext: onKey('GenerateDataKeyWithoutPlaintext'),
  GetPublicKey: withVersion('GetPublicKey', RSA, async () => ({})),
  ListAliases: async (home) => ({
    lists: await makeAlias(home),
    request: request('ListAliases', { PageSize: '100' }),
  }),
  ListAliasesByKeyId: onKey('ListAliasesByKeyId'),
  ListKeyVersions: onKey('ListKeyVersions'),
  ListKeys: async (home) => ({
    lists: await makeKey(home),
    request: request('ListKeys', { PageSize: '100' }),
  }),
  ReEncrypt: async (home) => {
    const params = { ...(await sealed(home)), DestinationKeyId: await makeKey(home) };
    return { request: request('ReEncrypt', params) };
  },
  ScheduleKeyDeletion: onKey('ScheduleKeyDeletion', { PendingWindowInDays: '7' }),
  UpdateAlias: async (home) => {
    const params = { AliasName: await makeAlias(home), KeyId: await makeKey(home) };
    return { request: request('UpdateAlias', params) };
  },
};

function request(Action: string, params: Params): PlainRequest {
  const query = new URLSearchParams({ Action, Version: '2016-01-20', ...params });
  return { path: `/alibaba/?${query}` };
}

async function makeKey(home: SendRequest, spec: Params = {}): Promise<string> {
  const { KeyMetadata } = await alibabaCall(home, {}, 'CreateKey', spec);
  return String((KeyMetadata as Members)['KeyId']);
}

async function makeAlias(home: SendRequest): Promise<string> {
  const AliasName = freshAlias();
  await alibabaCall(home, {}, 'CreateAlias', { AliasName, KeyId: await makeKey(home) });
  return AliasName;
}

async function sealed(home: SendRequest): Promise<Params> {
  const params = { KeyId: await makeKey(home), Plaintext: 'secret' };
  const { CiphertextBlob } = await alibabaCall(home, {}, 'Encrypt', params);
  return { CiphertextBlob: String(CiphertextBlob) };
}

function onKey(action: string, more: Params = {}): Probe {
  return async (home) => ({ request: request(action, { KeyId: await makeKey(home), ...more }) });
}

/** Of a key version; `more` sees key and version first. */
function withVersion(
  action: string,
  spec: Params,
  more: (home: SendRequest, named: Params) => Promise<Params>,
): Probe {
  return async (home) => {
    const KeyId = await makeKey(home, spec);
    const { KeyVersions } = await alibabaCall(home, {}, 'ListKeyVersions', { KeyId });
    const [version] = (KeyVersions as { KeyVersion: readonly Members[] }).KeyVersion;
    const named = { KeyId, KeyVersionId: String(version?.['KeyVersionId']) };
    return { request: request(action, { ...named, ...(await more(home, named)) }) };
  };
}

function freshAlias(): string {
  serial += 1;
  return `alias/probe-${serial}`;
}
