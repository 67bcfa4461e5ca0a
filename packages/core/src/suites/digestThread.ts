import type { KeyObject } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { fault } from '../faults.js';
import type { KeySpecId } from './keySpecs.js';

/** Slow operations on ready digests, in a thread of their own. @internal */
export interface DigestThread {
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
export function createDigestThread(): DigestThread {
  let worker: Worker | undefined;
  let lastId = 0;
  const pending = new Map<number, (result: Result | undefined) => void>();

  function start(): Worker {
    const started = new Worker(WORKER_URL, { name: 'keyglot-digest', execArgv: [], env: {} });
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
      const moved = task.action === 'signEcdsa' ? [task.secretKey.buffer] : [];
      worker.postMessage({ id: lastId, task }, moved);
    });
  }

  async function runForBytes(task: Task): Promise<Buffer> {
    const result = await run(task);
    if (result instanceof Uint8Array) return Buffer.from(result);
    throw fault('Internal', { what: `digest ${task.action}` });
  }

  async function runForVerdict(task: Task): Promise<boolean> {
    const result = await run(task);
    if (typeof result === 'boolean') return result;
    throw fault('Internal', { what: `digest ${task.action}` });
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
  | { readonly action: 'rsaPrivate'; readonly key: KeyObject; readonly encoded: Uint8Array };

// The same way leads there from `src` and from `dist`; the package ships both.
const WORKER_URL = new URL('../../src/suites/digestWorker.mjs', import.meta.url);

/** A message copies the whole memory behind a view, and a Buffer's may hold other people's bytes. */
function own(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}
