import { type AliasRecord, fault, type Realm, type Store } from '@keyglot/core';
import type { Database, Transaction } from './database.js';
import { orTaken, SqlFailure } from './failure.js';
import { lockKeys } from './keyChanges.js';
import { touchKeys } from './keys.js';
import type { Statement } from './statement.js';

interface AliasRow {
  readonly sandbox: string;
  readonly dialect: string;
  readonly tenant: string;
  readonly region: string;
  readonly name: string;
  readonly key_id: string;
  readonly key_wire_id: string;
  readonly created_at: string;
  readonly updated_at: string;
}

const COLUMNS = `a.sandbox, a.dialect, a.tenant, a.region, a.name, a.key_id, a.key_wire_id,
      a.created_at, a.updated_at`;
const REALM = 'a.sandbox = $1 AND a.dialect = $2 AND a.tenant = $3 AND a.region = $4';
const READ: Statement = {
  name: 'keyglot_read_alias',
  lookUp: true,
  text: `SELECT ${COLUMNS}, k.revision FROM keyglot_alias a
    JOIN keyglot_key k ON k.sandbox = a.sandbox AND k.id = a.key_id
    WHERE ${REALM} AND a.name = $5`,
};
const FIND: Statement = {
  lookUp: true,
  text: `SELECT a.key_id FROM keyglot_alias a WHERE ${REALM} AND a.name = $5`,
};
const LIST: Statement = {
  name: 'keyglot_list_aliases',
  lookUp: true,
  text: `SELECT ${COLUMNS} FROM keyglot_alias a
    WHERE ${REALM} AND a.name > $5 ORDER BY a.name LIMIT $6`,
};
const LIST_OF_KEY: Statement = {
  name: 'keyglot_list_aliases_of_key',
  lookUp: true,
  text: `SELECT ${COLUMNS} FROM keyglot_alias a
    WHERE ${REALM} AND a.name > $5 AND a.key_id = $7 ORDER BY a.name LIMIT $6`,
};
const COUNT: Statement = {
  text: 'SELECT count(*)::integer AS count FROM keyglot_alias WHERE sandbox = $1 AND key_id = $2',
};
const INSERT: Statement = {
  text: `INSERT INTO keyglot_alias
      (sandbox, dialect, tenant, region, name, key_id, key_wire_id, created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
};
const MOVE: Statement = {
  text: `UPDATE keyglot_alias a SET key_id = $7, key_wire_id = $8, updated_at = $9
    WHERE ${REALM} AND a.name = $5 AND a.key_id = $6 RETURNING a.name`,
};
const DELETE: Statement = {
  text: `DELETE FROM keyglot_alias a WHERE ${REALM} AND a.name = $5 AND a.key_id = $6
    RETURNING a.name`,
};

type AliasMethods = Pick<
  Store,
  'readAlias' | 'createAlias' | 'moveAlias' | 'deleteAlias' | 'listAliases'
>;

/**
 * The part of the store that keeps aliases. An alias is only written under the lock of its key, and
 * keys are locked before aliases everywhere.
 *
 * @internal
 */
export function createAliases(database: Database): AliasMethods {
  return {
    async readAlias(sandbox, realm, name) {
      const rows = await database.read<AliasRow & { readonly revision: string }>(
        'readAlias',
        READ,
        aliasKey(sandbox, realm, name),
      );
      const [row] = rows;
      return row && { alias: aliasOf(row), keyRevision: Number(row.revision) };
    },
    async createAlias(alias, check) {
      const { sandbox, keyId, name } = alias;
      await database.transaction({ sandbox, kind: 'createAlias', target: keyId }, async (tx) => {
        const target = (await lockKeys(tx, sandbox, [keyId])).get(keyId);
        if (target === undefined) throw fault('KeyNotFound', { id: keyId });
        const key = aliasKey(sandbox, alias.realm, name);
        const taken = { kind: 'alias', id: name };
        if ((await findKeyId(tx, key)) !== undefined) throw fault('AlreadyExists', taken);
        check(target.key, await countAliases(tx, sandbox, keyId));
        const times = [alias.createdAt.getTime(), alias.updatedAt.getTime()];
        await orTaken(tx.run(INSERT, [...key, keyId, alias.keyWireId, ...times]), taken);
        await touchKeys(tx, sandbox, [keyId]);
        tx.record([{ sandbox, id: keyId }]);
      });
    },
    moveAlias: (sandbox, realm, name, targetId, at, check) =>
      database.transaction({ sandbox, kind: 'moveAlias', target: targetId }, async (tx) => {
        const key = aliasKey(sandbox, realm, name);
        const currentId = await findKeyId(tx, key);
        if (currentId === undefined) throw fault('AliasNotFound', { name });
        const ids = [...new Set([currentId, targetId])];
        const locked = await lockKeys(tx, sandbox, ids);
        const target = locked.get(targetId)?.key;
        if (target === undefined) throw fault('KeyNotFound', { id: targetId });
        // The alias itself does not count, as it is not to be one more when it points there already.
        const others = await countAliases(tx, sandbox, targetId);
        const own = currentId === targetId ? 1 : 0;
        check(locked.get(currentId)?.key, target, others - own);
        const values = [...key, currentId, targetId, target.wireId, at.getTime()];
        mustMatch(await tx.run(MOVE, values));
        await touchKeys(tx, sandbox, ids);
        const touched = ids.map((id) => ({ sandbox, id }));
        tx.record(touched);
        return touched;
      }),
    deleteAlias: (sandbox, realm, name) =>
      database.transaction({ sandbox, kind: 'deleteAlias', target: name }, async (tx) => {
        const key = aliasKey(sandbox, realm, name);
        const keyId = await findKeyId(tx, key);
        if (keyId === undefined) throw fault('AliasNotFound', { name });
        await lockKeys(tx, sandbox, [keyId]);
        mustMatch(await tx.run(DELETE, [...key, keyId]));
        await touchKeys(tx, sandbox, [keyId]);
        const touched = [{ sandbox, id: keyId }];
        tx.record(touched);
        return touched;
      }),
    async listAliases(sandbox, realm, keyId, page) {
      const values = [...aliasKey(sandbox, realm, page.after ?? ''), page.limit];
      const rows =
        keyId === undefined
          ? await database.read<AliasRow>('listAliases', LIST, values)
          : await database.read<AliasRow>('listAliases', LIST_OF_KEY, [...values, keyId]);
      return rows.map(aliasOf);
    },
  };
}

function aliasKey(sandbox: string, realm: Realm, name: string): readonly string[] {
  return [sandbox, realm.dialect, realm.tenant, realm.region, name];
}

async function findKeyId(tx: Transaction, key: readonly string[]): Promise<string | undefined> {
  const [row] = await tx.run<{ readonly key_id: string }>(FIND, key);
  return row?.key_id;
}

async function countAliases(tx: Transaction, sandbox: string, keyId: string): Promise<number> {
  const [row] = await tx.run<{ readonly count: number }>(COUNT, [sandbox, keyId]);
  return row?.count ?? 0;
}

/** The alias was read before its key was locked; whoever moved it meanwhile makes us start again. */
function mustMatch(rows: readonly unknown[]): void {
  if (rows.length === 0) throw new SqlFailure('again', 'the alias has moved');
}

function aliasOf(row: AliasRow): AliasRecord {
  return {
    sandbox: row.sandbox,
    realm: { dialect: row.dialect, tenant: row.tenant, region: row.region },
    name: row.name,
    keyId: row.key_id,
    keyWireId: row.key_wire_id,
    createdAt: new Date(Number(row.created_at)),
    updatedAt: new Date(Number(row.updated_at)),
  };
}
