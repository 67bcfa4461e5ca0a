import type { KeyObject } from 'node:crypto';
import * as crypto from 'node:crypto';
import { fault } from '../faults.js';

type Done<Result> = (error: Error | null, result: Result) => void;

/** What an encapsulation gives. @internal */
export interface NativeEncapsulation {
  readonly sharedKey: Buffer;
  readonly ciphertext: Buffer;
}

/** Node's functions for key encapsulation, which its types for version 20 do not know. @internal */
interface NativeKem {
  encapsulate(key: KeyObject, done: Done<NativeEncapsulation>): void;
  decapsulate(key: KeyObject, ciphertext: Buffer, done: Done<Buffer>): void;
}

/** The functions, from Node 24.7 on. @internal */
export function nativeKem(): NativeKem | undefined {
  const { encapsulate, decapsulate } = crypto as Partial<NativeKem>;
  return encapsulate && decapsulate && { encapsulate, decapsulate };
}

/** Encapsulates on a thread of libuv's pool. @throws KmsFault Internal @internal */
export function encapsulateAsync(key: KeyObject): Promise<NativeEncapsulation> {
  return run('encapsulate', (kem, done) => kem.encapsulate(key, done));
}

/** Decapsulates on a thread of libuv's pool. @throws KmsFault Internal @internal */
export function decapsulateAsync(key: KeyObject, ciphertext: Buffer): Promise<Buffer> {
  return run('decapsulate', (kem, done) => kem.decapsulate(key, ciphertext, done));
}

function run<Result>(
  what: string,
  start: (kem: NativeKem, done: Done<Result>) => void,
): Promise<Result> {
  const kem = nativeKem();
  if (kem === undefined) return Promise.reject(fault('Internal', { what: `native ${what}` }));
  return new Promise((resolve, reject) => {
    start(kem, (error, result) => {
      if (error) reject(fault('Internal', { what: `native ${what}` }, error));
      else resolve(result);
    });
  });
}
