/** Input that cannot be read as it was said to be; the message is one line without any of its content. @internal */
export class InputError extends Error {
  override readonly name: string = 'InputError';
}
