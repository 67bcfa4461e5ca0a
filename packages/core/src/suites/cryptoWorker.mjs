// Does what takes milliseconds and has no asynchronous form. The first task of a curve builds tables
// for up to 70 ms, a P-521 verification takes 7 ms, a private operation of RSA-4096 3 ms, a shared secret
// of P-521 2 ms. Plain
// JavaScript, so that sources and the built program start the same file; cryptoThread.ts has the
// types of the messages.

import { constants, createPublicKey, diffieHellman, privateEncrypt } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import { ed25519ph } from '@noble/curves/ed25519.js';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';

const CURVES = new Map([
  ['ec-p256', p256],
  ['ec-p384', p384],
  ['ec-p521', p521],
  ['ec-secp256k1', secp256k1],
]);

/** Loading the library takes longer than starting the thread, which others wait for too. */
async function latticeOf(spec) {
  const library = spec.startsWith('ml-dsa')
    ? await import('@noble/post-quantum/ml-dsa.js')
    : await import('@noble/post-quantum/ml-kem.js');
  // `ml-dsa-44` is `ml_dsa44` there.
  return library[spec.replace('-', '_').replace('-', '')];
}

// A signature with a high s is as good as its twin: node:crypto makes and accepts both.
const OPTIONS = { prehash: false, lowS: false, format: 'der' };

const ACTIONS = {
  signEcdsa({ curve, digest, secretKey, extraEntropy }) {
    try {
      return CURVES.get(curve).sign(digest, secretKey, { ...OPTIONS, extraEntropy });
    } finally {
      secretKey.fill(0);
    }
  },
  verifyEcdsa({ curve, digest, publicPoint, signature }) {
    try {
      return CURVES.get(curve).verify(signature, digest, publicPoint, OPTIONS);
    } catch {
      // A signature longer than any of its curve is the one kind that is thrown.
      return false;
    }
  },
  signEd25519ph({ message, secretKey }) {
    try {
      return ed25519ph.sign(message, secretKey);
    } finally {
      secretKey.fill(0);
    }
  },
  verifyEd25519ph({ message, publicKey, signature }) {
    try {
      return ed25519ph.verify(signature, message, publicKey, { zip215: false });
    } catch {
      // A signature of another length is thrown.
      return false;
    }
  },
  async signMlDsa({ spec, message, isMu, secretKey, extraEntropy }) {
    const dsa = await latticeOf(spec);
    try {
      return isMu
        ? dsa.internal.sign(message, secretKey, { extraEntropy, externalMu: true })
        : dsa.sign(message, secretKey, { extraEntropy });
    } finally {
      secretKey.fill(0);
    }
  },
  async verifyMlDsa({ spec, message, isMu, publicKey, signature }) {
    const dsa = await latticeOf(spec);
    // Another length is thrown, unlike any other slip.
    if (signature.length !== dsa.lengths.signature) return false;
    return isMu
      ? dsa.internal.verify(signature, message, publicKey, { externalMu: true })
      : dsa.verify(signature, message, publicKey);
  },
  async encapsulateMlKem({ spec, publicKey, secretKey }) {
    const { sharedSecret, cipherText } = (await latticeOf(spec)).encapsulate(publicKey, secretKey);
    const both = new Uint8Array(sharedSecret.length + cipherText.length);
    both.set(sharedSecret);
    both.set(cipherText, sharedSecret.length);
    return both;
  },
  async decapsulateMlKem({ spec, ciphertext, secretKey }) {
    try {
      return (await latticeOf(spec)).decapsulate(ciphertext, secretKey);
    } finally {
      secretKey.fill(0);
    }
  },
  ecdh({ key, peer }) {
    const publicKey = pointOf(peer, key.asymmetricKeyDetails.namedCurve);
    return publicKey === undefined ? false : diffieHellman({ privateKey: key, publicKey });
  },
  rsaPrivate({ key, encoded }) {
    return privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, encoded);
  },
};

// OpenSSL takes bytes behind the key, and other slips; it writes none.
function pointOf(der, curve) {
  try {
    const encoding = { type: 'spki', format: 'der' };
    const key = createPublicKey({ ...encoding, key: Buffer.from(der) });
    const sameCurve =
      key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails.namedCurve === curve;
    return sameCurve && key.export(encoding).equals(der) ? key : undefined;
  } catch {
    return undefined;
  }
}

async function answer(id, task) {
  let result;
  try {
    result = await ACTIONS[task.action](task);
  } catch {
    // No result is the answer; the error could carry key bytes.
  }
  parentPort.postMessage({ id, result });
}

parentPort.on('message', ({ id, task }) => {
  void answer(id, task);
});
