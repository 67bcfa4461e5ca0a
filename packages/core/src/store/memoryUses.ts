import type { KeyUse } from '../model/keyUse.js';
import { type KeyRef, refKey, type Store } from '../ports/store.js';

/** The part of the memory store that keeps the latest use of keys. @internal */
export function createMemoryUses(
  exists: (ref: KeyRef) => boolean,
): Pick<Store, 'recordUses' | 'readUse'> & { dropUse(ref: KeyRef): void } {
  const uses = new Map<string, KeyUse>();
  return {
    async recordUses(latest) {
      for (const use of latest) {
        const ref = { sandbox: use.sandbox, id: use.keyId };
        if (exists(ref)) uses.set(refKey(ref), use);
      }
    },
    async readUse(ref) {
      return uses.get(refKey(ref));
    },
    dropUse(ref) {
      uses.delete(refKey(ref));
    },
  };
}
