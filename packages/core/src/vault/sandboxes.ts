import { fault, KmsFault } from '../faults.js';
import { clockOf } from './sandboxClock.js';
import { SANDBOX_KIND as KIND, MAIN_SANDBOX, SYSTEM_SANDBOX } from './sandboxNames.js';
import { Miss, type Scope } from './scope.js';
import type { Vault } from './vault.js';

const PAGE = 1_000;

/** What happens when a request names a sandbox that nobody has made. @public */
export type MissingSandbox = 'make' | 'refuse' | 'ignore';

/**
 * Opens a sandbox for one request: makes sure that it exists, or makes it, and reads its clock.
 *
 * @param missing - what to do about a sandbox that is not there; `ignore` is for requests whose sender
 * is not known yet, who must neither make sandboxes nor learn which ones there are
 * @param pinned - what the request has loaded so far
 * @throws KmsFault InputInvalid when there is no such sandbox; a `Miss` while that is not known
 * @public
 */
export function openScope(
  vault: Vault,
  sandbox: string,
  missing: MissingSandbox,
  pinned: Map<string, unknown>,
): Scope {
  const realNowMs = vault.clock.virtualMs(sandbox);
  const before = { sandbox, nowMs: realNowMs, pinned };
  const found = vault.resources.byId(before, SYSTEM_SANDBOX, KIND, sandbox);
  if (found !== undefined) {
    return { sandbox, nowMs: clockOf(found.record).at(realNowMs), pinned };
  }
  if (sandbox === MAIN_SANDBOX || missing === 'ignore') return before;
  if (missing === 'refuse') {
    throw fault('InputInvalid', { reason: `There is no sandbox ${sandbox}.` });
  }
  throw new Miss(async () => {
    await createSandbox(vault, sandbox);
    // What this request found before is out of date.
    pinned.clear();
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
    names.push(...found.map(({ id }) => id).filter((name) => name !== MAIN_SANDBOX));
    if (found.length < PAGE) return names;
    after = found.at(-1)?.id;
  }
}
