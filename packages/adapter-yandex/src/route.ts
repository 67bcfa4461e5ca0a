import { fullName, type HttpBinding, METHODS, type Method } from './methods.js';

/** A method that a REST request names, with the value of the path's variable. @internal */
export interface Route {
  readonly method: Method;
  readonly binding: HttpBinding;
  /** Name of the field in the path, or undefined when it has none. */
  readonly variable: string | undefined;
  readonly value: string;
}

interface Bound {
  readonly method: Method;
  readonly binding: HttpBinding;
  readonly variable: string | undefined;
}

const BY_PATH = new Map<string, Bound>();
for (const method of METHODS) {
  for (const binding of method.http) {
    const variable = /\{(\w+)\}/.exec(binding.path)?.[1];
    const shape = binding.path.replace(/\{\w+\}/, '{}');
    BY_PATH.set(`${binding.verb} ${shape}`, { method, binding, variable });
  }
}

const BY_NAME = new Map(METHODS.map((method) => [`/${fullName(method)}`, method]));

/**
 * Finds the method of a REST request by verb and path. The colon before a custom verb may come
 * percent-encoded.
 *
 * @param path still percent-encoded
 * @internal
 */
export function routeOf(verb: string, path: string): Route | undefined {
  const whole = BY_PATH.get(`${verb} ${path.replace(/%3a/i, ':')}`);
  if (whole !== undefined) return { ...whole, value: '' };
  const segments = path.split('/');
  const at = segments[1] === 'kms' ? 4 : 2;
  const segment = segments[at] ?? '';
  const found = /^(.*?)(?:(?::|%3A)([A-Za-z]+))?$/i.exec(segment);
  const value = decoded(found?.[1] ?? '');
  if (value === undefined || value === '') return undefined;
  segments[at] = found?.[2] === undefined ? '{}' : `{}:${found[2]}`;
  const bound = BY_PATH.get(`${verb} ${segments.join('/')}`);
  return bound && { ...bound, value };
}

/** The method that a gRPC path names. @internal */
export function methodOf(path: string): Method | undefined {
  return BY_NAME.get(path);
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
