import { base64, type SendRequest } from '../actors/actor.js';
import { yandexCall } from '../actors/yandex.js';
import type { PlainRequest } from '../httpClient.js';
import type { Probe, Probes } from './probe.js';

type Members = Readonly<Record<string, unknown>>;

const KEYS = '/yandex/kms/v1/keys';
const FOLDER = 'b1gprobe000000000000';

/** Requests of Yandex Cloud KMS over REST. gRPC serves the same rows. */
export const YANDEX_PROBES: Probes = {
  'SymmetricCrypto.Encrypt': onKey('POST', ':encrypt', { plaintext: base64('secret') }),
  'SymmetricCrypto.Decrypt': async (home) => {
    const { keyId, ciphertext } = await sealed(home);
    return { request: request('POST', `/${keyId}:decrypt`, { ciphertext }) };
  },
  'SymmetricCrypto.ReEncrypt': async (home) => {
    const { keyId: sourceKeyId, ciphertext } = await sealed(home);
    const { keyId } = await makeKey(home);
    const input = { sourceKeyId, ciphertext };
    return { request: request('POST', `/${keyId}:reEncrypt`, input) };
  },
  'SymmetricCrypto.GenerateDataKey': onKey('POST', ':generateDataKey', { dataKeySpec: 'AES_256' }),
  'SymmetricKey.Create': { keyless: 'makes a key in the folder that is named' },
  'SymmetricKey.Get': onKey('GET', ''),
  'SymmetricKey.List': async (home) => ({
    lists: (await makeKey(home)).keyId,
    request: request('GET', `?folderId=${FOLDER}&pageSize=1000`),
  }),
  'SymmetricKey.ListVersions': onKey('GET', '/versions'),
  'SymmetricKey.Update': onKey('PATCH', '', { updateMask: 'name', name: 'new' }),
  'SymmetricKey.Delete': onKey('DELETE', ''),
  'SymmetricKey.SetPrimaryVersion': onVersion('setPrimaryVersion'),
  'SymmetricKey.ScheduleVersionDestruction': onVersion('scheduleVersionDestruction'),
  'SymmetricKey.CancelVersionDestruction': async (home) => {
    const { keyId, versionId } = await rotatedKey(home);
    await yandexCall(home, 'POST', `/${keyId}:scheduleVersionDestruction`, { versionId });
    const path = `/${keyId}:cancelVersionDestruction`;
    return { request: request('POST', path, { versionId }) };
  },
  'SymmetricKey.Rotate': onKey('POST', ':rotate'),
  'Operation.Get': async (home) => {
    const { operationId } = await makeKey(home);
    return { request: { method: 'GET', path: `/yandex/operations/${operationId}` } };
  },
  'ApiEndpoint.Get': { keyless: 'the same for everybody' },
  'ApiEndpoint.List': { keyless: 'the same for everybody' },
  'IamToken.Create': { keyless: 'names no key' },
};

function request(method: string, path: string, input?: Members): PlainRequest {
  const body = input === undefined ? '' : JSON.stringify(input);
  return { method, path: `${KEYS}${path}`, body };
}

interface MadeKey {
  readonly keyId: string;
  readonly versionId: string;
  readonly operationId: string;
}

async function makeKey(home: SendRequest): Promise<MadeKey> {
  const input = { folderId: FOLDER, defaultAlgorithm: 'AES_256' };
  const operation = await yandexCall(home, 'POST', '', input);
  const { keyId, primaryVersionId } = operation['metadata'] as Members;
  return {
    keyId: String(keyId),
    versionId: String(primaryVersionId),
    operationId: String(operation['id']),
  };
}

async function rotatedKey(home: SendRequest): Promise<MadeKey> {
  const key = await makeKey(home);
  await yandexCall(home, 'POST', `/${key.keyId}:rotate`);
  return key;
}

async function sealed(home: SendRequest): Promise<MadeKey & { readonly ciphertext: string }> {
  const key = await makeKey(home);
  const input = { plaintext: base64('secret') };
  const { ciphertext } = await yandexCall(home, 'POST', `/${key.keyId}:encrypt`, input);
  return { ...key, ciphertext: String(ciphertext) };
}

function onKey(method: string, rest: string, input?: Members): Probe {
  return async (home) => ({
    request: request(method, `/${(await makeKey(home)).keyId}${rest}`, input),
  });
}

function onVersion(verb: string): Probe {
  return async (home) => {
    const { keyId, versionId } = await rotatedKey(home);
    return { request: request('POST', `/${keyId}:${verb}`, { versionId }) };
  };
}
