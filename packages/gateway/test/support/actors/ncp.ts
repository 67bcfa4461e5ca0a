import {
  type Actor,
  type ActorKey,
  base64,
  hostileBytes,
  type Kind,
  type Place,
  RefusedError,
  type SendRequest,
} from './actor.js';

type Members = Readonly<Record<string, unknown>>;

const LIMITS: { readonly [kind in Kind]?: number } = {
  symmetric: 32_768,
  convergent: 32_768,
  rsa: 190,
};
const HOSTS: { readonly [region: string]: string } = { kr: 'ocapi-kr.ncloud.com' };

let serial = 0;

/** NAVER Cloud KMS, unsigned: then requests act for the owner of their key. */
export function ncpActor(send: SendRequest, place: Place = {}): Actor {
  const call = (method: string, path: string, input?: unknown) =>
    ncpCall(send, place, method, path, input);
  const end = (keyId: string, kind: Kind): ActorKey => ({ kind, end: { dialect: 'ncp', keyId } });
  const bound = (context: unknown): Members => (context === undefined ? {} : { context });
  const simple = (action: string) => async (key: ActorKey) => {
    await call('POST', `/${key.end.keyId}/${action}`);
  };
  return {
    dialect: 'ncp',
    kinds: ['symmetric', 'rsa', 'convergent'],
    contexts: (kind) => (kind === 'convergent' ? [base64('one'), hostileBytes(50)] : [undefined]),
    limitOf: (kind) => LIMITS[kind] ?? 0,
    tooLarge: () => ({ code: 'INVALID_REQUEST', message: 'Invalid request' }),
    async makeKey(kind) {
      serial += 1;
      const made = await call('POST', '', {
        keyName: `actor-${serial}`,
        keyType: kind === 'rsa' ? 'RSA2048' : 'AES256',
        isConvergent: kind === 'convergent',
        isAutoRotation: false,
        protectionType: 'BASIC',
      });
      return end(String(made['keyTag']), kind);
    },
    symmetricKey: (keyId) => end(keyId, 'symmetric'),
    async encrypt(key, plaintext, context) {
      const input = { plaintext: base64(plaintext), ...bound(context) };
      return String((await call('POST', `/${key.end.keyId}/encrypt`, input))['ciphertext']);
    },
    async decrypt(key, ciphertext, context) {
      const input = { ciphertext, ...bound(context) };
      const opened = await call('POST', `/${key.end.keyId}/decrypt`, input);
      return Buffer.from(String(opened['plaintext']), 'base64');
    },
    rotate: simple('rotate'),
    disable: simple('disable'),
    enable: simple('enable'),
    async remove(key) {
      await simple('request-deletion')(key);
      await call('DELETE', `/${key.end.keyId}`);
      return 0;
    },
  };
}

/** `data` of an answer; `path` begins behind `/kms/v1/keys`. @throws RefusedError */
export async function ncpCall(
  send: SendRequest,
  { region }: Place,
  method: string,
  path: string,
  input?: unknown,
): Promise<Members> {
  const host = region === undefined ? undefined : HOSTS[region];
  const answer = await send({
    method,
    path: `/ncp/kms/v1/keys${path}`,
    headers: host === undefined ? {} : { host },
    body: input === undefined ? '' : JSON.stringify(input),
  });
  const { code, msg, data, error } = JSON.parse(answer.text);
  if (answer.status === 200) return data ?? {};
  const refused = error
    ? { code: error.errorCode, message: error.message }
    : { code, message: msg };
  throw new RefusedError(answer.status, refused);
}
