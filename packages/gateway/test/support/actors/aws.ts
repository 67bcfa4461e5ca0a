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

const OAEP = 'RSAES_OAEP_SHA_256';
const LIMITS: { readonly [kind in Kind]?: number } = { symmetric: 4_096, rsa: 190 };

/** AWS KMS or QKMS, unsigned or signed with any secret. */
export function awsActor(send: SendRequest, dialect: 'aws' | 'qkms', place: Place = {}): Actor {
  const call = (operation: string, input: unknown) =>
    awsCall(send, dialect, place, operation, input);
  const end = (keyId: string, kind: Kind): ActorKey => ({
    kind,
    end: { dialect, keyId, ...(kind === 'rsa' ? { algorithm: OAEP } : {}) },
  });
  const inputOf = ({ kind, end: { keyId } }: ActorKey, context: unknown): Members => ({
    KeyId: keyId,
    ...(kind === 'rsa' ? { EncryptionAlgorithm: OAEP } : {}),
    ...(context === undefined ? {} : { EncryptionContext: context }),
  });
  const simple = (operation: string) => async (key: ActorKey) => {
    await call(operation, { KeyId: key.end.keyId });
  };
  return {
    dialect,
    kinds: ['symmetric', 'rsa'],
    contexts: (kind) => (kind === 'rsa' ? [undefined] : [undefined, { a: '1' }, HOSTILE_PAIRS]),
    limitOf: (kind) => LIMITS[kind] ?? 0,
    tooLarge: (kind) => ({
      code: 'ValidationException',
      message:
        kind === 'rsa'
          ? `Algorithm ${OAEP} and key spec RSA_2048 cannot encrypt data larger than 190 bytes.`
          : "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length less than or equal to 4096",
    }),
    async makeKey(kind) {
      const spec = kind === 'rsa' ? { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' } : {};
      const { KeyMetadata } = await call('CreateKey', spec);
      return end(String((KeyMetadata as Members)['KeyId']), kind);
    },
    symmetricKey: (keyId) => end(keyId, 'symmetric'),
    async encrypt(key, plaintext, context) {
      const input = { ...inputOf(key, context), Plaintext: base64(plaintext) };
      return String((await call('Encrypt', input))['CiphertextBlob']);
    },
    async decrypt(key, CiphertextBlob, context) {
      const opened = await call('Decrypt', { ...inputOf(key, context), CiphertextBlob });
      return Buffer.from(String(opened['Plaintext']), 'base64');
    },
    rotate: simple('RotateKeyOnDemand'),
    disable: simple('DisableKey'),
    enable: simple('EnableKey'),
    async remove({ end: { keyId } }) {
      await call('ScheduleKeyDeletion', { KeyId: keyId, PendingWindowInDays: 7 });
      return 7;
    },
  };
}

/** Members of an answer. @throws RefusedError */
export async function awsCall(
  send: SendRequest,
  dialect: 'aws' | 'qkms',
  place: Place,
  operation: string,
  input: unknown,
): Promise<Members> {
  const answer = await send({
    path: `/${dialect}/`,
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `TrentService.${operation}`,
      ...awsHeaders(place),
    },
    body: JSON.stringify(input),
  });
  const members: Members = answer.text === '' ? {} : JSON.parse(answer.text);
  if (answer.status === 200) return members;
  // The service spells the member one way or the other.
  const message = members['message'] ?? members['Message'];
  throw new RefusedError(answer.status, { code: members['__type'], message });
}

/** Account and region come from the credential scope; nobody has registered the access key. */
export function awsHeaders({ account, region }: Place): Record<string, string> {
  if (account === undefined && region === undefined) return {};
  const scope = `${account ?? 'test'}/20231114/${region ?? 'us-east-1'}/kms/aws4_request`;
  const signed = `SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`;
  return {
    'x-amz-date': '20231114T221320Z',
    authorization: `AWS4-HMAC-SHA256 Credential=${scope}, ${signed}`,
  };
}
