import { fault, KmsFault } from '../faults.js';
import { Miss, type Scope } from './scope.js';
import type { Vault } from './vault.js';

/** The sandbox of requests that name none; it always exists. @public */
export const MAIN_SANDBOX = 'main';

/** Where the gateway's own records are kept. Not a name that a request can give. @public */
export const SYSTEM_SANDBOX = '_system';

const KIND = 'sandbox';
const PAGE = 1_000;

/**
 * Makes sure that the sandbox of a request exists, or makes it.
 *
 * @param implicit - whether a sandbox is made on first use
 * @throws KmsFault InputInvalid when there is no such sandbox; a `Miss` while that is not known
 * @public
 */
export function requireSandbox(vault: Vault, scope: Scope, implicit: boolean): void {
  const name = scope.sandbox;
  if (name === MAIN_SANDBOX) return;
  if (vault.resources.byId(scope, SYSTEM_SANDBOX, KIND, name) !== undefined) return;
  if (!implicit) throw fault('InputInvalid', { reason: `There is no sandbox ${name}.` });
  throw new Miss(async () => {
    await createSandbox(vault, name);
    // What this request found before is out of date.
    scope.pinned.clear();
  });
}

/** Makes a sandbox. @returns false when it exists already @public */
export async function createSandbox(vault: Vault, name: string): Promise<boolean> {
  const createdAt = new Date(vault.clock.realMs()).toISOString();
  try {
    await vault.resources.write({
      sandbox: SYSTEM_SANDBOX,
      kind: KIND,
      id: name,
      body: { createdAt },
      version: 1,
    });
    return true;
  } catch (error) {
    if (error instanceof KmsFault && error.code === 'AlreadyExists') return false;
    throw error;
  }
}

/** Names of all sandboxes, `main` first, read from the store. @public */
export async function listSandboxes(vault: Vault): Promise<readonly string[]> {
  const names = [MAIN_SANDBOX];
  let after: string | undefined;
  for (;;) {
    const found = await vault.resources.list(SYSTEM_SANDBOX, KIND, undefined, {
      after,
      limit: PAGE,
    });
    names.push(...found.map(({ id }) => id));
    if (found.length < PAGE) return names;
    after = found.at(-1)?.id;
  }
}
