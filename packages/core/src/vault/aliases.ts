import type { AliasRecord, KeyRecord, Realm } from '../model/key.js';
import type { KeyRef } from '../ports/store.js';
import type { LoadedKey } from './loadedKey.js';
import { settle } from './settle.js';
import type { Vault } from './vault.js';

/**
 * Gives a key a name.
 *
 * @param check sees the key under its lock and how many aliases it has; throws to refuse
 * @throws KmsFault AlreadyExists, KeyNotFound, Unavailable, and what `check` throws
 * @public
 */
export async function createAlias(
  vault: Vault,
  target: LoadedKey,
  name: string,
  nowMs: number,
  check: (target: KeyRecord, aliasCount: number) => void,
): Promise<void> {
  const { sandbox, id, realm, wireId } = target.record;
  const at = new Date(nowMs);
  const alias: AliasRecord = {
    sandbox,
    realm,
    name,
    keyId: id,
    keyWireId: wireId,
    createdAt: at,
    updatedAt: at,
  };
  try {
    await vault.store.createAlias(alias, check);
  } finally {
    vault.keys.forgetAlias(sandbox, realm, name);
    vault.keys.forget([{ sandbox, id }]);
  }
}

/**
 * Points an alias to another key of its realm; waits as `changeKey` does.
 *
 * @param check sees both keys under their locks; the current one is undefined when it is gone
 * @throws KmsFault AliasNotFound, KeyNotFound, Unavailable, and what `check` throws
 * @public
 */
export async function moveAlias(
  vault: Vault,
  target: LoadedKey,
  name: string,
  nowMs: number,
  check: (current: KeyRecord | undefined, target: KeyRecord, aliasCount: number) => void,
): Promise<void> {
  const { sandbox, id, realm } = target.record;
  let touched: readonly KeyRef[] = [{ sandbox, id }];
  try {
    touched = await vault.store.moveAlias(sandbox, realm, name, id, new Date(nowMs), check);
  } finally {
    // Also after a failure: the move may have been written although its answer was lost.
    vault.keys.forgetAlias(sandbox, realm, name);
    vault.keys.forget(touched);
  }
  await settle(vault);
}

/**
 * Removes a name; waits as `changeKey` does.
 *
 * @throws KmsFault AliasNotFound, Unavailable
 * @public
 */
export async function deleteAlias(
  vault: Vault,
  sandbox: string,
  realm: Realm,
  name: string,
): Promise<void> {
  let touched: readonly KeyRef[] = [];
  try {
    touched = await vault.store.deleteAlias(sandbox, realm, name);
  } finally {
    vault.keys.forgetAlias(sandbox, realm, name);
    vault.keys.forget(touched);
  }
  await settle(vault);
}
