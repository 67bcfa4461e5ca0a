/**
 * JSON as it passes between the runner and a driver. Bytes are `{"$blob": base64}` and times are
 * `{"$time": seconds since 1970}`, so that a driver shows what type its SDK gave a member.
 */
export type Tree =
  | string
  | number
  | boolean
  | null
  | readonly Tree[]
  | { readonly [name: string]: Tree };

/** Members of an input or output by their wire names. */
export interface Members {
  readonly [name: string]: Tree;
}

/** Whom a call is for. */
export interface Target {
  readonly endpoint: string;
  readonly region: string;
  /** The access key id; of 12 digits it is the account. */
  readonly account: string;
}

/** One line to a driver. */
export interface Call {
  readonly target: Target;
  readonly operation: string;
  readonly input: Members;
}

/** An error that the service answered with. */
export interface CallError {
  readonly code: string;
  readonly message: string;
  /** Name of the class that the SDK made of it, if the client has classes. */
  readonly type?: string;
}

/** One line from a driver. Exactly one of the first four is there. */
export interface Outcome {
  readonly output?: Members;
  readonly error?: CallError;
  /** The SDK does not have this operation. */
  readonly unknown?: string;
  /** What kept the SDK from sending, or from reading the answer. */
  readonly broken?: string;
  /** HTTP status, where the client tells. */
  readonly status?: number;
  /** Where the client tells. */
  readonly requestId?: string;
}
