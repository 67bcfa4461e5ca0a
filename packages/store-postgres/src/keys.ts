import {
  fault,
  type KeyRecord,
  type KeyRef,
  type Locator,
  refKey,
  type Store,
  type StoredKey,
} from '@keyglot/core';
import type { Database, Transaction } from './database.js';
import { orTaken, SqlFailure } from './failure.js';
import { insertParts, partValues } from './keyParts.js';
import { type KeyRow, keysOf, keyValues, READ_KEYS } from './keyRows.js';
import { RECORD_CLAUSE, type Statement } from './statement.js';

const LOCATE: Statement = {
  name: 'keyglot_locate',
  lookUp: true,
  text: `SELECT sandbox, dialect, kind, wire_id AS "wireId", tenant, region, key_id AS "keyId",
      version_id AS "versionId"
    FROM keyglot_locator WHERE sandbox = $1 AND dialect = $2 AND kind = $3 AND wire_id = $4
    ORDER BY tenant, region`,
};
const REVISIONS: Statement = {
  name: 'keyglot_revisions',
  lookUp: true,
  text: `SELECT k.sandbox, k.id, k.revision FROM unnest($1::text[], $2::text[]) AS r (sandbox, id)
    JOIN keyglot_key k ON k.sandbox = r.sandbox AND k.id = r.id`,
};
const LIST: Statement = {
  name: 'keyglot_list_keys',
  lookUp: true,
  text: `SELECT id, wire_id AS "wireId" FROM keyglot_key
    WHERE sandbox = $1 AND dialect = $2 AND tenant = $3 AND region = $4 AND wire_id > $5
      AND (deletion_at IS NULL OR deletion_at > $6)
    ORDER BY wire_id LIMIT $7`,
};
const COUNT: Statement = {
  name: 'keyglot_count_keys',
  lookUp: true,
  text: `SELECT count(*) AS total FROM keyglot_key
    WHERE sandbox = $1 AND dialect = $2 AND tenant = $3 AND region = $4
      AND (deletion_at IS NULL OR deletion_at > $5)`,
};
const PAGE: Statement = {
  name: 'keyglot_page_keys',
  lookUp: true,
  text: `SELECT id, wire_id AS "wireId" FROM keyglot_key
    WHERE sandbox = $1 AND dialect = $2 AND tenant = $3 AND region = $4
      AND (deletion_at IS NULL OR deletion_at > $5)
    ORDER BY created_at, wire_id LIMIT $6 OFFSET $7`,
};
const SET_VERSIONS: Statement = {
  text: `UPDATE keyglot_version v SET state = s.state, attributes = s.attributes
    FROM unnest($3::text[], $4::text[], $5::text[]) AS s (id, state, attributes)
    WHERE v.sandbox = $1 AND v.key_id = $2 AND v.id = s.id`,
};
const CREATE: Statement = {
  name: 'keyglot_create_key',
  text: `WITH ${RECORD_CLAUSE}, key AS (
      INSERT INTO keyglot_key (sandbox, id, dialect, tenant, region, wire_id, spec, usages, origin,
        state, deletion_at, created_at, primary_version, revision, attributes)
      VALUES ($1, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
    ), ${insertParts(20)} SELECT 1`,
};
const LOCK: Statement = {
  name: 'keyglot_lock_keys',
  lookUp: true,
  text: `SELECT id FROM keyglot_key WHERE sandbox = $1 AND id = ANY($2::text[])
    ORDER BY id FOR UPDATE`,
};
const UPDATE: Statement = {
  name: 'keyglot_update_key',
  text: `UPDATE keyglot_key SET state = $4, deletion_at = $5, primary_version = $6, attributes = $7,
      revision = revision + 1
    WHERE sandbox = $1 AND id = $2 AND revision = $3 RETURNING id`,
};
const TOUCH: Statement = {
  text: `UPDATE keyglot_key SET revision = revision + 1
    WHERE sandbox = $1 AND id = ANY($2::text[])`,
};
const ADD_PARTS: Statement = { text: `WITH ${insertParts(2)} SELECT 1` };

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

/** Raises the revisions of keys that are locked. @internal */
export async function touchKeys(
  tx: Transaction,
  sandbox: string,
  ids: readonly string[],
): Promise<void> {
  await tx.run(TOUCH, [sandbox, ids]);
}

type KeyMethods = Pick<
  Store,
  'readKey' | 'locate' | 'revisions' | 'createKey' | 'changeKey' | 'listKeys' | 'pageKeys'
>;

/** The part of the store that keeps keys. @internal */
export function createKeys(database: Database): KeyMethods {
  return {
    async readKey({ sandbox, id }) {
      const rows = await database.read<KeyRow>('readKey', READ_KEYS, [sandbox, [id]]);
      return keysOf(rows).get(id);
    },
    locate: ({ sandbox, dialect, kind, wireId }) =>
      database.read<Locator>('locate', LOCATE, [sandbox, dialect, kind, wireId]),
    async revisions(refs) {
      if (refs.length === 0) return new Map();
      const rows = await database.read<KeyRef & { readonly revision: string }>(
        'revisions',
        REVISIONS,
        [refs.map(({ sandbox }) => sandbox), refs.map(({ id }) => id)],
      );
      return new Map(rows.map((row) => [refKey(row), Number(row.revision)]));
    },
    createKey: async ({ key, materials, locators }) =>
      database.write(
        { sandbox: key.sandbox, kind: 'createKey', target: key.id },
        CREATE,
        [...keyValues(key), ...partValues(key.id, { versions: key.versions, materials, locators })],
        { kind: 'key', id: key.wireId },
      ),
    changeKey: (ref, decide) =>
      database.transaction(
        { sandbox: ref.sandbox, kind: 'changeKey', target: ref.id },
        async (tx) => {
          const stored = (await lockKeys(tx, ref.sandbox, [ref.id])).get(ref.id);
          if (stored === undefined) throw fault('KeyNotFound', { id: ref.id });
          const change = decide(stored.key);
          if (change === undefined) return stored;
          const { addVersions: added = [], setVersions = [], set } = change;
          const key: KeyRecord = { ...stored.key, ...set, revision: stored.key.revision + 1 };
          await updateKey(tx, key, stored.key.revision);
          tx.record([ref]);
          if (setVersions.length > 0) {
            await tx.run(SET_VERSIONS, [
              ref.sandbox,
              ref.id,
              setVersions.map(({ id }) => id),
              setVersions.map(({ state }) => state),
              setVersions.map(({ attributes }) => JSON.stringify(attributes)),
            ]);
          } else if (added.length === 0) return { key, materials: stored.materials };
          const parts = {
            versions: added.map(({ version }) => version),
            materials: added.map(({ material }) => material),
            locators: added.flatMap((one) => one.locators),
          };
          if (added.length > 0) {
            await orTaken(tx.run(ADD_PARTS, [ref.sandbox, ...partValues(ref.id, parts)]), {
              kind: 'version',
              id: ref.id,
            });
          }
          const rows = await tx.run<KeyRow>(READ_KEYS, [ref.sandbox, [ref.id]]);
          return keysOf(rows).get(ref.id) ?? stored;
        },
      ),
    listKeys: (sandbox, realm, page, nowMs) =>
      database.read('listKeys', LIST, [
        sandbox,
        realm.dialect,
        realm.tenant,
        realm.region,
        page.after ?? '',
        Math.floor(nowMs),
        page.limit,
      ]),
    async pageKeys(sandbox, realm, { offset, limit }, nowMs) {
      const where = [sandbox, realm.dialect, realm.tenant, realm.region, Math.floor(nowMs)];
      const [counted] = await database.read<{ readonly total: string }>('pageKeys', COUNT, where);
      const keys = await database.read<{ readonly id: string; readonly wireId: string }>(
        'pageKeys',
        PAGE,
        [...where, limit, offset],
      );
      return { keys, total: Number(counted?.total ?? 0) };
    },
  };
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
  ]);
  // Cannot happen under the row lock; a database that has none must not lose a change.
  if (updated.length === 0) throw new SqlFailure('again', 'the revision is not the one read');
}
