import { applyPatch, type Operation } from 'rfc6902';

/** Corrections of a published model, each with why and where from. */
export interface Patches {
  readonly patches: readonly {
    readonly reason: string;
    readonly source: string;
    readonly evidence: 'recorded' | 'documented' | 'inferred';
    /** JSON Patch (RFC 6902). */
    readonly patch: Operation[];
  }[];
}

/**
 * Applies corrections to a copy of a model.
 *
 * @throws Error when an operation fails, for instance a `test` on what the model said when the
 * correction was written: then the published model has changed and someone must look.
 */
export function patched(model: unknown, { patches }: Patches): unknown {
  const copy = structuredClone(model);
  for (const { reason, source, patch } of patches) {
    if (!reason || !source) throw new Error('a patch needs a reason and a source');
    applyPatch(copy, patch).forEach((problem, index) => {
      if (problem === null) return;
      throw new Error(`patch "${reason}": ${JSON.stringify(patch[index])}: ${problem.message}`);
    });
  }
  return copy;
}
