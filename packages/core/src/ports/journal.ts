/** What is remembered of one answered request. Never holds a secret, a plaintext or a ciphertext. @public */
export interface JournalEntry {
  readonly requestId: string;
  /** Real time of arrival, milliseconds since 1970. */
  readonly atMs: number;
  readonly sandbox: string;
  readonly dialect: string;
  readonly operation: string;
  readonly status: number;
  /** Error code on the wire, or empty after success. */
  readonly code: string;
  readonly evidence: string;
  /** Request members that the provider ignores too, at most a handful. */
  readonly ignored: readonly string[];
  /** What stricter authentication would have refused, or empty. */
  readonly audit: string;
}

/** Keeps the latest requests. @public */
export interface Journal {
  record(entry: JournalEntry): void;
}
