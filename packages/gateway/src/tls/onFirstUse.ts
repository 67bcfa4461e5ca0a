/**
 * Puts off `make` until the first call and gives its one result to all. A failure is not kept.
 *
 * @example
 * const certificates = onFirstUse(() => loadOrCreateDevCa(folder, now(), entropy));
 *
 * @public
 */
export function onFirstUse<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
