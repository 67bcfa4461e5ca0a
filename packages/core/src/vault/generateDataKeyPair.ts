import { fault } from '../faults.js';
import type { Context } from '../model/context.js';
import type { EnvelopeLayout } from '../model/envelope.js';
import type { Secret } from '../secret.js';
import { generateMaterial } from '../suites/generate.js';
import type { KeySpecId } from '../suites/keySpecs.js';
import { prepareMaterial } from '../suites/prepare.js';
import { encrypt } from './encrypt.js';
import type { LoadedKey } from './loadedKey.js';
import type { Vault } from './vault.js';

/** A fresh pair for use outside, with its private half in clear and sealed. @public */
export interface DataKeyPair {
  /** PKCS#8 DER. */
  readonly privateKey: Secret;
  /** SubjectPublicKeyInfo DER. */
  readonly publicDer: Buffer;
  readonly blob: Buffer;
}

/**
 * Makes a pair and seals its private half under a symmetric key.
 *
 * @param spec - of an asymmetric kind
 * @throws KmsFault Internal when the spec is symmetric, or OpenSSL refuses
 * @public
 */
export async function generateDataKeyPair(
  vault: Vault,
  key: LoadedKey,
  layout: EnvelopeLayout,
  context: Context,
  spec: KeySpecId,
): Promise<DataKeyPair> {
  const privateKey = await generateMaterial(spec, vault.entropy);
  const { publicDer } = prepareMaterial(spec, privateKey);
  if (publicDer === undefined) throw fault('Internal', { what: `a pair of ${spec}` });
  return { privateKey, publicDer, blob: encrypt(vault, key, layout, context, privateKey.expose()) };
}
