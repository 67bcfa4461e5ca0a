import { inspect } from 'node:util';

/**
 * Raw secret bytes behind a wrapper that never prints them: `JSON.stringify`, string conversion and
 * `util.inspect` all give `[secret]`. {@link Secret.expose} is the only way to the bytes, so every
 * place that touches raw material is one search away.
 *
 * @public
 */
export class Secret {
  readonly #bytes: Buffer;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes);
  }

  /** The bytes themselves. The caller must not keep, log or change them. */
  expose(): Buffer {
    return this.#bytes;
  }

  get sizeBytes(): number {
    return this.#bytes.length;
  }

  toJSON(): string {
    return '[secret]';
  }

  toString(): string {
    return '[secret]';
  }
}

// Outside the class, because a computed member has no place in isolated declarations.
Object.defineProperty(Secret.prototype, inspect.custom, { value: (): string => '[secret]' });
