import type { Entropy } from '../ports/entropy.js';
import type { Vault } from './vault.js';

/** Sandboxes whose ids and material follow from a seed. @public */
export interface RepeatingSandboxes {
  /** The vault as a sandbox sees it: the vault itself, but for its source of chance. */
  in(sandbox: string): Vault;
  /** Gives a sandbox a source that repeats itself, or with undefined the vault's own again. */
  set(sandbox: string, make: (() => Entropy) | undefined): void;
  /** Begins the source of a sandbox anew. */
  restart(sandbox: string): void;
}

interface Repeating {
  readonly make: () => Entropy;
  readonly view: Vault;
}

/** @param vault - called when the vault is there @internal */
export function createRepeatingSandboxes(vault: () => Vault): RepeatingSandboxes {
  const known = new Map<string, Repeating>();
  const set: RepeatingSandboxes['set'] = (sandbox, make) => {
    if (make === undefined) known.delete(sandbox);
    else known.set(sandbox, { make, view: viewOf(vault(), make()) });
  };
  return {
    in: (sandbox) => known.get(sandbox)?.view ?? vault(),
    set,
    restart(sandbox) {
      const found = known.get(sandbox);
      if (found !== undefined) set(sandbox, found.make);
    },
  };
}

/** Everything else is looked up in the vault itself, where some of it changes. */
function viewOf(vault: Vault, entropy: Entropy): Vault {
  return Object.create(vault, { entropy: { value: entropy, enumerable: true } });
}
