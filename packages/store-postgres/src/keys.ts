import { type KeyRef, type Locator, refKey, type Store } from '@keyglot/core';
import type { Database, Transaction } from './database.js';
import { CREATE } from './keyChanges.js';
import { partValues } from './keyParts.js';
import { type KeyRow, keysOf, keyValues, READ_KEYS } from './keyRows.js';
import type { Statement } from './statement.js';

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
const DUE: Statement = {
  name: 'keyglot_due_keys',
  lookUp: true,
  text: `SELECT id, due_at AS "dueAt" FROM keyglot_key
    WHERE sandbox = $1 AND due_at <= $2 AND (deletion_at IS NULL OR deletion_at > due_at)
    ORDER BY due_at, id LIMIT $3`,
};
const TOUCH: Statement = {
  text: `UPDATE keyglot_key SET revision = revision + 1
    WHERE sandbox = $1 AND id = ANY($2::text[])`,
};

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
  'readKey' | 'locate' | 'revisions' | 'createKey' | 'listKeys' | 'pageKeys' | 'dueKeys'
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
    async dueKeys(sandbox, nowMs, limit) {
      const rows = await database.read<{ readonly id: string; readonly dueAt: string }>(
        'dueKeys',
        DUE,
        [sandbox, Math.floor(nowMs), limit],
      );
      return rows.map(({ id, dueAt }) => ({ id, dueAt: new Date(Number(dueAt)) }));
    },
  };
}
