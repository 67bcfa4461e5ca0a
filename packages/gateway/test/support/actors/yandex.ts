import {
  type Actor,
  type ActorKey,
  base64,
  hostileBytes,
  type Place,
  RefusedError,
  type SendRequest,
} from './actor.js';

type Members = Readonly<Record<string, unknown>>;

const FOLDER = 'b1gactor000000000000';

/** Yandex Cloud KMS over REST. */
export function yandexActor(send: SendRequest, { account = FOLDER }: Place = {}): Actor {
  const call = (verb: string, path: string, input?: unknown) => yandexCall(send, verb, path, input);
  const end = (keyId: string): ActorKey => ({
    kind: 'symmetric',
    end: { dialect: 'yandex', keyId },
  });
  const aad = (context: unknown): Members => (context === undefined ? {} : { aadContext: context });
  const status = (wanted: string) => async (key: ActorKey) => {
    await call('PATCH', `/${key.end.keyId}`, { updateMask: 'status', status: wanted });
  };
  return {
    dialect: 'yandex',
    kinds: ['symmetric'],
    contexts: () => [undefined, base64('one'), hostileBytes(8_192)],
    limitOf: () => 32_768,
    tooLarge: () => ({
      code: 'INVALID_ARGUMENT',
      message: 'Validation failed:\n  - plaintext: Field length must be <=32768',
    }),
    async makeKey() {
      const made = await call('POST', '', { folderId: account, defaultAlgorithm: 'AES_256' });
      return end(String((made['metadata'] as Members)['keyId']));
    },
    symmetricKey: end,
    async encrypt(key, plaintext, context) {
      const input = { plaintext: base64(plaintext), ...aad(context) };
      return String((await call('POST', `/${key.end.keyId}:encrypt`, input))['ciphertext']);
    },
    async decrypt(key, ciphertext, context) {
      const input = { ciphertext, ...aad(context) };
      const opened = await call('POST', `/${key.end.keyId}:decrypt`, input);
      return Buffer.from(String(opened['plaintext']), 'base64');
    },
    async rotate({ end: { keyId } }) {
      await call('POST', `/${keyId}:rotate`);
    },
    disable: status('INACTIVE'),
    enable: status('ACTIVE'),
    async remove({ end: { keyId } }) {
      await call('DELETE', `/${keyId}`);
      return 0;
    },
  };
}

/** Members of an answer; `path` begins behind `/kms/v1/keys`. @throws RefusedError */
export async function yandexCall(
  send: SendRequest,
  method: string,
  path: string,
  input?: unknown,
): Promise<Members> {
  const answer = await send({
    method,
    path: `/yandex/kms/v1/keys${path}`,
    body: input === undefined ? '' : JSON.stringify(input),
  });
  const members: Members = JSON.parse(answer.text);
  if (answer.status === 200) return members;
  const numbers: { readonly [number: string]: string } = {
    3: 'INVALID_ARGUMENT',
    5: 'NOT_FOUND',
    9: 'FAILED_PRECONDITION',
  };
  const code = numbers[String(members['code'])] ?? members['code'];
  throw new RefusedError(answer.status, { code, message: members['message'] });
}
