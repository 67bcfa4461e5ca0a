import { fault } from '../faults.js';
import type { Context } from '../model/context.js';
import type { EnvelopeLayout } from '../model/envelope.js';
import { Secret } from '../secret.js';
import { withCurveName } from '../suites/curveName.js';
import { generateMaterial } from '../suites/generate.js';
import { KEY_SPECS, type KeySpecId } from '../suites/keySpecs.js';
import { prepareMaterial } from '../suites/prepare.js';
import { encrypt } from './encrypt.js';
import type { LoadedKey } from './loadedKey.js';
import type { Vault } from './vault.js';

/** A fresh pair for use outside, with its private half in clear and sealed. @public */
export interface DataKeyPair {
  /** PKCS#8 DER; on a NIST or SECG curve it names the curve twice. */
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
  const material = await generateMaterial(spec, vault.entropy);
  const { publicDer } = prepareMaterial(spec, material);
  const privateKey = KEY_SPECS[spec].family === 'ec' ? namingCurve(material) : material;
  if (publicDer === undefined) throw fault('Internal', { what: `a pair of ${spec}` });
  return { privateKey, publicDer, blob: encrypt(vault, key, layout, context, privateKey.expose()) };
}

/** As AWS does it: https://github.com/radkawar/stackd/blob/9dc356f/testdata/aws/kms/ecc.json, by its sizes. */
function namingCurve(material: Secret): Secret {
  const der = withCurveName(material.expose());
  if (der === undefined) throw fault('Internal', { what: 'an EC key of another form' });
  const secret = new Secret(der);
  der.fill(0);
  return secret;
}
