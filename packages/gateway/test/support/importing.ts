import {
  constants,
  createCipheriv,
  createPublicKey,
  publicEncrypt,
  randomBytes,
} from 'node:crypto';
import {
  type AlgorithmSpec,
  GetParametersForImportCommand,
  type GetParametersForImportCommandOutput,
  ImportKeyMaterialCommand,
  type ImportKeyMaterialCommandInput,
  type ImportKeyMaterialCommandOutput,
  type KMSClient,
  type WrappingKeySpec,
} from '@aws-sdk/client-kms';
import { bytes } from './awsGateway.js';

/** How material is wrapped. */
export interface WrappingChoice {
  readonly WrappingAlgorithm: AlgorithmSpec;
  readonly WrappingKeySpec: WrappingKeySpec;
}

/** For keys of symmetric material. */
export const OAEP: WrappingChoice = {
  WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
  WrappingKeySpec: 'RSA_2048',
};

/** For private keys. */
export const HYBRID: WrappingChoice = {
  WrappingAlgorithm: 'RSA_AES_KEY_WRAP_SHA_256',
  WrappingKeySpec: 'RSA_2048',
};

export const STAYS = { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' } as const;

export type Parameters = GetParametersForImportCommandOutput;

export function parametersOf(
  client: KMSClient,
  KeyId: string,
  choice: WrappingChoice = OAEP,
): Promise<Parameters> {
  return client.send(new GetParametersForImportCommand({ KeyId, ...choice }));
}

/** Wraps as the documentation tells clients to. */
export function wrap(
  publicKey: Uint8Array | undefined,
  algorithm: AlgorithmSpec,
  material: Buffer,
): Buffer {
  const oaep = (content: Buffer): Buffer =>
    publicEncrypt(
      {
        key: createPublicKey({ key: bytes(publicKey), format: 'der', type: 'spki' }),
        padding: constants.RSA_PKCS1_OAEP_PADDING,
        oaepHash: algorithm.endsWith('_1') ? 'sha1' : 'sha256',
      },
      content,
    );
  if (!algorithm.startsWith('RSA_AES')) return oaep(material);
  const key = randomBytes(32);
  const cipher = createCipheriv('id-aes256-wrap-pad', key, Buffer.from('a65959a6', 'hex'));
  return Buffer.concat([oaep(key), cipher.update(material), cipher.final()]);
}

/** The members of a request that carry the material. */
export function carrying(
  { ImportToken, PublicKey }: Parameters,
  material: Buffer,
  { WrappingAlgorithm }: WrappingChoice = OAEP,
): Pick<ImportKeyMaterialCommandInput, 'ImportToken' | 'EncryptedKeyMaterial'> {
  return { ImportToken, EncryptedKeyMaterial: wrap(PublicKey, WrappingAlgorithm, material) };
}

/** Imports material, which does not expire unless `more` says so. */
export async function importMaterial(
  client: KMSClient,
  KeyId: string,
  material: Buffer,
  more: Partial<ImportKeyMaterialCommandInput> = STAYS,
  choice: WrappingChoice = OAEP,
): Promise<ImportKeyMaterialCommandOutput> {
  const parameters = await parametersOf(client, KeyId, choice);
  const carried = carrying(parameters, material, choice);
  return client.send(new ImportKeyMaterialCommand({ KeyId, ...carried, ...more }));
}
