import {
  fault,
  type KeyChange,
  type KeyRecord,
  type NewKey,
  type Store,
  type StoredKey,
} from '@keyglot/core';
import type { Database, Transaction } from './database.js';
import { orTaken, SqlFailure } from './failure.js';
import { insertParts, partValues } from './keyParts.js';
import { type KeyRow, keysOf, keyValues, READ_KEYS } from './keyRows.js';
import { replaceMaterials } from './materials.js';
import { RECORD_CLAUSE, type Statement } from './statement.js';

const LOCK: Statement = {
  name: 'keyglot_lock_keys',
  lookUp: true,
  text: `SELECT id FROM keyglot_key WHERE sandbox = $1 AND id = ANY($2::text[])
    ORDER BY id FOR UPDATE`,
};
const LOCK_GROUP: Statement = {
  name: 'keyglot_lock_group',
  lookUp: true,
  text: `SELECT id FROM keyglot_key
    WHERE sandbox = $1 AND (id = ANY($2::text[]) OR (twin_group = $3 AND twin_group <> ''))
    ORDER BY id FOR UPDATE`,
};
const UPDATE: Statement = {
  name: 'keyglot_update_key',
  text: `UPDATE keyglot_key SET state = $4, deletion_at = $5, primary_version = $6, attributes = $7,
      twin_group = $8, due_at = $9, revision = revision + 1
    WHERE sandbox = $1 AND id = $2 AND revision = $3 RETURNING id`,
};
const SET_VERSIONS: Statement = {
  text: `UPDATE keyglot_version v SET state = s.state, attributes = s.attributes
    FROM unnest($3::text[], $4::text[], $5::text[]) AS s (id, state, attributes)
    WHERE v.sandbox = $1 AND v.key_id = $2 AND v.id = s.id`,
};
const ADD_PARTS: Statement = { text: `WITH ${insertParts(2)} SELECT 1` };
/** Writes a key with all that belongs to it, along with the record of the change. @internal */
export const CREATE: Statement = {
  name: 'keyglot_create_key',
  text: `WITH ${RECORD_CLAUSE}, key AS (
      INSERT INTO keyglot_key (sandbox, id, dialect, tenant, region, wire_id, spec, usages, origin,
        state, deletion_at, created_at, primary_version, revision, attributes, twin_group,
        due_at)
      VALUES ($1, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
    ), ${insertParts(22)} SELECT 1`,
};
const ADD_KEY: Statement = {
  text: `WITH key AS (
      INSERT INTO keyglot_key (sandbox, id, dialect, tenant, region, wire_id, spec, usages, origin,
        state, deletion_at, created_at, primary_version, revision, attributes, twin_group,
        due_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
    ), ${insertParts(18)} SELECT 1`,
};

/**
 * Locks the keys that exist, in order of id, and reads them afterwards: a statement that waits for a
 * lock sees the locked row anew, but not the rows joined to it.
 *
 * @internal
 */
export async function lockKeys(
  tx: Transaction,
  sandbox: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, StoredKey>> {
  await tx.run(LOCK, [sandbox, ids]);
  return keysOf(await tx.run<KeyRow>(READ_KEYS, [sandbox, ids]));
}

/**
 * Locks the keys named and all of a group. A statement that waits for a lock does not see what was added
 * meanwhile, so it is run again until it finds nothing new; from then on nobody can add anything, because
 * whoever does locks the group too.
 */
async function lockGroup(
  tx: Transaction,
  sandbox: string,
  ids: readonly string[],
  twinGroup: string,
): Promise<readonly string[]> {
  let locked: readonly string[] = [];
  for (;;) {
    const rows = await tx.run<{ readonly id: string }>(LOCK_GROUP, [sandbox, ids, twinGroup]);
    const grew = rows.length > locked.length;
    locked = rows.map(({ id }) => id);
    if (!grew || twinGroup === '') return locked;
  }
}

type ChangeMethods = Pick<Store, 'changeKey' | 'changeKeys'>;

/** The part of the store that changes keys. @internal */
export function createKeyChanges(database: Database): ChangeMethods {
  return {
    changeKey: (ref, decide) =>
      database.transaction(
        { sandbox: ref.sandbox, kind: 'changeKey', target: ref.id },
        async (tx) => {
          const stored = (await lockKeys(tx, ref.sandbox, [ref.id])).get(ref.id);
          if (stored === undefined) throw fault('KeyNotFound', { id: ref.id });
          const change = decide(stored.key);
          if (change === undefined) return stored;
          tx.record([ref]);
          return apply(tx, stored, change);
        },
      ),
    changeKeys: (sandbox, { ids, twinGroup }, decide) =>
      database.transaction(
        { sandbox, kind: 'changeKeys', target: twinGroup || ids.join(' ').slice(0, 200) },
        async (tx) => {
          const all = await lockGroup(tx, sandbox, ids, twinGroup);
          const found = [...keysOf(await tx.run<KeyRow>(READ_KEYS, [sandbox, all])).values()];
          const wanted = decide(found);
          if (wanted === undefined) return [];
          const written: StoredKey[] = [];
          for (const stored of found) {
            const change = wanted.changes.get(stored.key.id);
            if (change !== undefined) written.push(await apply(tx, stored, change));
          }
          if (wanted.create !== undefined) written.push(await add(tx, wanted.create));
          tx.record(written.map(({ key }) => ({ sandbox, id: key.id })));
          return written;
        },
      ),
  };
}

async function apply(tx: Transaction, stored: StoredKey, change: KeyChange): Promise<StoredKey> {
  const { addVersions: added = [], setVersions = [], set } = change;
  const { sandbox, id } = stored.key;
  const key: KeyRecord = { ...stored.key, ...set, revision: stored.key.revision + 1 };
  await updateKey(tx, key, stored.key.revision);
  if (added.length === 0 && setVersions.length === 0) return { key, materials: stored.materials };
  if (setVersions.length > 0) {
    await tx.run(SET_VERSIONS, [
      sandbox,
      id,
      setVersions.map((version) => version.id),
      setVersions.map(({ state }) => state),
      setVersions.map(({ attributes }) => JSON.stringify(attributes)),
    ]);
    const replaced = setVersions.flatMap((version) => {
      const { material } = version;
      return material === undefined ? [] : [{ ...version, material }];
    });
    if (replaced.length > 0) {
      const had = stored.key.versions.filter((version) =>
        replaced.some((one) => one.id === version.id),
      );
      const ids = had.map(({ materialId }) => materialId);
      await replaceMaterials(tx, stored.key, replaced, ids);
    }
  }
  if (added.length > 0) {
    const parts = {
      versions: added.map(({ version }) => version),
      materials: added.flatMap(({ material }) => material ?? []),
      locators: added.flatMap((one) => one.locators),
    };
    const values = [sandbox, ...partValues(id, parts)];
    await orTaken(tx.run(ADD_PARTS, values), { kind: 'version', id });
  }
  const rows = await tx.run<KeyRow>(READ_KEYS, [sandbox, [id]]);
  return keysOf(rows).get(id) ?? stored;
}

async function add(tx: Transaction, created: NewKey): Promise<StoredKey> {
  const { key, materials, locators } = created;
  const parts = partValues(key.id, { versions: key.versions, materials, locators });
  const values = [key.sandbox, ...keyValues(key), ...parts];
  await orTaken(tx.run(ADD_KEY, values), { kind: 'key', id: key.wireId });
  return { key, materials };
}

async function updateKey(tx: Transaction, key: KeyRecord, before: number): Promise<void> {
  const updated = await tx.run(UPDATE, [
    key.sandbox,
    key.id,
    before,
    key.state,
    key.deletionAt?.getTime() ?? null,
    key.primaryVersion,
    JSON.stringify(key.attributes),
    key.twinGroup,
    key.dueAt?.getTime() ?? null,
  ]);
  // Cannot happen under the row lock; a database that has none must not lose a change.
  if (updated.length === 0) throw new SqlFailure('again', 'the revision is not the one read');
}
