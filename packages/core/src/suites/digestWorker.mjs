// Does what takes milliseconds and has no asynchronous form. The first task of a curve builds tables
// for up to 70 ms, a P-521 verification takes 7 ms, a private operation of RSA-4096 3 ms. Plain
// JavaScript, so that sources and the built program start the same file; digestThread.ts has the
// types of the messages.

import { constants, privateEncrypt } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';

const CURVES = new Map([
  ['ec-p256', p256],
  ['ec-p384', p384],
  ['ec-p521', p521],
  ['ec-secp256k1', secp256k1],
]);

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
  rsaPrivate({ key, encoded }) {
    return privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, encoded);
  },
};

parentPort.on('message', ({ id, task }) => {
  let result;
  try {
    result = ACTIONS[task.action](task);
  } catch {
    // No result is the answer; the error could carry key bytes.
  }
  parentPort.postMessage({ id, result });
});
