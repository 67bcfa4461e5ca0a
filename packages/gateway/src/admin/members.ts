/** A request of the admin API has a wrong member. @internal */
export class MemberError extends Error {
  override readonly name: string = 'MemberError';
}

/** Members of a JSON object, read by type. Every reader throws {@link MemberError}. @internal */
export interface Members {
  value(name: string): unknown;
  text(name: string): string | undefined;
  required(name: string): string;
  flag(name: string): boolean | undefined;
  object(name: string, known: readonly string[]): Members;
}

/** Reads a JSON object that may have these members only. @internal */
export function membersOf(body: unknown, known: readonly string[], where = ''): Members {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new MemberError(`${where || 'the body'} must be a JSON object`);
  }
  const given = new Map<string, unknown>(Object.entries(body));
  const unknown = [...given.keys()].find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new MemberError(`unknown member ${where}${unknown}; known: ${known.join(', ')}`);
  }
  const text = (name: string): string | undefined => {
    const value = given.get(name);
    if (value !== undefined && typeof value !== 'string') {
      throw new MemberError(`${where}${name} must be a text`);
    }
    return value;
  };
  return {
    value: (name) => given.get(name),
    text,
    required(name) {
      const value = text(name);
      if (value === undefined) throw new MemberError(`${where}${name} is required`);
      return value;
    },
    flag(name) {
      const value = given.get(name);
      if (value !== undefined && typeof value !== 'boolean') {
        throw new MemberError(`${where}${name} must be true or false`);
      }
      return value;
    },
    object: (name, inner) => membersOf(given.get(name), inner, `${where}${name}.`),
  };
}
