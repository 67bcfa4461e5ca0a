import { fault, type ResourceIndexEntry, type ResourceRecord, type Store } from '@keyglot/core';
import { behind } from './behind.js';
import type { Database, Transaction } from './database.js';
import { orTaken } from './failure.js';
import { attributesOf } from './keyRows.js';
import { RECORD_CLAUSE, type SqlValue, type Statement } from './statement.js';

interface ResourceRow {
  readonly sandbox: string;
  readonly kind: string;
  readonly id: string;
  readonly parent: string;
  readonly body: string;
  readonly sealed: Buffer | null;
  readonly version: string;
}

const COLUMNS = 'r.sandbox, r.kind, r.id, r.parent, r.body, r.sealed, r.version';
const READ: Statement = {
  name: 'keyglot_read_resource',
  lookUp: true,
  text: `SELECT ${COLUMNS} FROM keyglot_resource r
    WHERE r.sandbox = $1 AND r.kind = $2 AND r.id = $3`,
};
const FIND: Statement = {
  name: 'keyglot_find_resource',
  lookUp: true,
  text: `SELECT ${COLUMNS} FROM keyglot_resource_index i
    JOIN keyglot_resource r ON r.sandbox = i.sandbox AND r.kind = i.kind AND r.id = i.id
    WHERE i.sandbox = $1 AND i.kind = $2 AND i.name = $3 AND i.value = $4`,
};
const LIST: Statement = {
  name: 'keyglot_list_resources',
  lookUp: true,
  text: `SELECT ${COLUMNS} FROM keyglot_resource r
    WHERE r.sandbox = $1 AND r.kind = $2 AND r.id > $3 ORDER BY r.id LIMIT $4`,
};
const LIST_OF_PARENT: Statement = {
  name: 'keyglot_list_resources_of_parent',
  lookUp: true,
  text: `SELECT ${COLUMNS} FROM keyglot_resource r
    WHERE r.sandbox = $1 AND r.kind = $2 AND r.id > $3 AND r.parent = $5 ORDER BY r.id LIMIT $4`,
};
const LIST_INDEXED: Statement = {
  name: 'keyglot_list_indexed_resources',
  lookUp: true,
  text: `SELECT ${COLUMNS}, i.value FROM keyglot_resource_index i
    JOIN keyglot_resource r ON r.sandbox = i.sandbox AND r.kind = i.kind AND r.id = i.id
    WHERE i.sandbox = $1 AND i.kind = $2 AND i.name = $3 AND i.value >= $4
      AND ($5::text IS NULL OR i.value < $5) AND ($6::text IS NULL OR i.value > $6)
    ORDER BY i.value LIMIT $7`,
};
const CREATE: Statement = {
  name: 'keyglot_create_resource',
  text: `WITH ${RECORD_CLAUSE}, resource AS (
      INSERT INTO keyglot_resource (sandbox, kind, id, parent, body, sealed, version)
      VALUES ($1, $6, $7, $8, $9, $10, 1)
    ), entry AS (
      INSERT INTO keyglot_resource_index (sandbox, kind, id, name, value)
      SELECT $1, $6, $7, * FROM unnest($11::text[], $12::text[])
    ) SELECT 1`,
};
const REPLACE: Statement = {
  text: `UPDATE keyglot_resource SET parent = $4, body = $5, sealed = $6, version = $7
    WHERE sandbox = $1 AND kind = $2 AND id = $3 AND version = $7::bigint - 1 RETURNING id`,
};
const DELETE_ENTRIES: Statement = {
  lookUp: true,
  text: 'DELETE FROM keyglot_resource_index WHERE sandbox = $1 AND kind = $2 AND id = $3',
};
const INSERT_ENTRIES: Statement = {
  text: `INSERT INTO keyglot_resource_index (sandbox, kind, id, name, value)
    SELECT $1, $2, $3, * FROM unnest($4::text[], $5::text[])`,
};
const DELETE: Statement = {
  lookUp: true,
  text: 'DELETE FROM keyglot_resource WHERE sandbox = $1 AND kind = $2 AND id = $3 RETURNING id',
};

type ResourceMethods = Pick<
  Store,
  | 'readResource'
  | 'findResource'
  | 'listResources'
  | 'listIndexed'
  | 'writeResource'
  | 'deleteResource'
>;

/** The part of the store that keeps resources and their index. @internal */
export function createResources(database: Database): ResourceMethods {
  return {
    async readResource(sandbox, kind, id) {
      const rows = await database.read<ResourceRow>('readResource', READ, [sandbox, kind, id]);
      return rows.map(resourceOf)[0];
    },
    async findResource(sandbox, kind, { name, value }) {
      const values = [sandbox, kind, name, value];
      const rows = await database.read<ResourceRow>('findResource', FIND, values);
      return rows.map(resourceOf)[0];
    },
    async listResources(sandbox, kind, parent, page) {
      const values = [sandbox, kind, page.after ?? '', page.limit];
      const rows =
        parent === undefined
          ? await database.read<ResourceRow>('listResources', LIST, values)
          : await database.read<ResourceRow>('listResources', LIST_OF_PARENT, [...values, parent]);
      return rows.map(resourceOf);
    },
    async listIndexed(sandbox, kind, name, prefix, page) {
      const rows = await database.read<ResourceRow & { readonly value: string }>(
        'listIndexed',
        LIST_INDEXED,
        [sandbox, kind, name, prefix, behind(prefix), page.after ?? null, page.limit],
      );
      return rows.map((row) => ({ value: row.value, resource: resourceOf(row) }));
    },
    writeResource: async (resource, index) =>
      resource.version === 1
        ? create(database, resource, index)
        : replace(database, resource, index),
    deleteResource: (sandbox, kind, id) =>
      database.transaction(
        { sandbox, kind: 'deleteResource', target: `${kind} ${id}` },
        async (tx) => {
          const removed = await removeResource(tx, sandbox, kind, id);
          if (removed) tx.record([]);
          return removed;
        },
      ),
  };
}

/** @internal */
export async function removeResource(
  tx: Transaction,
  sandbox: string,
  kind: string,
  id: string,
): Promise<boolean> {
  const removed = await tx.run(DELETE, [sandbox, kind, id]);
  if (removed.length === 0) return false;
  // A statement of its own, so that it sees what a writer added while we waited for the row.
  await tx.run(DELETE_ENTRIES, [sandbox, kind, id]);
  return true;
}

async function create(
  database: Database,
  resource: ResourceRecord,
  index: readonly ResourceIndexEntry[],
): Promise<void> {
  const { sandbox, kind, id } = resource;
  await database.write(
    { sandbox, kind: 'createResource', target: `${kind} ${id}` },
    CREATE,
    [kind, id, ...contentOf(resource), ...entriesOf(index)],
    { kind, id },
  );
}

async function replace(
  database: Database,
  resource: ResourceRecord,
  index: readonly ResourceIndexEntry[],
): Promise<void> {
  const { sandbox, kind, id, version } = resource;
  const change = { sandbox, kind: 'replaceResource', target: `${kind} ${id}` };
  await database.transaction(change, async (tx) => {
    const key = [sandbox, kind, id];
    const replaced = await tx.run(REPLACE, [...key, ...contentOf(resource), version]);
    if (replaced.length === 0) throw fault('Conflict', { what: kind });
    await tx.run(DELETE_ENTRIES, key);
    await orTaken(tx.run(INSERT_ENTRIES, [...key, ...entriesOf(index)]), { kind, id });
    tx.record([]);
  });
}

/** Parent, body and sealed part, in the order of the table. @internal */
export function contentOf(resource: ResourceRecord): readonly SqlValue[] {
  return [resource.parent, JSON.stringify(resource.body), resource.sealed];
}

/** Names and values of index entries. @internal */
export function entriesOf(index: readonly ResourceIndexEntry[]): readonly SqlValue[] {
  return [index.map(({ name }) => name), index.map(({ value }) => value)];
}

function resourceOf(row: ResourceRow): ResourceRecord {
  return {
    sandbox: row.sandbox,
    kind: row.kind,
    id: row.id,
    parent: row.parent,
    body: attributesOf(row.body),
    sealed: row.sealed,
    version: Number(row.version),
  };
}
