import type {
  Json,
  KeyOrigin,
  KeyRecord,
  KeySpecId,
  KeyState,
  KeyUsage,
  KeyVersion,
  MaterialRecord,
  StoredKey,
} from '@keyglot/core';
import type { SqlValue, Statement } from './statement.js';

/** One row per version of a key, or one without version. Numbers of 64 bits arrive as text. @internal */
export interface KeyRow {
  readonly sandbox: string;
  readonly id: string;
  readonly dialect: string;
  readonly tenant: string;
  readonly region: string;
  readonly wire_id: string;
  readonly spec: KeySpecId;
  readonly usages: string;
  readonly origin: KeyOrigin;
  readonly state: KeyState;
  readonly deletion_at: string | null;
  readonly created_at: string;
  readonly primary_version: string;
  readonly revision: string;
  readonly attributes: string;
  readonly twin_group: string;
  readonly due_at: string | null;
  readonly v_id: string | null;
  readonly v_number: number;
  readonly v_wire_id: string;
  readonly v_state: KeyVersion['state'];
  readonly v_created_at: string;
  readonly v_material_id: string;
  readonly v_attributes: string;
  readonly m_id: string | null;
  readonly m_spec: KeySpecId;
  readonly m_wrapped: Buffer;
  readonly m_root_key_id: string;
}

/** Keys with versions and material in one statement, so that all is of one moment. @internal */
export const READ_KEYS: Statement = {
  name: 'keyglot_read_keys',
  lookUp: true,
  text: `SELECT k.sandbox, k.id, k.dialect, k.tenant, k.region, k.wire_id, k.spec, k.usages, k.origin,
      k.state, k.deletion_at, k.created_at, k.primary_version, k.revision, k.attributes, k.twin_group, k.due_at,
      v.id AS v_id, v.number AS v_number, v.wire_id AS v_wire_id, v.state AS v_state,
      v.created_at AS v_created_at, v.material_id AS v_material_id, v.attributes AS v_attributes,
      m.id AS m_id, m.spec AS m_spec, m.wrapped AS m_wrapped, m.root_key_id AS m_root_key_id
    FROM keyglot_key k
    LEFT JOIN keyglot_version v ON v.sandbox = k.sandbox AND v.key_id = k.id
    LEFT JOIN keyglot_material m ON m.sandbox = v.sandbox AND m.id = v.material_id
    WHERE k.sandbox = $1 AND k.id = ANY($2::text[])
    ORDER BY k.id, v.number`,
};

/** Puts the rows of {@link READ_KEYS} together, by id of the key. @internal */
export function keysOf(rows: readonly KeyRow[]): ReadonlyMap<string, StoredKey> {
  const keys = new Map<
    string,
    { key: KeyRecord; versions: KeyVersion[]; materials: MaterialRecord[] }
  >();
  for (const row of rows) {
    let stored = keys.get(row.id);
    if (stored === undefined) {
      const versions: KeyVersion[] = [];
      stored = { key: keyOf(row, versions), versions, materials: [] };
      keys.set(row.id, stored);
    }
    if (row.v_id === null) continue;
    stored.versions.push(versionOf(row, row.v_id));
    if (row.m_id !== null && !stored.materials.some(({ id }) => id === row.m_id)) {
      stored.materials.push({
        sandbox: row.sandbox,
        id: row.m_id,
        spec: row.m_spec,
        wrapped: row.m_wrapped,
        rootKeyId: row.m_root_key_id,
      });
    }
  }
  return new Map([...keys].map(([id, { key, materials }]) => [id, { key, materials }]));
}

/** The columns of a key from `id` to `due_at`, in the order of the table. @internal */
export function keyValues(key: KeyRecord): readonly SqlValue[] {
  return [
    key.id,
    key.realm.dialect,
    key.realm.tenant,
    key.realm.region,
    key.wireId,
    key.spec,
    JSON.stringify(key.usages),
    key.origin,
    key.state,
    key.deletionAt?.getTime() ?? null,
    key.createdAt.getTime(),
    key.primaryVersion,
    key.revision,
    JSON.stringify(key.attributes),
    key.twinGroup,
    key.dueAt?.getTime() ?? null,
  ];
}

/** Reads what `JSON.stringify` wrote into a column. @internal */
export function attributesOf(text: string): { readonly [name: string]: Json } {
  // Only this package writes the column, and only from such a record.
  return JSON.parse(text) as { readonly [name: string]: Json };
}

function keyOf(row: KeyRow, versions: readonly KeyVersion[]): KeyRecord {
  return {
    sandbox: row.sandbox,
    id: row.id,
    realm: { dialect: row.dialect, tenant: row.tenant, region: row.region },
    wireId: row.wire_id,
    spec: row.spec,
    // Written by keyValues.
    usages: JSON.parse(row.usages) as KeyUsage[],
    origin: row.origin,
    state: row.state,
    deletionAt: dateOf(row.deletion_at),
    dueAt: dateOf(row.due_at),
    createdAt: new Date(Number(row.created_at)),
    primaryVersion: row.primary_version,
    revision: Number(row.revision),
    twinGroup: row.twin_group,
    attributes: attributesOf(row.attributes),
    versions,
  };
}

function dateOf(ms: string | null): Date | null {
  return ms === null ? null : new Date(Number(ms));
}

function versionOf(row: KeyRow, id: string): KeyVersion {
  return {
    id,
    number: row.v_number,
    wireId: row.v_wire_id,
    state: row.v_state,
    createdAt: new Date(Number(row.v_created_at)),
    materialId: row.v_material_id,
    attributes: attributesOf(row.v_attributes),
  };
}
