import { createPublicKey, type KeyObject } from 'node:crypto';
import type { Target } from './gateway.js';

/** The keys that requests are about, made by the gateway that is measured. */
export interface Material {
  readonly symmetric: readonly string[];
  readonly rsa: readonly SigningKey[];
  readonly elliptic: readonly SigningKey[];
}

/** An asymmetric key, with what verifies its signatures. */
export interface SigningKey {
  readonly id: string;
  readonly publicKey: KeyObject;
}

const SYMMETRIC_KEYS = 1_000;
const RSA_KEYS = 4;
const ELLIPTIC_KEYS = 16;

/** Makes the keys. */
export async function prepareMaterial(target: Target): Promise<Material> {
  const symmetric = await makeKeys(target, SYMMETRIC_KEYS, {});
  const signing = async (count: number, KeySpec: string): Promise<SigningKey[]> => {
    const ids = await makeKeys(target, count, { KeySpec, KeyUsage: 'SIGN_VERIFY' });
    const answers = await target.ask('GetPublicKey', ids.map(named));
    return answers.map((answer, index) => {
      const key = Buffer.from(String(answer['PublicKey']), 'base64');
      return {
        id: ids[index] ?? '',
        publicKey: createPublicKey({ key, format: 'der', type: 'spki' }),
      };
    });
  };
  const rsa = await signing(RSA_KEYS, 'RSA_2048');
  return { symmetric, rsa, elliptic: await signing(ELLIPTIC_KEYS, 'ECC_NIST_P256') };
}

/** Makes keys. @returns their ids */
export async function makeKeys(target: Target, count: number, input: object): Promise<string[]> {
  const answers = await target.ask('CreateKey', new Array<object>(count).fill(input));
  return answers.map((answer) => {
    const metadata: Record<string, unknown> = Object(answer['KeyMetadata']);
    return String(metadata['KeyId']);
  });
}

const named = (KeyId: string): object => ({ KeyId });
