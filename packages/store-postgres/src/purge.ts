import type { KeyRef, Store } from '@keyglot/core';
import type { Database, Transaction } from './database.js';
import { releaseMaterials } from './materials.js';
import type { Statement } from './statement.js';

// Keys that somebody is changing are left for the next call: one of those changes may cancel the deletion.
const LOCK_GONE: Statement = {
  text: `SELECT id FROM keyglot_key WHERE sandbox = $1 AND deletion_at <= $2
    ORDER BY deletion_at, id LIMIT $3 FOR UPDATE SKIP LOCKED`,
};
const DELETE_ALIASES: Statement = {
  text: 'DELETE FROM keyglot_alias WHERE sandbox = $1 AND key_id = ANY($2::text[])',
};
const DELETE_USES: Statement = {
  text: 'DELETE FROM keyglot_key_use WHERE sandbox = $1 AND key_id = ANY($2::text[])',
};
const DELETE_LOCATORS: Statement = {
  text: 'DELETE FROM keyglot_locator WHERE sandbox = $1 AND key_id = ANY($2::text[])',
};
const DELETE_VERSIONS: Statement = {
  text: `DELETE FROM keyglot_version WHERE sandbox = $1 AND key_id = ANY($2::text[])
    RETURNING material_id`,
};
// Kind by kind, because that is what the index on parents begins with; there are few kinds.
const DELETE_RESOURCES: Statement = {
  text: `WITH RECURSIVE kinds AS (
      (SELECT kind FROM keyglot_resource WHERE sandbox = $1 ORDER BY kind LIMIT 1)
      UNION ALL
      SELECT (SELECT r.kind FROM keyglot_resource r WHERE r.sandbox = $1 AND r.kind > k.kind
        ORDER BY r.kind LIMIT 1) FROM kinds k WHERE k.kind IS NOT NULL
    ), removed AS (
      DELETE FROM keyglot_resource WHERE sandbox = $1
        AND kind IN (SELECT kind FROM kinds) AND parent = ANY($2::text[]) RETURNING kind, id
    )
    DELETE FROM keyglot_resource_index i USING removed r
    WHERE i.sandbox = $1 AND i.kind = r.kind AND i.id = r.id`,
};
const DELETE_KEYS: Statement = {
  text: 'DELETE FROM keyglot_key WHERE sandbox = $1 AND id = ANY($2::text[])',
};
const DELETE_CHANGES: Statement = {
  text: `DELETE FROM keyglot_change c USING (
      SELECT sandbox, at_ms, id FROM keyglot_change WHERE sandbox = $1 AND at_ms < $2
      ORDER BY at_ms, id LIMIT $3
    ) AS old
    WHERE c.sandbox = old.sandbox AND c.at_ms = old.at_ms AND c.id = old.id RETURNING c.id`,
};

// Keys first: whoever is changing one is waited for, and then finds nothing.
const SANDBOX_TABLES = [
  'key',
  'alias',
  'locator',
  'version',
  'material',
  'key_use',
  'resource_index',
  'resource',
] as const;

/** Removal of what is not needed any more. @internal */
export interface PurgeMethods extends Pick<Store, 'purgeKeys' | 'clearSandbox'> {
  purgeChanges(sandbox: string, beforeMs: number, limit: number): Promise<number>;
}

/** The part of the store that removes keys and old records of changes. @internal */
export function createPurge(database: Database): PurgeMethods {
  return {
    purgeKeys: (sandbox, nowMs, limit) =>
      database.transaction({ sandbox, kind: 'purgeKeys', target: '' }, async (tx) => {
        const gone = await tx.run<{ readonly id: string }>(LOCK_GONE, [
          sandbox,
          Math.floor(nowMs),
          limit,
        ]);
        const ids = gone.map(({ id }) => id);
        if (ids.length === 0) return [];
        await removeKeys(tx, sandbox, ids);
        const refs: readonly KeyRef[] = ids.map((id) => ({ sandbox, id }));
        tx.record(refs);
        return refs;
      }),
    clearSandbox: (sandbox) =>
      database.transaction({ sandbox, kind: 'clearSandbox', target: '' }, async (tx) => {
        for (const table of SANDBOX_TABLES) {
          await tx.run({ text: `DELETE FROM keyglot_${table} WHERE sandbox = $1` }, [sandbox]);
        }
        // No key is named, so that other processes forget all of theirs.
        tx.record([]);
      }),
    async purgeChanges(sandbox, beforeMs, limit) {
      const values = [sandbox, Math.floor(beforeMs), limit];
      return (await database.read('purgeChanges', DELETE_CHANGES, values)).length;
    },
  };
}

async function removeKeys(tx: Transaction, sandbox: string, ids: readonly string[]): Promise<void> {
  await tx.run(DELETE_ALIASES, [sandbox, ids]);
  await tx.run(DELETE_LOCATORS, [sandbox, ids]);
  await tx.run(DELETE_USES, [sandbox, ids]);
  await tx.run(DELETE_RESOURCES, [sandbox, ids]);
  const versions = await tx.run<{ readonly material_id: string }>(DELETE_VERSIONS, [sandbox, ids]);
  const released = versions.map(({ material_id: id }) => id);
  await releaseMaterials(tx, sandbox, released);
  await tx.run(DELETE_KEYS, [sandbox, ids]);
}
