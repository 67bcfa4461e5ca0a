/**
 * Additional authenticated data as a caller gives it: nothing, bytes, or name and value pairs. Pairs
 * travel as an array, so that a name like `__proto__` is an ordinary name. The dialect of the
 * envelope turns it into bytes.
 *
 * @public
 */
export type Context =
  | { readonly kind: 'none' }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'pairs'; readonly pairs: readonly (readonly [name: string, value: string])[] };

/** The context of a request that gives none. @public */
export const NO_CONTEXT: Context = Object.freeze({ kind: 'none' });
