/** Why the embedded server could not be had. @public */
export type LaunchErrorCode =
  /** No binaries for this platform, or its C library is not glibc. */
  | 'PlatformUnsupported'
  /** A live process owns the data folder. */
  | 'DataFolderInUse'
  /** The folder, or the database in it, cannot be used as it is. */
  | 'DataFolderUnusable'
  | 'StartFailed'
  /** {@link EmbeddedPostgres.stop} has been called. */
  | 'Stopped';

/**
 * The error of the launcher. `message` is one line for the user, except that the last lines of the
 * server's log may follow; it never contains the password.
 *
 * @public
 */
export class LaunchError extends Error {
  override readonly name: string = 'LaunchError';
  readonly code: LaunchErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: LaunchErrorCode,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.details = details;
  }
}

/** The way out that every refusal of the platform names. @internal */
export const OTHER_STORES: string =
  'set DATABASE_URL (or --store postgres://…) to use a server of yours, or use --store memory';

/** The code of a system error such as `ENOENT`, or undefined. @internal */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** What the promise gives, or undefined when it fails with one of these system errors. @internal */
export async function unless<T>(
  codes: readonly string[],
  promise: Promise<T>,
): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (codes.includes(errnoOf(error) ?? '')) return undefined;
    throw error;
  }
}
