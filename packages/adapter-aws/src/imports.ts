import type {
  Json,
  KeyChange,
  KeyRecord,
  KeyState,
  KeyVersion,
  VersionChange,
} from '@keyglot/core';
import { isReplica } from './multiRegion.js';

/**
 * How a material belongs to its key: for good, waiting for its rotation, or not any more. What was taken
 * away before its rotation keeps its row, because the same material may be imported again.
 *
 * @internal
 */
export type ImportRole = 'permanent' | 'pending' | 'discarded';

/** What is known of a material that was imported. @internal */
export interface Import {
  readonly role: ImportRole;
  /** Virtual time of its expiry, milliseconds since 1970; null when it does not expire. */
  readonly validToMs: number | null;
  readonly description: string | undefined;
}

/** Whether the key's material comes from outside. @internal */
export function isImported({ origin }: KeyRecord): boolean {
  return origin === 'imported';
}

/** What is known of the material of a version. @internal */
export function importOf({ attributes }: Pick<KeyVersion, 'attributes'>): Import {
  const { role, validToMs, description } = attributes;
  return {
    role: role === 'pending' || role === 'discarded' ? role : 'permanent',
    validToMs: typeof validToMs === 'number' ? validToMs : null,
    description: typeof description === 'string' ? description : undefined,
  };
}

/** Whether the material of a version is here. @internal */
export function isPresent({ materialId }: KeyVersion): boolean {
  return materialId !== '';
}

/** Whether the material of a version was deleted; what expired is still shown. @internal */
export function isGone(version: KeyVersion): boolean {
  return !isPresent(version) && importOf(version).validToMs === null;
}

/** The versions that belong to a key, for good or waiting for their rotation. @internal */
export function associated({ versions }: KeyRecord): readonly KeyVersion[] {
  return versions.filter((version) => importOf(version).role !== 'discarded');
}

/** The version that waits for its rotation. @internal */
export function pendingOf({ versions }: KeyRecord): KeyVersion | undefined {
  return versions.find((version) => importOf(version).role === 'pending');
}

/** Attributes of a version with other facts of its import; the rest stays. @internal */
export function importAttributes(
  version: Pick<KeyVersion, 'attributes'> | undefined,
  { role, validToMs, description }: Import,
): KeyVersion['attributes'] {
  const {
    role: _role,
    validToMs: _validTo,
    description: _text,
    places: _places,
    ...rest
  } = version?.attributes ?? {};
  const facts: { readonly [name: string]: Json } = {
    ...(role === 'permanent' ? {} : { role }),
    ...(validToMs === null ? {} : { validToMs }),
    ...(description === undefined ? {} : { description }),
  };
  return { ...rest, ...facts };
}

/**
 * What a change of material makes of its key: the state, and when the next material expires. A symmetric
 * key can be used while all of its materials are here.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys.html
 * @param after - facts of all versions after the change
 * @internal
 */
export function stateWith(
  key: KeyRecord,
  after: readonly (Import & { readonly present: boolean })[],
): { readonly state: KeyState; readonly dueAt: Date | null } {
  const permanent = after.filter(({ role }) => role === 'permanent');
  const complete = permanent.length > 0 && permanent.every(({ present }) => present);
  const dates = after.flatMap(({ present, validToMs }) =>
    present && validToMs !== null ? [validToMs] : [],
  );
  return {
    state: nextState(key.state, complete),
    dueAt: dates.length === 0 ? null : new Date(Math.min(...dates)),
  };
}

function nextState(state: KeyState, complete: boolean): KeyState {
  if (complete) return state === 'pending-import' ? 'enabled' : state;
  return state === 'enabled' || state === 'disabled' ? 'pending-import' : state;
}

/** The facts of all versions of a key as they are. @internal */
export function factsOf(
  key: KeyRecord,
): readonly (Import & { readonly id: string; readonly present: boolean })[] {
  return key.versions.map((version) => ({
    ...importOf(version),
    id: version.id,
    present: isPresent(version),
  }));
}

/** Whether all material is here that the key needs. @internal */
export function isComplete(key: KeyRecord): boolean {
  return stateWith({ ...key, state: 'pending-import' }, factsOf(key)).state === 'enabled';
}

/**
 * A change that takes the material of these versions away. What expired keeps its date and its place;
 * what was deleted before its rotation does not belong to the key any more.
 *
 * @see https://github.com/radkawar/stackd/blob/9dc356f/testdata/aws/kms/imports.json
 * @internal
 */
export function withoutMaterial(
  key: KeyRecord,
  gone: readonly KeyVersion[],
  how: 'deleted' | 'expired',
): KeyChange {
  const ids = new Set(gone.map(({ id }) => id));
  // A replica key has the materials that its primary key has.
  const left = (role: ImportRole): ImportRole =>
    role === 'pending' && how === 'deleted' && !isReplica(key) ? 'discarded' : role;
  const setVersions = gone.map((version): VersionChange => {
    const { role, validToMs, description } = importOf(version);
    const attributes = importAttributes(version, {
      role: left(role),
      validToMs: how === 'deleted' ? null : validToMs,
      description,
    });
    return { id: version.id, state: version.state, attributes, material: null };
  });
  const after = factsOf(key).map((facts) =>
    ids.has(facts.id) ? { ...facts, role: left(facts.role), present: false } : facts,
  );
  return { set: stateWith(key, after), setVersions };
}

/** `ExpirationModel` and `ValidTo` in whole seconds, for one import or for the earliest of several. @internal */
export function expirationMembers(imports: readonly Pick<Import, 'validToMs'>[]): {
  readonly ExpirationModel?: string;
  readonly ValidTo?: number;
} {
  if (imports.length === 0) return {};
  const dates = imports.flatMap(({ validToMs }) => validToMs ?? []);
  if (dates.length === 0) return { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' };
  return {
    ExpirationModel: 'KEY_MATERIAL_EXPIRES',
    ValidTo: Math.floor(Math.min(...dates) / 1_000),
  };
}
