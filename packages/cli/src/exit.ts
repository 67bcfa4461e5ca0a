/**
 * Ends the command line before anything is started: with a text that was asked for (exit code 0), or
 * with one line that says what is wrong with the command line (exit code 2).
 *
 * @public
 */
export class CommandLineExit extends Error {
  override readonly name: string = 'CommandLineExit';
  readonly exitCode: 0 | 2;

  /** @param message text for standard output (0) or the one line for standard error (2), without newline */
  constructor(exitCode: 0 | 2, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Makes the end for a wrong command line. @internal */
export function wrongUsage(message: string): CommandLineExit {
  return new CommandLineExit(2, message);
}
