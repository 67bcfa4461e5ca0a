import { type OpenedResource, type Scope, SYSTEM_SANDBOX, type Vault } from '@keyglot/core';

/** Kind of the resource that holds a registered credential. @public */
export const CREDENTIAL_KIND = 'credential';

/** A registered access key. @internal */
export interface Credential {
  /** Changes whenever the stored record is read again. */
  readonly resource: OpenedResource;
  readonly profile: 'aws' | 'qkms';
  readonly account: string;
  /** ARN of the user or session it belongs to; empty for the account's root user. */
  readonly arn: string;
  /** Sandbox it was issued for, or empty. */
  readonly sandbox: string;
  readonly secretAccessKey: string;
  /** Session token that must come along, or empty. */
  readonly sessionToken: string;
  /** Virtual time of expiry in milliseconds since 1970, or 0. */
  readonly expiresAtMs: number;
}

/** The credential registered under an access key id; synchronous, throws a `Miss` when not in memory. @internal */
export function findCredential(
  vault: Vault,
  scope: Scope,
  accessKeyId: string,
): Credential | undefined {
  const found = vault.resources.byId(scope, SYSTEM_SANDBOX, CREDENTIAL_KIND, accessKeyId);
  const body = found?.record.body;
  const profile = body?.['dialect'];
  if (found?.secret === undefined || body === undefined) return undefined;
  if (profile !== 'aws' && profile !== 'qkms') return undefined;
  let known = opened.get(found);
  if (known === undefined) {
    // Written by registerCredential of the gateway, which validates it.
    const secret = JSON.parse(found.secret.expose().toString('utf8')) as {
      secret: string;
      sessionToken: string;
    };
    known = {
      resource: found,
      profile,
      account: text(body['account']),
      arn: text(body['arn']),
      sandbox: text(body['sandbox']),
      secretAccessKey: secret.secret,
      sessionToken: secret.sessionToken,
      expiresAtMs: Number(body['expiresAtMs'] ?? 0),
    };
    opened.set(found, known);
  }
  return known;
}

/** Taken apart once per reading of the record. */
const opened = new WeakMap<OpenedResource, Credential>();

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
