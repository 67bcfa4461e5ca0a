import type { Mount } from '../../../src/claim/place.js';
import { createHttpClient, type PlainAnswer, type PlainRequest } from '../httpClient.js';

/** Kinds of keys that encrypt. */
export type Kind = 'symmetric' | 'rsa' | 'sm2' | 'convergent';

/** Where an actor's keys live; what is left out is the configured default. */
export interface Place {
  readonly sandbox?: string;
  readonly account?: string;
  readonly region?: string;
}

/** A key, as the admin API names it as one end of a transfer. */
export interface ActorKey {
  readonly kind: Kind;
  readonly end: {
    readonly dialect: Mount;
    readonly keyId: string;
    readonly keyVersionId?: string;
    readonly algorithm?: string;
  };
}

/** What a refused request gets, without the parts that differ between two requests. */
export interface Refused {
  readonly code: unknown;
  readonly message: unknown;
}

/** A request that was refused. */
export class RefusedError extends Error {
  readonly status: number;
  readonly refused: Refused;

  constructor(status: number, refused: Refused) {
    super(`${status} ${JSON.stringify(refused)}`);
    this.status = status;
    this.refused = refused;
  }
}

/**
 * Somebody who works with the keys of one dialect over its own API. Contexts are as that API takes
 * them in JSON, ciphertexts as it carries them.
 */
export interface Actor {
  readonly dialect: Mount;
  readonly kinds: readonly Kind[];
  /** None, one, hostile; only none where the kind binds no context, and no none where it needs one. */
  contexts(kind: Kind): readonly unknown[];
  /** Largest plaintext in bytes. */
  limitOf(kind: Kind): number;
  /** What Encrypt says of a longer one. */
  tooLarge(kind: Kind): Refused;
  makeKey(kind: Kind): Promise<ActorKey>;
  /** A key of which only the id is known. */
  symmetricKey(keyId: string): ActorKey;
  encrypt(key: ActorKey, plaintext: Buffer, context?: unknown): Promise<string>;
  decrypt(key: ActorKey, ciphertext: string, context?: unknown): Promise<Buffer>;
  /** Undefined where the API has no rotation on demand. */
  rotate(key: ActorKey): Promise<void>;
  disable(key: ActorKey): Promise<void>;
  enable(key: ActorKey): Promise<void>;
  /** Ends the key as fast as the API allows. @returns days that must pass until it is gone */
  remove(key: ActorKey): Promise<number>;
}

/** Sends the requests of one actor. */
export type SendRequest = (request: PlainRequest) => Promise<PlainAnswer>;

/** A client of one gateway whose paths begin with a sandbox, when one is named. */
export function senderAt(port: number, { sandbox }: Place): SendRequest & { close(): void } {
  const http = createHttpClient(port);
  const prefix = sandbox === undefined ? '' : `/s/${sandbox}`;
  const send: SendRequest = ({ path = '/', ...rest }) =>
    http.send({ ...rest, path: `${prefix}${path}` });
  return Object.assign(send, { close: () => http.close() });
}

/** Pairs that trip whoever uses objects as maps, or joins texts without lengths. */
export const HOSTILE_PAIRS: Readonly<Record<string, string>> = JSON.parse(
  '{"__proto__":"x","constructor":"=&","a=b&c":"","\\u043a\\u043b\\u044e\\u0447":"\\ud83d\\ude00","toString":"\\u0000"}',
);

/** Bytes of every value, as many as wanted. */
export function hostileBytes(sizeBytes: number): string {
  return Buffer.from(Array.from({ length: sizeBytes }, (_, at) => (at * 37) & 0xff)).toString(
    'base64',
  );
}

export function base64(bytes: Buffer | string): string {
  return Buffer.from(bytes).toString('base64');
}
