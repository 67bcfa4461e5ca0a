/**
 * Says in one line which option has a wrong value, and why: a start that fails by it will fail again
 * until the caller changes the option. Only what needs the machine or the store to be judged ends
 * here; what the text alone shows is refused before.
 *
 * @public
 */
export class OptionError extends Error {
  override readonly name: string = 'OptionError';
}
