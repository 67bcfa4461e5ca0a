/** The latest use of a key, as far as it was told. @public */
export interface KeyUse {
  readonly sandbox: string;
  /** Internal id of the key. */
  readonly keyId: string;
  /** In the spelling of the dialect. */
  readonly operation: string;
  /** Virtual time, milliseconds since 1970. */
  readonly atMs: number;
  /** Request that used the key. */
  readonly requestId: string;
}
