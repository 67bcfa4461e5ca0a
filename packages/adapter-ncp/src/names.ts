import {
  fault,
  KmsFault,
  type LoadedKey,
  type Realm,
  type ResourceRecord,
  type Scope,
  type Vault,
} from '@keyglot/core';

const KIND = 'ncp-key-name';

/** After this time a reservation without its key is what a broken-off request left behind. */
const STALE_MS = 60_000;

/** A name that is kept for a key. @internal */
export interface Reservation {
  readonly realm: Realm;
  readonly name: string;
  readonly keyTag: string;
  readonly version: number;
}

/**
 * Reserves a key name in its key store, before the key that is to bear it is written; confirm it
 * afterwards. A reservation counts for as long as there is a key of that tag and name; what is left of
 * keys that are gone, or of requests that broke off, is taken over.
 *
 * @throws KmsFault AlreadyExists when another key has the name
 * @internal
 */
export async function reserveName(
  vault: Vault,
  scope: Scope,
  realm: Realm,
  name: string,
  keyTag: string,
): Promise<Reservation> {
  const current = await vault.store.readResource(scope.sandbox, KIND, idOf(realm, name));
  const taken = fault('AlreadyExists', { kind: 'key', id: name });
  if (current !== undefined && (await isHeld(vault, scope, realm, name, current))) throw taken;
  const reservation = { realm, name, keyTag, version: (current?.version ?? 0) + 1 };
  try {
    await write(vault, scope, reservation, false);
  } catch (error) {
    if (error instanceof KmsFault && error.code === 'Conflict') throw taken;
    throw error;
  }
  return reservation;
}

/**
 * Makes a key under a name: keeps the name for it, and gives it back when the key was not written.
 *
 * @throws KmsFault AlreadyExists when another key has the name, and what `make` throws
 * @internal
 */
export async function withName(
  vault: Vault,
  scope: Scope,
  { realm, name, keyTag }: Pick<Reservation, 'realm' | 'name' | 'keyTag'>,
  make: () => Promise<LoadedKey>,
): Promise<LoadedKey> {
  const reservation = await reserveName(vault, scope, realm, name, keyTag);
  const key = await make().catch(async (error: unknown) => {
    await releaseUnwritten(vault, scope, reservation, error);
    throw error;
  });
  await confirmName(vault, scope, reservation);
  return key;
}

/** Says that the key bears its name now. @internal */
export async function confirmName(
  vault: Vault,
  scope: Scope,
  reservation: Reservation,
): Promise<void> {
  await write(vault, scope, { ...reservation, version: reservation.version + 1 }, true);
}

/**
 * Gives a name back after the key could not be written. When nobody knows whether it was, the
 * reservation stays: it counts if the key is there, and is taken over after a minute if not.
 *
 * @internal
 */
export async function releaseUnwritten(
  vault: Vault,
  scope: Scope,
  { realm, name }: Reservation,
  failure: unknown,
): Promise<void> {
  if (failure instanceof KmsFault && failure.code !== 'Unavailable') {
    await releaseName(vault, scope, realm, name);
  }
}

/** Gives a name back. @internal */
export async function releaseName(
  vault: Vault,
  scope: Scope,
  realm: Realm,
  name: string,
): Promise<void> {
  await vault.resources.delete(scope.sandbox, KIND, idOf(realm, name));
}

async function write(
  vault: Vault,
  scope: Scope,
  { realm, name, keyTag, version }: Reservation,
  isConfirmed: boolean,
): Promise<void> {
  await vault.resources.write({
    sandbox: scope.sandbox,
    kind: KIND,
    id: idOf(realm, name),
    parent: keyTag,
    body: { keyTag, isConfirmed, reservedAt: vault.clock.realMs() },
    version,
  });
}

async function isHeld(
  vault: Vault,
  scope: Scope,
  realm: Realm,
  name: string,
  { body }: ResourceRecord,
): Promise<boolean> {
  const { sandbox, nowMs } = scope;
  const { dialect, tenant, region } = realm;
  const wireId = String(body['keyTag']);
  const places = await vault.store.locate({ sandbox, dialect, kind: 'key', wireId });
  const place = places.find((one) => one.tenant === tenant && one.region === region);
  if (place !== undefined) {
    const [key] = await vault.keys.many({ sandbox, nowMs, pinned: new Map() }, [place.keyId]);
    if (key?.record.attributes['keyName'] === name) return true;
  }
  // The key may be on its way to the name.
  const ageMs = vault.clock.realMs() - Number(body['reservedAt']);
  return body['isConfirmed'] !== true && ageMs < STALE_MS;
}

function idOf({ tenant, region }: Realm, name: string): string {
  return `${tenant}/${region}/${name}`;
}
