import sdk from '@yandex-cloud/nodejs-sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startYandexGateway, type YandexGateway } from '../support/yandexGateway.js';

const { cloudApi, decodeMessage, serviceClients, Session, waitForOperation } = sdk;
const {
  symmetric_crypto_service: crypto,
  symmetric_key: keyMessages,
  symmetric_key_service: keys,
} = cloudApi.kms;

const ALGORITHM = keyMessages.SymmetricAlgorithm;

/** The official client over TLS, changed in nothing but its endpoint and the certificate it trusts. */
describe('the official Node SDK', () => {
  let gateway: YandexGateway;
  let endpoint = '';
  let session: InstanceType<typeof Session>;
  let crypt: ReturnType<typeof cryptoClient>;
  let control: ReturnType<typeof keyClient>;

  const cryptoClient = () => session.client(serviceClients.SymmetricCryptoServiceClient, endpoint);
  const keyClient = () => session.client(serviceClients.SymmetricKeyServiceClient, endpoint);

  beforeAll(async () => {
    gateway = await startYandexGateway({}, true);
    const ca = await gateway.send({ method: 'GET', path: '/_keyglot/ca.pem' });
    endpoint = `localhost:${gateway.gateway.port}`;
    session = new Session({ iamToken: 'any', ssl: { rootCerts: Buffer.from(ca.text) } });
    crypt = cryptoClient();
    control = keyClient();
  });
  afterAll(() => gateway.close());

  async function makeKey(more: object = {}): Promise<string> {
    const operation = await control.create(
      keys.CreateSymmetricKeyRequest.fromPartial({
        folderId: 'b1gsdk',
        defaultAlgorithm: ALGORITHM.AES_256,
        ...more,
      }),
    );
    const done = await waitForOperation(operation, session, 5_000, endpoint);
    if (done.response === undefined) throw new Error('the operation has no response');
    return decodeMessage<ReturnType<typeof keyMessages.SymmetricKey.fromPartial>>(done.response).id;
  }

  test('creates a key and waits for its operation', async () => {
    const keyId = await makeKey({ name: 'sdk', labels: { a: 'b' } });
    const key = await control.get(keys.GetSymmetricKeyRequest.fromPartial({ keyId }));
    expect(key).toMatchObject({
      id: keyId,
      folderId: 'b1gsdk',
      name: 'sdk',
      labels: { a: 'b' },
      status: keyMessages.SymmetricKey_Status.ACTIVE,
      defaultAlgorithm: ALGORITHM.AES_256,
      createdAt: new Date(gateway.clock.nowMs),
      primaryVersion: { keyId, primary: true },
    });
    const listed = await control.list(
      keys.ListSymmetricKeysRequest.fromPartial({ folderId: 'b1gsdk', pageSize: 10 }),
    );
    expect(listed.keys.map(({ id }) => id)).toContain(keyId);
  });

  test('encrypts, rotates, re-encrypts, decrypts', async () => {
    const keyId = await makeKey();
    const plaintext = Buffer.from('secret');
    const aadContext = Buffer.from('aad');
    const sealed = await crypt.encrypt(
      crypto.SymmetricEncryptRequest.fromPartial({ keyId, plaintext, aadContext }),
    );
    expect(sealed.ciphertext).toHaveLength(plaintext.length + 80);
    await control.rotate(keys.RotateSymmetricKeyRequest.fromPartial({ keyId }));
    const moved = await crypt.reEncrypt(
      crypto.SymmetricReEncryptRequest.fromPartial({
        keyId,
        sourceKeyId: keyId,
        sourceAadContext: aadContext,
        ciphertext: sealed.ciphertext,
      }),
    );
    expect(moved).toMatchObject({ keyId, sourceKeyId: keyId, sourceVersionId: sealed.versionId });
    expect(moved.versionId).not.toBe(sealed.versionId);
    const { ciphertext } = moved;
    const opened = await crypt.decrypt(
      crypto.SymmetricDecryptRequest.fromPartial({ keyId, ciphertext }),
    );
    expect(Buffer.from(opened.plaintext)).toEqual(plaintext);
  });

  test('makes data keys', async () => {
    const keyId = await makeKey();
    const made = await crypt.generateDataKey(
      crypto.GenerateDataKeyRequest.fromPartial({ keyId, dataKeySpec: ALGORITHM.AES_192 }),
    );
    expect(made.dataKeyPlaintext).toHaveLength(24);
    expect(made.dataKeyCiphertext).toHaveLength(24 + 80);
  });

  test('shows refusals with code and text', async () => {
    const request = crypto.SymmetricDecryptRequest.fromPartial({
      keyId: 'abj00000000000000000',
      ciphertext: Buffer.from('x'),
    });
    await expect(crypt.decrypt(request)).rejects.toMatchObject({
      code: 5,
      details: 'Symmetric key abj00000000000000000 not found',
    });
  });
});
