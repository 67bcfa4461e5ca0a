import {
  fault,
  type Json,
  type OpenedResource,
  type Scope,
  Secret,
  SYSTEM_SANDBOX,
  settle,
  type Vault,
} from '@keyglot/core';

/** Kind of the resource that holds a registered credential. @public */
export const CREDENTIAL_KIND = 'credential';

/** How one adapter's credentials are registered. All members are texts. @public */
export interface CredentialForm {
  /** Values of `dialect` that this form is for; ids are unique within them. */
  readonly dialects: readonly string[];
  /** Member with the id that clients send, for instance `accessKeyId`. */
  readonly idMember: string;
  /**
   * The id of a credential that is looked up by something else than its id member, for instance by a
   * digest of a token. With it no member is required but what `check` asks for.
   */
  identify?(given: ReadonlyMap<string, string>): string;
  /** Members that are kept sealed and never shown; the first is required. */
  readonly secretMembers: readonly string[];
  /** Members that are shown. */
  readonly openMembers: readonly string[];
  /** What is wrong with the given members, or undefined. */
  check(given: ReadonlyMap<string, string>): string | undefined;
}

/** A registered credential. @public */
export interface Credential {
  /** Another object whenever the stored record is read again, so that it can key caches. */
  readonly resource: OpenedResource;
  readonly dialect: string;
  /** Sandbox it was issued for, or empty. */
  readonly sandbox: string;
  /** Virtual time of expiry in milliseconds since 1970, or 0. */
  readonly expiresAtMs: number;
  /** An open or a secret member; empty when it was not given. */
  get(member: string): string;
}

/** A credential to be registered. @public */
export interface CredentialDraft {
  readonly dialect: string;
  readonly id: string;
  readonly sandbox: string;
  readonly expiresAtMs: number;
  readonly open: ReadonlyMap<string, string>;
  readonly secret: ReadonlyMap<string, string>;
}

/**
 * The credential registered under an id; synchronous, throws a `Miss` when that is not in memory.
 *
 * @public
 */
export function findCredential(
  vault: Vault,
  scope: Scope,
  form: CredentialForm,
  id: string,
): Credential | undefined {
  const found = vault.resources.byId(scope, SYSTEM_SANDBOX, CREDENTIAL_KIND, resourceId(form, id));
  if (found === undefined) return undefined;
  let known = opened.get(found);
  if (known === undefined) {
    known = openCredential(found);
    opened.set(found, known);
  }
  return known;
}

/**
 * Registers a credential, or replaces it. With `settleChanges` of the vault it is fulfilled when no
 * other process may take the one before any more; so does its removal.
 *
 * @returns whether it is new
 * @throws KmsFault Conflict, AlreadyExists when somebody else writes it at the same moment
 * @public
 */
export async function registerCredential(
  vault: Vault,
  form: CredentialForm,
  draft: CredentialDraft,
): Promise<boolean> {
  const id = resourceId(form, draft.id);
  const current = await vault.store.readResource(SYSTEM_SANDBOX, CREDENTIAL_KIND, id);
  const { dialect, sandbox, expiresAtMs } = draft;
  const body: Record<string, Json> = { dialect, sandbox, expiresAtMs };
  for (const [member, value] of [[form.idMember, draft.id], ...draft.open] as const) {
    body[String(member)] = String(value);
  }
  await vault.resources.write({
    sandbox: SYSTEM_SANDBOX,
    kind: CREDENTIAL_KIND,
    id,
    body,
    secret: new Secret(Buffer.from(JSON.stringify(Object.fromEntries(draft.secret)), 'utf8')),
    version: (current?.version ?? 0) + 1,
  });
  await settle(vault);
  return current === undefined;
}

/** Removes a credential. @returns whether there was one @public */
export async function removeCredential(
  vault: Vault,
  form: CredentialForm,
  id: string,
): Promise<boolean> {
  const there = await vault.resources.delete(SYSTEM_SANDBOX, CREDENTIAL_KIND, resourceId(form, id));
  await settle(vault);
  return there;
}

/** Two adapters may have credentials of the same id. */
function resourceId(form: CredentialForm, id: string): string {
  return `${form.dialects[0] ?? ''}:${id}`;
}

/** Taken apart once per reading of the record. */
const opened = new WeakMap<OpenedResource, Credential>();

function openCredential(resource: OpenedResource): Credential {
  const { body } = resource.record;
  const sealed = parseSealed(resource);
  const members = new Map<string, unknown>([
    ...Object.entries(body),
    ...Object.entries(typeof sealed === 'object' && sealed !== null ? sealed : {}),
  ]);
  const get = (member: string): string => {
    const value = members.get(member);
    return typeof value === 'string' ? value : '';
  };
  return {
    resource,
    dialect: get('dialect'),
    sandbox: get('sandbox'),
    expiresAtMs: Number(body['expiresAtMs'] ?? 0),
    get,
  };
}

/** The parser's own error would show a piece of the secret. */
function parseSealed({ secret }: OpenedResource): unknown {
  try {
    return JSON.parse(secret?.expose().toString('utf8') ?? '{}');
  } catch {
    throw fault('Internal', { what: 'a stored credential cannot be read' });
  }
}
