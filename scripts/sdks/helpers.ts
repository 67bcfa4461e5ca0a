import {
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  publicEncrypt,
  verify,
} from 'node:crypto';
import type { Members, Tree } from './protocol.js';

/** What scenarios do with local means, by name. Keys are DER, signatures of ECDSA too. */
export const HELPERS: Readonly<Record<string, (input: Members) => Members>> = {
  parseJson: ({ text }) => ({ value: JSON.parse(String(text)) as Tree }),
  /** In whole seconds, which every client keeps. */
  timeAhead: ({ days }) => ({
    time: { $time: Math.floor(Date.now() / 1_000) + Number(days) * 86_400 },
  }),
  sha256: ({ data }) => ({ digest: blobOf(createHash('sha256').update(bytesOf(data)).digest()) }),
  verifySha256: ({ publicKey, message, signature }) => ({
    valid: verify('sha256', bytesOf(message), keyOf(publicKey), bytesOf(signature)),
  }),
  verifyEd25519: ({ publicKey, message, signature }) => ({
    valid: verify(null, bytesOf(message), keyOf(publicKey), bytesOf(signature)),
  }),
  /** The public key that belongs to a private one in PKCS #8. */
  publicKeyOf: ({ privateKey }) => ({
    publicKey: blobOf(
      createPublicKey(
        createPrivateKey({ key: bytesOf(privateKey), format: 'der', type: 'pkcs8' }),
      ).export({ format: 'der', type: 'spki' }),
    ),
  }),
  /** A new key pair on the curve, and the secret that it shares with the other's public key. */
  agreeOnP256: ({ publicKey }) => {
    const own = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const secret = diffieHellman({ privateKey: own.privateKey, publicKey: keyOf(publicKey) });
    const ownPublic = own.publicKey.export({ format: 'der', type: 'spki' });
    return { publicKey: blobOf(ownPublic), secret: blobOf(secret) };
  },
  rsaOaepSha256: ({ publicKey, plaintext }) => ({
    ciphertext: blobOf(
      publicEncrypt(
        { key: keyOf(publicKey), padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' },
        bytesOf(plaintext),
      ),
    ),
  }),
};

function keyOf(value: Tree | undefined): ReturnType<typeof createPublicKey> {
  return createPublicKey({ key: bytesOf(value), format: 'der', type: 'spki' });
}

function blobOf(bytes: Buffer): Tree {
  return { $blob: bytes.toString('base64') };
}

function bytesOf(value: Tree | undefined): Buffer {
  if (typeof value === 'object' && value !== null && '$blob' in value) {
    return Buffer.from(String(value['$blob']), 'base64');
  }
  throw new Error(`bytes are needed, not ${JSON.stringify(value)}`);
}
