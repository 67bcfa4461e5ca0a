import { type Gateway, startGateway } from '@keyglot/gateway';

/** Ciphertexts as the gateway makes them, each of a plaintext of so many bytes. */
export interface Ciphertexts {
  aws(bytes: number): Promise<string>;
  awsRsa(bytes: number): Promise<string>;
  qkms(bytes: number): Promise<string>;
  alibaba(bytes: number): Promise<string>;
  yandex(bytes: number): Promise<string>;
  ncp(bytes: number): Promise<string>;
  ncpRsa(bytes: number): Promise<string>;
  /** Ids that the providers' own operations name for the keys or versions of these ciphertexts. */
  readonly ids: { readonly alibaba: string; readonly yandex: string };
  close(): Promise<void>;
}

type Json = Readonly<Record<string, unknown>>;

/** A gateway with one key for each kind of ciphertext. */
export async function createCiphertexts(): Promise<Ciphertexts> {
  const gateway = await startGateway({
    port: 0,
    host: '127.0.0.1',
    store: { kind: 'memory' },
    dataFolder: undefined,
    auth: 'open',
    rootKey: undefined,
    account: '000000000000',
    region: 'us-east-1',
    logLevel: 'error',
    allowOpen: false,
  });
  try {
    return await withKeys(gateway);
  } catch (error) {
    await gateway.close();
    throw error;
  }
}

async function withKeys(gateway: Gateway): Promise<Ciphertexts> {
  const post = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${gateway.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
    // Every answer is an object; a member that is not there reads as undefined.
    return JSON.parse(text) as Json;
  };

  const json11 = (mount: string, operation: string, body: unknown) =>
    post(`/${mount}/`, body, {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `TrentService.${operation}`,
    });
  const json11Key = async (mount: string, input: Json = {}) =>
    member(await json11(mount, 'CreateKey', input), 'KeyMetadata', 'KeyId');
  const awsKey = await json11Key('aws');
  const awsRsaKey = await json11Key('aws', { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' });
  const qkmsKey = await json11Key('qkms');
  const json11Encrypt = async (mount: string, input: Json, bytes: number) =>
    member(
      await json11(mount, 'Encrypt', { ...input, Plaintext: plaintext(bytes) }),
      'CiphertextBlob',
    );

  const rpc = (action: string, parameters: Record<string, string>) =>
    post(
      `/alibaba/?${new URLSearchParams({ Action: action, Version: '2016-01-20', ...parameters })}`,
      '',
    );
  const alibabaKey = (await rpc('CreateKey', {}))['KeyMetadata'];

  const bearer = { authorization: 'Bearer any' };
  const operation = await post(
    '/yandex/kms/v1/keys',
    { folderId: 'b1gfolder', name: 'one', defaultAlgorithm: 'AES_256' },
    bearer,
  );
  const yandexKey = member(operation, 'response', 'id');

  const ncpHeaders = { 'x-ncp-request': '1' };
  const ncpKey = async (keyType: string) => {
    const input = { keyName: keyType, keyType, isAutoRotation: false, protectionType: 'BASIC' };
    return member(await post('/ncp/kms/v1/keys', input, ncpHeaders), 'data', 'keyTag');
  };
  const ncpEncrypt = async (tag: string, bytes: number) =>
    member(
      await post(`/ncp/kms/v1/keys/${tag}/encrypt`, { plaintext: plaintext(bytes) }, ncpHeaders),
      'data',
      'ciphertext',
    );
  const [aesTag, rsaTag] = [await ncpKey('AES256'), await ncpKey('RSA2048')];

  const rsa = { KeyId: awsRsaKey, EncryptionAlgorithm: 'RSAES_OAEP_SHA_256' };
  return {
    aws: (bytes) => json11Encrypt('aws', { KeyId: awsKey }, bytes),
    awsRsa: (bytes) => json11Encrypt('aws', rsa, bytes),
    qkms: (bytes) => json11Encrypt('qkms', { KeyId: qkmsKey }, bytes),
    alibaba: async (bytes) =>
      member(
        await rpc('Encrypt', {
          KeyId: member({ alibabaKey }, 'alibabaKey', 'KeyId'),
          Plaintext: 'p'.repeat(bytes),
        }),
        'CiphertextBlob',
      ),
    yandex: async (bytes) =>
      member(
        await post(
          `/yandex/kms/v1/keys/${yandexKey}:encrypt`,
          { plaintext: plaintext(bytes) },
          bearer,
        ),
        'ciphertext',
      ),
    ncp: (bytes) => ncpEncrypt(aesTag, bytes),
    ncpRsa: (bytes) => ncpEncrypt(rsaTag, bytes),
    ids: {
      alibaba: member({ alibabaKey }, 'alibabaKey', 'PrimaryKeyVersion'),
      yandex: member(operation, 'metadata', 'primaryVersionId'),
    },
    close: () => gateway.close(),
  };
}

function plaintext(bytes: number): string {
  return Buffer.alloc(bytes, 0x70).toString('base64');
}

/** A text somewhere in an answer. */
function member(answer: Json, ...path: readonly string[]): string {
  let value: unknown = answer;
  for (const name of path) {
    value =
      value instanceof Object && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
  }
  if (typeof value !== 'string') throw new Error(`the answer has no ${path.join('.')}`);
  return value;
}
