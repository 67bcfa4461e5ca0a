import { createHmac } from 'node:crypto';
import type { Signer } from './sign.js';
import { signedRequest } from './sign.js';

/** What a key of some dialect is told to do, as whole HTTP/1.1 requests with real credentials. */
export interface Speaker {
  /** Members that register its credential. */
  readonly credential: Readonly<Record<string, string>>;
  createKey(name: string): Buffer;
  encrypt(keyId: string, plaintext: Buffer): Buffer;
  decrypt(keyId: string, ciphertext: string): Buffer;
  /** NAVER re-encrypts to the newest version of the same key. */
  reEncrypt(fromId: string, ciphertext: string, toId: string): Buffer;
  /** What the answers hold. */
  keyOf(body: Body): unknown;
  ciphertextOf(body: Body): unknown;
  plaintextOf(body: Body): Buffer;
}

/** Members of an answer in JSON. */
export type Body = Readonly<Record<string, unknown>>;

/** Dialects beside AWS. */
export const SPEAKERS = { qkms, alibaba, yandex, ncp } as const;

const ID = 'AKIDBENCH';
const SECRET = 'benchmarks/need/no/secret/that/is/secret';
const CONTEXT = { tenant: 'tenant-17' };
const base64 = (bytes: Buffer | string): string => Buffer.from(bytes).toString('base64');
const within = (body: Body, name: string): Body => Object(body[name]);

function qkms(host: string): Speaker {
  const signer: Signer = {
    accessKeyId: `${ID}QKMS`,
    secretAccessKey: SECRET,
    region: 'us-east-1',
    host,
  };
  const send = (operation: string, input: object): Buffer =>
    signedRequest(signer, operation, input, Date.now());
  return {
    credential: {
      dialect: 'qkms',
      accessKeyId: signer.accessKeyId,
      secretAccessKey: SECRET,
      account: '111122223333',
    },
    createKey: () => send('CreateKey', {}),
    encrypt: (KeyId, plaintext) =>
      send('Encrypt', { KeyId, Plaintext: base64(plaintext), EncryptionContext: CONTEXT }),
    decrypt: (_keyId, CiphertextBlob) =>
      send('Decrypt', { CiphertextBlob, EncryptionContext: CONTEXT }),
    reEncrypt: (_fromId, CiphertextBlob, DestinationKeyId) =>
      send('ReEncrypt', {
        CiphertextBlob,
        SourceEncryptionContext: CONTEXT,
        DestinationKeyId,
        DestinationEncryptionContext: CONTEXT,
      }),
    keyOf: (body) => within(body, 'KeyMetadata')['KeyId'],
    ciphertextOf: (body) => body['CiphertextBlob'],
    plaintextOf: (body) => Buffer.from(String(body['Plaintext']), 'base64'),
  };
}

/** Signature 1.0 in a form; without a nonce, because the requests of a run are sent again and again. */
function alibaba(host: string): Speaker {
  const context = JSON.stringify(CONTEXT);
  const send = (Action: string, given: Readonly<Record<string, string>>): Buffer => {
    const pairs = Object.entries({
      ...given,
      Action,
      Version: '2016-01-20',
      Format: 'JSON',
      AccessKeyId: ID,
      SignatureMethod: 'HMAC-SHA1',
      SignatureVersion: '1.0',
      Timestamp: `${new Date().toISOString().slice(0, 19)}Z`,
    });
    const canonical = pairs
      .map(([name, value]) => `${percent(name)}=${percent(value)}`)
      .sort()
      .join('&');
    const text = `POST&${percent('/')}&${percent(canonical)}`;
    const signature = createHmac('sha1', `${SECRET}&`).update(text).digest('base64');
    const body = `${canonical}&Signature=${percent(signature)}`;
    return request(host, '/', { 'content-type': 'application/x-www-form-urlencoded' }, body);
  };
  return {
    credential: { dialect: 'alibaba', accessKeyId: ID, accessKeySecret: SECRET },
    createKey: () => send('CreateKey', {}),
    encrypt: (KeyId, plaintext) =>
      send('Encrypt', { KeyId, Plaintext: base64(plaintext), EncryptionContext: context }),
    decrypt: (_keyId, CiphertextBlob) =>
      send('Decrypt', { CiphertextBlob, EncryptionContext: context }),
    reEncrypt: (_fromId, CiphertextBlob, DestinationKeyId) =>
      send('ReEncrypt', {
        CiphertextBlob,
        SourceEncryptionContext: context,
        DestinationKeyId,
        DestinationEncryptionContext: context,
      }),
    keyOf: (body) => within(body, 'KeyMetadata')['KeyId'],
    ciphertextOf: (body) => body['CiphertextBlob'],
    plaintextOf: (body) => Buffer.from(String(body['Plaintext']), 'base64'),
  };
}

/** REST with a registered token. */
function yandex(host: string): Speaker {
  const token = `t1.${'b'.repeat(64)}`;
  const aadContext = base64('tenant-17');
  const send = (path: string, input: object): Buffer =>
    json(host, `/kms/v1/keys${path}`, { authorization: `Bearer ${token}` }, input);
  return {
    credential: { dialect: 'yandex', token, serviceAccountId: 'ajebench' },
    createKey: () => send('', { folderId: 'b1gbench', defaultAlgorithm: 'AES_256' }),
    encrypt: (keyId, plaintext) =>
      send(`/${keyId}:encrypt`, { plaintext: base64(plaintext), aadContext }),
    decrypt: (keyId, ciphertext) => send(`/${keyId}:decrypt`, { ciphertext, aadContext }),
    reEncrypt: (sourceKeyId, ciphertext, keyId) =>
      send(`/${keyId}:reEncrypt`, {
        sourceKeyId,
        ciphertext,
        sourceAadContext: aadContext,
        aadContext,
      }),
    keyOf: (body) => within(body, 'metadata')['keyId'],
    ciphertextOf: (body) => body['ciphertext'],
    plaintextOf: (body) => Buffer.from(String(body['plaintext']), 'base64'),
  };
}

/** API 2.0 with signature v2. */
function ncp(host: string): Speaker {
  const send = (path: string, input: object): Buffer => {
    const target = `/kms/v1/keys${path}`;
    const timestamp = String(Date.now());
    const text = `POST ${target}\n${timestamp}\n${ID}`;
    const headers = {
      'x-ncp-apigw-timestamp': timestamp,
      'x-ncp-iam-access-key': ID,
      'x-ncp-apigw-signature-v2': createHmac('sha256', SECRET).update(text).digest('base64'),
    };
    return json(host, target, headers, input);
  };
  return {
    credential: { dialect: 'ncp', accessKey: ID, secretKey: SECRET },
    createKey: (name) =>
      send('', {
        keyName: name,
        keyType: 'AES256',
        isConvergent: false,
        isAutoRotation: false,
        protectionType: 'BASIC',
      }),
    encrypt: (keyId, plaintext) => send(`/${keyId}/encrypt`, { plaintext: base64(plaintext) }),
    decrypt: (keyId, ciphertext) => send(`/${keyId}/decrypt`, { ciphertext }),
    reEncrypt: (keyId, ciphertext) => send(`/${keyId}/reencrypt`, { ciphertext }),
    keyOf: (body) => within(body, 'data')['keyTag'],
    ciphertextOf: (body) => {
      const { ciphertext, newCiphertext } = within(body, 'data');
      return ciphertext ?? newCiphertext;
    },
    plaintextOf: (body) => Buffer.from(String(within(body, 'data')['plaintext']), 'base64'),
  };
}

function json(
  host: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  input: object,
): Buffer {
  const all = { 'content-type': 'application/json', ...headers };
  return request(host, path, all, JSON.stringify(input));
}

function request(
  host: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nhost: ${host}\r\n${lines.join('')}` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: keep-alive\r\n\r\n${body}`,
  );
}

function percent(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
