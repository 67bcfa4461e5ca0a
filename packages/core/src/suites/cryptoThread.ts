import type { KeyObject } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { fault } from '../faults.js';
import type { KeySpecId } from './keySpecs.js';

/** Slow operations that have no asynchronous form, in a thread of their own. @internal */
export interface CryptoThread {
  /**
   * Signs with ECDSA by RFC 6979 with additional data (its section 3.6).
   *
   * @param secretKey - big-endian scalar of the curve's length; copied
   * @returns DER
   * @throws KmsFault Internal when the thread fails or is closed
   */
  signEcdsa(
    curve: KeySpecId,
    digest: Uint8Array,
    secretKey: Uint8Array,
    extraEntropy: Uint8Array,
  ): Promise<Buffer>;
  /**
   * Verifies with ECDSA.
   *
   * @param publicPoint - uncompressed SEC 1 point
   * @param signature - DER; false when it is anything else
   * @throws KmsFault Internal when the thread fails or is closed
   */
  verifyEcdsa(
    curve: KeySpecId,
    digest: Uint8Array,
    publicPoint: Uint8Array,
    signature: Uint8Array,
  ): Promise<boolean>;
  /**
   * Signs with Ed25519ph (RFC 8032, section 5.1) and an empty context.
   *
   * @param secretKey - the 32 bytes of the private key; copied
   * @throws KmsFault Internal when the thread fails or is closed
   */
  signEd25519ph(message: Uint8Array, secretKey: Uint8Array): Promise<Buffer>;
  /**
   * Verifies with Ed25519ph.
   *
   * @param publicKey - 32 bytes
   * @throws KmsFault Internal when the thread fails or is closed
   */
  verifyEd25519ph(
    message: Uint8Array,
    publicKey: Uint8Array,
    signature: Uint8Array,
  ): Promise<boolean>;
  /**
   * Signs with ML-DSA (FIPS 204) and an empty context.
   *
   * @param message - or, when `isMu`, its representative of 64 bytes
   * @param secretKey - as FIPS 204 has it; copied
   * @param extraEntropy - 32 bytes that hedge the signature
   * @throws KmsFault Internal when the thread fails or is closed
   */
  signMlDsa(
    spec: KeySpecId,
    message: Uint8Array,
    isMu: boolean,
    secretKey: Uint8Array,
    extraEntropy: Uint8Array,
  ): Promise<Buffer>;
  /** Verifies with ML-DSA. @throws KmsFault Internal when the thread fails or is closed */
  verifyMlDsa(
    spec: KeySpecId,
    message: Uint8Array,
    isMu: boolean,
    publicKey: Uint8Array,
    signature: Uint8Array,
  ): Promise<boolean>;
  /**
   * Encapsulates with ML-KEM (FIPS 203).
   *
   * @param coins - 32 random bytes
   * @returns the shared secret, 32 bytes, and the ciphertext
   * @throws KmsFault Internal when the thread fails or is closed
   */
  encapsulateMlKem(spec: KeySpecId, publicKey: Uint8Array, coins: Uint8Array): Promise<Buffer>;
  /**
   * Decapsulates with ML-KEM.
   *
   * @param secretKey - as FIPS 203 has it; copied
   * @throws KmsFault Internal when the thread fails or is closed
   */
  decapsulateMlKem(spec: KeySpecId, ciphertext: Uint8Array, secretKey: Uint8Array): Promise<Buffer>;
  /**
   * The x-coordinate that a private key and a peer's public key share.
   *
   * @param peer - DER SubjectPublicKeyInfo
   * @returns undefined when `peer` is anything but a point of the private key's own curve
   * @throws KmsFault Internal when the thread fails or is closed
   */
  ecdh(key: KeyObject, peer: Uint8Array): Promise<Buffer | undefined>;
  /**
   * The bare private operation of RSA.
   *
   * @param encoded - as long as the modulus and below it
   * @throws KmsFault Internal when the thread fails or is closed
   */
  rsaPrivate(key: KeyObject, encoded: Uint8Array): Promise<Buffer>;
  /** Ends the thread; a later task starts it anew. */
  close(): Promise<void>;
}

/**
 * Makes a handle to a thread that is started by the first task and does not keep the process alive
 * between tasks.
 *
 * @internal
 */
export function createCryptoThread(): CryptoThread {
  let worker: Worker | undefined;
  let lastId = 0;
  const pending = new Map<number, (result: Result | undefined) => void>();

  function start(): Worker {
    const started = new Worker(WORKER_URL, { name: 'keyglot-crypto', execArgv: [], env: {} });
    started.on('message', (answer: Answer) => {
      const settle = pending.get(answer.id);
      pending.delete(answer.id);
      if (pending.size === 0) started.unref();
      settle?.(answer.result);
    });
    // A failure ends the thread as well, and is told by the end.
    started.on('error', () => undefined);
    started.on('exit', () => {
      worker = undefined;
      for (const settle of pending.values()) settle(undefined);
      pending.clear();
    });
    return started;
  }

  function run(task: Task): Promise<Result | undefined> {
    return new Promise((resolve) => {
      worker ??= start();
      worker.ref();
      lastId += 1;
      pending.set(lastId, resolve);
      const moved = 'secretKey' in task ? [task.secretKey.buffer] : [];
      worker.postMessage({ id: lastId, task }, moved);
    });
  }

  async function runForBytes(task: Task): Promise<Buffer> {
    return bytesOf(task.action, await run(task));
  }

  async function runForVerdict(task: Task): Promise<boolean> {
    const result = await run(task);
    if (typeof result === 'boolean') return result;
    throw fault('Internal', { what: `thread ${task.action}` });
  }

  return {
    signEcdsa: (curve, digest, secretKey, extraEntropy) =>
      runForBytes({
        action: 'signEcdsa',
        curve,
        digest: own(digest),
        secretKey: own(secretKey),
        extraEntropy: own(extraEntropy),
      }),
    verifyEcdsa: (curve, digest, publicPoint, signature) =>
      runForVerdict({
        action: 'verifyEcdsa',
        curve,
        digest: own(digest),
        publicPoint: own(publicPoint),
        signature: own(signature),
      }),
    signEd25519ph: (message, secretKey) =>
      runForBytes({
        action: 'signEd25519ph',
        message: own(message),
        secretKey: own(secretKey),
      }),
    verifyEd25519ph: (message, publicKey, signature) =>
      runForVerdict({
        action: 'verifyEd25519ph',
        message: own(message),
        publicKey: own(publicKey),
        signature: own(signature),
      }),
    signMlDsa: (spec, message, isMu, secretKey, extraEntropy) =>
      runForBytes({
        action: 'signMlDsa',
        spec,
        message: own(message),
        isMu,
        secretKey: own(secretKey),
        extraEntropy: own(extraEntropy),
      }),
    verifyMlDsa: (spec, message, isMu, publicKey, signature) =>
      runForVerdict({
        action: 'verifyMlDsa',
        spec,
        message: own(message),
        isMu,
        publicKey: own(publicKey),
        signature: own(signature),
      }),
    encapsulateMlKem: (spec, publicKey, coins) =>
      runForBytes({
        action: 'encapsulateMlKem',
        spec,
        publicKey: own(publicKey),
        secretKey: own(coins),
      }),
    decapsulateMlKem: (spec, ciphertext, secretKey) =>
      runForBytes({
        action: 'decapsulateMlKem',
        spec,
        ciphertext: own(ciphertext),
        secretKey: own(secretKey),
      }),
    async ecdh(key, peer) {
      const shared = await run({ action: 'ecdh', key, peer: own(peer) });
      if (shared === false) return undefined;
      return bytesOf('ecdh', shared);
    },
    rsaPrivate: (key, encoded) => runForBytes({ action: 'rsaPrivate', key, encoded: own(encoded) }),
    async close() {
      await worker?.terminate();
    },
  };
}

type Result = Uint8Array | boolean;

interface Answer {
  readonly id: number;
  /** Left out when the task failed. */
  readonly result?: Result;
}

type Task =
  | {
      readonly action: 'signEcdsa';
      readonly curve: KeySpecId;
      readonly digest: Uint8Array;
      /** Moved, not copied: the thread clears the only copy. */
      readonly secretKey: Uint8Array<ArrayBuffer>;
      readonly extraEntropy: Uint8Array;
    }
  | {
      readonly action: 'verifyEcdsa';
      readonly curve: KeySpecId;
      readonly digest: Uint8Array;
      readonly publicPoint: Uint8Array;
      readonly signature: Uint8Array;
    }
  | {
      readonly action: 'signEd25519ph';
      readonly message: Uint8Array;
      readonly secretKey: Uint8Array<ArrayBuffer>;
    }
  | {
      readonly action: 'verifyEd25519ph';
      readonly message: Uint8Array;
      readonly publicKey: Uint8Array;
      readonly signature: Uint8Array;
    }
  | {
      readonly action: 'signMlDsa';
      readonly spec: KeySpecId;
      readonly message: Uint8Array;
      readonly isMu: boolean;
      readonly secretKey: Uint8Array<ArrayBuffer>;
      readonly extraEntropy: Uint8Array;
    }
  | {
      readonly action: 'verifyMlDsa';
      readonly spec: KeySpecId;
      readonly message: Uint8Array;
      readonly isMu: boolean;
      readonly publicKey: Uint8Array;
      readonly signature: Uint8Array;
    }
  | {
      readonly action: 'encapsulateMlKem';
      readonly spec: KeySpecId;
      readonly publicKey: Uint8Array;
      /** The coins, from which the shared secret follows. */
      readonly secretKey: Uint8Array<ArrayBuffer>;
    }
  | {
      readonly action: 'decapsulateMlKem';
      readonly spec: KeySpecId;
      readonly ciphertext: Uint8Array;
      readonly secretKey: Uint8Array<ArrayBuffer>;
    }
  | { readonly action: 'ecdh'; readonly key: KeyObject; readonly peer: Uint8Array }
  | { readonly action: 'rsaPrivate'; readonly key: KeyObject; readonly encoded: Uint8Array };

/** @throws KmsFault Internal when the task failed */
function bytesOf(action: Task['action'], result: Result | undefined): Buffer {
  if (result instanceof Uint8Array) return Buffer.from(result);
  throw fault('Internal', { what: `thread ${action}` });
}

// The same way leads there from `src` and from `dist`; the package ships both.
const WORKER_URL = new URL('../../src/suites/cryptoWorker.mjs', import.meta.url);

/** A message copies the whole memory behind a view, and a Buffer's may hold other people's bytes. */
function own(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}
