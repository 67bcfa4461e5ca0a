import type { MaterialRecord, VersionChange } from '@keyglot/core';
import type { Transaction } from './database.js';
import type { Statement } from './statement.js';

const LOCK: Statement = {
  text: `SELECT id FROM keyglot_material WHERE sandbox = $1 AND id = ANY($2::text[])
    ORDER BY id FOR UPDATE`,
};
const RELEASE: Statement = {
  text: `UPDATE keyglot_material m SET refs = m.refs - r.refs
    FROM unnest($2::text[], $3::integer[]) AS r (id, refs) WHERE m.sandbox = $1 AND m.id = r.id`,
};
const DELETE: Statement = {
  text: 'DELETE FROM keyglot_material WHERE sandbox = $1 AND id = ANY($2::text[]) AND refs <= 0',
};
const ADD: Statement = {
  text: `INSERT INTO keyglot_material (sandbox, id, spec, wrapped, root_key_id, refs)
    SELECT $1, *, 1 FROM unnest($2::text[], $3::text[], $4::bytea[], $5::text[])
    ON CONFLICT (sandbox, id) DO UPDATE SET refs = keyglot_material.refs + 1`,
};
const SET: Statement = {
  text: `UPDATE keyglot_version v SET material_id = s.material_id
    FROM unnest($3::text[], $4::text[]) AS s (id, material_id)
    WHERE v.sandbox = $1 AND v.key_id = $2 AND v.id = s.id`,
};

/**
 * Takes references off material, and removes what has none any more.
 *
 * @param ids - one for each reference; empty ones stand for none
 * @internal
 */
export async function releaseMaterials(
  tx: Transaction,
  sandbox: string,
  ids: readonly string[],
): Promise<void> {
  const refs = new Map<string, number>();
  for (const id of ids) if (id !== '') refs.set(id, (refs.get(id) ?? 0) + 1);
  const materials = [...refs.keys()];
  await tx.run(LOCK, [sandbox, materials]);
  await tx.run(RELEASE, [sandbox, materials, [...refs.values()]]);
  await tx.run(DELETE, [sandbox, materials]);
}

/**
 * Gives versions of a key other material, or takes theirs away.
 *
 * @param had - ids of the material that the versions have
 * @internal
 */
export async function replaceMaterials(
  tx: Transaction,
  { sandbox, id }: { readonly sandbox: string; readonly id: string },
  versions: readonly (VersionChange & { readonly material: MaterialRecord | null })[],
  had: readonly string[],
): Promise<void> {
  const given = versions.flatMap(({ material }) => material ?? []);
  await tx.run(ADD, [
    sandbox,
    given.map((material) => material.id),
    given.map(({ spec }) => spec),
    given.map(({ wrapped }) => wrapped),
    given.map(({ rootKeyId }) => rootKeyId),
  ]);
  await tx.run(SET, [
    sandbox,
    id,
    versions.map((version) => version.id),
    versions.map(({ material }) => material?.id ?? ''),
  ]);
  await releaseMaterials(tx, sandbox, had);
}
