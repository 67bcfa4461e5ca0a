import { fault, type KeyVersion, type Locator, type MaterialRecord } from '@keyglot/core';
import type { SqlValue } from './statement.js';

/**
 * Clauses of a `WITH` that add versions, material and locators to a key. `$1` is the sandbox; the
 * parameters of {@link partValues} begin at `first`.
 *
 * @internal
 */
export function insertParts(first: number): string {
  const p = (offset: number): string => `$${first + offset}`;
  // The conflict action locks a material that is there already, so that nobody removes it as unused
  // before this transaction has ended.
  return `material AS (
      INSERT INTO keyglot_material (sandbox, id, spec, wrapped, root_key_id, refs)
      SELECT $1, * FROM unnest(${p(0)}::text[], ${p(1)}::text[], ${p(2)}::bytea[], ${p(3)}::text[],
        ${p(4)}::integer[])
      ON CONFLICT (sandbox, id) DO UPDATE SET refs = keyglot_material.refs + excluded.refs
    ), version AS (
      INSERT INTO keyglot_version
        (sandbox, key_id, id, number, wire_id, state, created_at, material_id, attributes)
      SELECT $1, ${p(5)}::text, * FROM unnest(${p(6)}::text[], ${p(7)}::integer[], ${p(8)}::text[],
        ${p(9)}::text[], ${p(10)}::bigint[], ${p(11)}::text[], ${p(12)}::text[])
    ), locator AS (
      INSERT INTO keyglot_locator
        (sandbox, key_id, dialect, kind, wire_id, tenant, region, version_id)
      SELECT $1, ${p(5)}::text, * FROM unnest(${p(13)}::text[], ${p(14)}::text[], ${p(15)}::text[],
        ${p(16)}::text[], ${p(17)}::text[], ${p(18)}::text[])
    )`;
}

/** What is added to a key. @internal */
export interface KeyParts {
  readonly versions: readonly KeyVersion[];
  readonly materials: readonly MaterialRecord[];
  readonly locators: readonly Locator[];
}

/**
 * The parameters of {@link insertParts}.
 *
 * @throws KmsFault Internal when the material of a version is not given
 * @internal
 */
export function partValues(keyId: string, parts: KeyParts): readonly SqlValue[] {
  const { versions, locators } = parts;
  const refs = new Map<string, number>();
  for (const { materialId } of versions) {
    if (materialId !== '') refs.set(materialId, (refs.get(materialId) ?? 0) + 1);
  }
  const given = new Map(parts.materials.map((material) => [material.id, material]));
  // In one order everywhere, so that two transactions which share materials do not lock each other out.
  const materials = [...refs.keys()].sort().map((id) => {
    const material = given.get(id);
    if (material === undefined) throw fault('Internal', { what: `material ${id} is not given` });
    return material;
  });
  return [
    materials.map(({ id }) => id),
    materials.map(({ spec }) => spec),
    materials.map(({ wrapped }) => wrapped),
    materials.map(({ rootKeyId }) => rootKeyId),
    materials.map(({ id }) => refs.get(id) ?? 0),
    keyId,
    versions.map(({ id }) => id),
    versions.map(({ number }) => number),
    versions.map(({ wireId }) => wireId),
    versions.map(({ state }) => state),
    versions.map(({ createdAt }) => createdAt.getTime()),
    versions.map(({ materialId }) => materialId),
    versions.map(({ attributes }) => JSON.stringify(attributes)),
    locators.map(({ dialect }) => dialect),
    locators.map(({ kind }) => kind),
    locators.map(({ wireId }) => wireId),
    locators.map(({ tenant }) => tenant),
    locators.map(({ region }) => region),
    locators.map(({ versionId }) => versionId),
  ];
}
