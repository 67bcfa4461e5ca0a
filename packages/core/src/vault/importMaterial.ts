import type { KeyRecord, KeyVersion, MaterialRecord } from '../model/key.js';
import { Secret } from '../secret.js';
import { generateMaterial } from '../suites/generate.js';
import type { KeySpecId } from '../suites/keySpecs.js';
import { unwrapRsaAes } from '../suites/keyWrap.js';
import { prepareMaterial } from '../suites/prepare.js';
import { readMaterial } from '../suites/readMaterial.js';
import { locatorOf, type MadeVersion } from './createKey.js';
import { fingerprint, materialBinding } from './loadedKey.js';
import type { Vault } from './vault.js';

/** How clients wrap material: by RSAES-OAEP or SM2 alone, or an AES key by RSAES-OAEP and the rest by AES. @public */
export interface WrappingScheme {
  /** Id of the suite that opens what was encrypted to the wrapping key. */
  readonly suite: string;
  /** Whether that is an AES key, and the material is behind it (PKCS#11 CKM_RSA_AES_KEY_WRAP). */
  readonly hybrid: boolean;
}

/** A pair for wrapping. @public */
export interface WrappingKey {
  /** DER SubjectPublicKeyInfo. */
  readonly publicDer: Buffer;
  /** PKCS#8 DER. */
  readonly secret: Secret;
}

/** Makes a pair under which clients wrap material for us. @public */
export async function createWrappingKey(vault: Vault, spec: KeySpecId): Promise<WrappingKey> {
  const secret = await generateMaterial(spec, vault.entropy);
  const { publicDer = Buffer.alloc(0) } = prepareMaterial(spec, secret);
  return { publicDer, secret };
}

/**
 * Opens wrapped material.
 *
 * @param spec - spec of the wrapping pair
 * @throws KmsFault CiphertextInvalid, whatever is wrong
 * @public
 */
export async function unwrapMaterial(
  vault: Vault,
  { suite: id, hybrid }: WrappingScheme,
  spec: KeySpecId,
  secret: Secret,
  wrapped: Buffer,
): Promise<Secret> {
  const suite = vault.suites.encryptionSuite(id);
  const wrapping = prepareMaterial(spec, secret);
  const opened = hybrid
    ? await unwrapRsaAes(suite, wrapping, wrapped)
    : await suite.decrypt(wrapping, wrapped);
  const material = new Secret(opened);
  opened.fill(0);
  return material;
}

/** Material from outside that may become a version of one key. @public */
export interface ImportableMaterial {
  /** Identifies the material under its key, and gives nothing away: 32 bytes. */
  readonly fingerprint: Buffer;
  /** The wrapped material as a record of its own. */
  record(): MaterialRecord;
  /** As a new version of the key. */
  version(wireId: string, number: number, attributes: KeyVersion['attributes']): MadeVersion;
}

/**
 * Reads material for a key. It is used exactly as it was given.
 *
 * @param nowMs virtual time, milliseconds since 1970
 * @returns undefined when it is not what the key's spec wants
 * @public
 */
export async function readImport(
  vault: Vault,
  key: Pick<KeyRecord, 'sandbox' | 'id' | 'realm' | 'wireId' | 'spec'>,
  material: Secret,
  nowMs: number,
): Promise<ImportableMaterial | undefined> {
  const found = await readMaterial(key.spec, material.expose());
  if (found === undefined) return undefined;
  const { sandbox, spec } = key;
  const record = (): MaterialRecord => {
    const made = { sandbox, id: vault.entropy.uuid(), spec };
    const wrapped = vault.rootKey.wrap(found.secret, materialBinding(made));
    return { ...made, wrapped, rootKeyId: vault.rootKey.id };
  };
  return {
    fingerprint: fingerprint(key.wireId, found.identity),
    record,
    version(wireId, number, attributes) {
      const made = record();
      const id = vault.entropy.uuid();
      return {
        version: {
          id,
          number,
          wireId,
          state: 'enabled',
          createdAt: new Date(nowMs),
          materialId: made.id,
          attributes,
        },
        material: made,
        locators: [locatorOf(key, 'version', wireId, id)],
      };
    },
  };
}
