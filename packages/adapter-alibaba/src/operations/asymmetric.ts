import { fault, type KeyVersion, type LoadedKey, type PreparedMaterial } from '@keyglot/core';
import { decodeBase64Strict } from '@keyglot/dialect';
import type { AlibabaCall, AlibabaOperation, Output } from '../call.js';
import { algorithm, asymmetric, asymmetricFor, requireAlgorithm, state } from '../checks.js';
import type {
  AsymmetricDecryptRequest,
  AsymmetricEncryptRequest,
  AsymmetricSignRequest,
  AsymmetricVerifyRequest,
  GetPublicKeyRequest,
} from '../generated/inputs.js';
import { onKey, requireVersion, resolveKey } from '../resolve.js';
import { USE } from '../states.js';
import { bytesOf, documentedOperation } from './shared.js';

/** A key and the version that every asymmetric call must name. */
interface KeyAndVersion {
  readonly key: LoadedKey;
  readonly version: KeyVersion;
}

interface Named {
  readonly KeyId: string;
  readonly KeyVersionId: string;
}

const encryption = [asymmetricFor('ENCRYPT/DECRYPT'), state(USE), algorithm];
const signing = [asymmetricFor('SIGN/VERIFY'), state(USE), algorithm];

/** AsymmetricEncrypt: bytes in base64 on both sides, and no version id in the ciphertext. @internal */
export const asymmetricEncrypt: AlibabaOperation<AsymmetricEncryptRequest, KeyAndVersion> = {
  name: 'AsymmetricEncrypt',
  evidence: documentedOperation('AsymmetricEncrypt'),
  resolve,
  actions: onKey,
  checks: encryption,
  async handle(input, resolved, call) {
    const suite = call.vault.suites.encryptionSuite(suiteOf(input.Algorithm, resolved));
    const plaintext = bytesOf('Plaintext', input.Plaintext);
    const blob = await suite.encrypt(materialOf(resolved), plaintext);
    return { ...idsOf(resolved), CiphertextBlob: blob.toString('base64') };
  },
};

/** AsymmetricDecrypt. @internal */
export const asymmetricDecrypt: AlibabaOperation<AsymmetricDecryptRequest, KeyAndVersion> = {
  name: 'AsymmetricDecrypt',
  evidence: documentedOperation('AsymmetricDecrypt'),
  resolve,
  actions: onKey,
  checks: encryption,
  async handle(input, resolved, call) {
    const suite = call.vault.suites.encryptionSuite(suiteOf(input.Algorithm, resolved));
    const ciphertext = decodeBase64Strict(input.CiphertextBlob);
    if (ciphertext === undefined) throw fault('CiphertextInvalid', {});
    const plaintext = await suite.decrypt(materialOf(resolved), ciphertext);
    return { ...idsOf(resolved), Plaintext: plaintext.toString('base64') };
  },
};

/** AsymmetricSign: takes a digest only. @internal */
export const asymmetricSign: AlibabaOperation<AsymmetricSignRequest, KeyAndVersion> = {
  name: 'AsymmetricSign',
  evidence: documentedOperation('AsymmetricSign'),
  resolve,
  actions: onKey,
  checks: signing,
  async handle(input, resolved, call) {
    const suite = call.vault.suites.digestSignatureSuite(suiteOf(input.Algorithm, resolved));
    const digest = bytesOf('Digest', input.Digest);
    const value = await suite.signDigest(materialOf(resolved), digest);
    return { ...idsOf(resolved), Value: value.toString('base64') };
  },
};

/** AsymmetricVerify: a signature that does not fit is an answer, not an error. @internal */
export const asymmetricVerify: AlibabaOperation<AsymmetricVerifyRequest, KeyAndVersion> = {
  name: 'AsymmetricVerify',
  evidence: documentedOperation('AsymmetricVerify'),
  resolve,
  actions: onKey,
  checks: signing,
  async handle(input, resolved, call) {
    const suite = call.vault.suites.digestSignatureSuite(suiteOf(input.Algorithm, resolved));
    const digest = bytesOf('Digest', input.Digest);
    const value = bytesOf('Value', input.Value);
    const valid = await suite.verifyDigest(materialOf(resolved), digest, value);
    return { ...idsOf(resolved), Value: valid };
  },
};

/** GetPublicKey: PEM. @internal */
export const getPublicKey: AlibabaOperation<GetPublicKeyRequest, KeyAndVersion> = {
  name: 'GetPublicKey',
  evidence: documentedOperation('GetPublicKey'),
  resolve,
  actions: onKey,
  checks: [asymmetric, state(USE)],
  handle(_input, resolved): Output {
    const { publicDer } = materialOf(resolved);
    if (publicDer === undefined) throw fault('Internal', { what: 'a pair without public key' });
    return { ...idsOf(resolved), PublicKey: pem(publicDer) };
  },
};

function resolve(input: Named, call: AlibabaCall): KeyAndVersion {
  return requireVersion(call, resolveKey(call, input.KeyId, 'any'), input.KeyVersionId);
}

function suiteOf(name: string, { key }: KeyAndVersion): string {
  return requireAlgorithm(key.record, name);
}

function materialOf({ key, version }: KeyAndVersion): PreparedMaterial {
  const loaded = key.byWireId(version.wireId);
  if (loaded === undefined) throw fault('Internal', { what: 'a version without material' });
  return loaded.prepared();
}

function idsOf({ key, version }: KeyAndVersion): Named {
  return { KeyId: key.record.wireId, KeyVersionId: version.wireId };
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN PUBLIC KEY-----\n${lines.join('\n')}\n-----END PUBLIC KEY-----\n`;
}
