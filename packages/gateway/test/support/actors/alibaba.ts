import {
  type Actor,
  type ActorKey,
  base64,
  HOSTILE_PAIRS,
  type Kind,
  type Place,
  RefusedError,
  type SendRequest,
} from './actor.js';

type Members = Readonly<Record<string, unknown>>;
type Params = Readonly<Record<string, string>>;

const ALGORITHMS: { readonly [kind in Kind]?: string } = {
  rsa: 'RSAES_OAEP_SHA_256',
  sm2: 'SM2PKE',
};
const LIMITS: { readonly [kind in Kind]?: number } = { symmetric: 6_144, rsa: 190, sm2: 6_047 };
const SPECS: { readonly [kind in Kind]?: Params } = {
  symmetric: {},
  rsa: { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT/DECRYPT' },
  sm2: { KeySpec: 'EC_SM2', KeyUsage: 'ENCRYPT/DECRYPT' },
};

/** Alibaba Cloud KMS. Plaintexts of symmetric keys are texts. */
export function alibabaActor(send: SendRequest, place: Place = {}): Actor {
  const call = (action: string, params: Params) => alibabaCall(send, place, action, params);
  const named = ({ kind, end }: ActorKey): Params => ({
    KeyId: end.keyId,
    KeyVersionId: end.keyVersionId ?? '',
    Algorithm: ALGORITHMS[kind] ?? '',
  });
  const withContext = (context: unknown): Params =>
    context === undefined ? {} : { EncryptionContext: JSON.stringify(context) };
  const simple = (action: string) => async (key: ActorKey) => {
    await call(action, { KeyId: key.end.keyId });
  };
  return {
    dialect: 'alibaba',
    kinds: ['symmetric', 'rsa', 'sm2'],
    contexts: (kind) =>
      kind === 'symmetric' ? [undefined, { a: '1' }, HOSTILE_PAIRS] : [undefined],
    limitOf: (kind) => LIMITS[kind] ?? 0,
    tooLarge: () => ({
      code: 'InvalidParameter',
      message: 'The specified parameter Plaintext is not valid.',
    }),
    async makeKey(kind) {
      const { KeyMetadata } = await call('CreateKey', SPECS[kind] ?? {});
      const keyId = String((KeyMetadata as Members)['KeyId']);
      const algorithm = ALGORITHMS[kind];
      if (algorithm === undefined) return { kind, end: { dialect: 'alibaba', keyId } };
      const { KeyVersions } = await call('ListKeyVersions', { KeyId: keyId });
      const [version] = (KeyVersions as { KeyVersion: readonly Members[] }).KeyVersion;
      const keyVersionId = String(version?.['KeyVersionId']);
      return { kind, end: { dialect: 'alibaba', keyId, keyVersionId, algorithm } };
    },
    symmetricKey: (keyId) => ({ kind: 'symmetric', end: { dialect: 'alibaba', keyId } }),
    async encrypt(key, plaintext, context) {
      const made =
        key.kind === 'symmetric'
          ? await call('Encrypt', {
              KeyId: key.end.keyId,
              Plaintext: plaintext.toString('utf8'),
              ...withContext(context),
            })
          : await call('AsymmetricEncrypt', { ...named(key), Plaintext: base64(plaintext) });
      return String(made['CiphertextBlob']);
    },
    async decrypt(key, CiphertextBlob, context) {
      if (key.kind === 'symmetric') {
        const opened = await call('Decrypt', { CiphertextBlob, ...withContext(context) });
        return Buffer.from(String(opened['Plaintext']), 'utf8');
      }
      const opened = await call('AsymmetricDecrypt', { ...named(key), CiphertextBlob });
      return Buffer.from(String(opened['Plaintext']), 'base64');
    },
    rotate: simple('CreateKeyVersion'),
    disable: simple('DisableKey'),
    enable: simple('EnableKey'),
    async remove({ end: { keyId } }) {
      await call('ScheduleKeyDeletion', { KeyId: keyId, PendingWindowInDays: '7' });
      return 7;
    },
  };
}

/** Members of an answer. @throws RefusedError */
export async function alibabaCall(
  send: SendRequest,
  { region }: Place,
  action: string,
  params: Params,
): Promise<Members> {
  const answer = await send({
    path: '/alibaba/',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      // The region comes from the host name only.
      ...(region === undefined ? {} : { host: `kms.${region}.aliyuncs.com` }),
    },
    body: new URLSearchParams({ Action: action, Version: '2016-01-20', ...params }).toString(),
  });
  const members: Members = JSON.parse(answer.text);
  if (answer.status === 200) return members;
  throw new RefusedError(answer.status, { code: members['Code'], message: members['Message'] });
}
