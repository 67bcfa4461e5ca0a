import {
  KmsFault,
  MAIN_SANDBOX,
  openScope,
  type Realm,
  type Scope,
  type Vault,
} from '@keyglot/core';
import {
  type Credential,
  type DialectFace,
  findCredential,
  TransferRefused,
  type Whereabouts,
} from '@keyglot/dialect';
import type { Response } from 'express';
import { refuse } from './guard.js';
import { MemberError, type Members } from './members.js';

/** Members that say where an end is and who acts there. @internal */
export const PLACE: readonly string[] = ['dialect', 'account', 'region', 'principal'];

/** One end of what crosses between dialects, as it was asked for. @internal */
export interface End {
  readonly face: DialectFace;
  readonly where: Whereabouts;
  /** Id of a registered credential. */
  readonly principalId: string | undefined;
}

/** Where an end is, and who acts there. @internal */
export interface Acting {
  readonly realm: Realm;
  /** Undefined when nobody was named: then the admin token stands for the owner of every key. */
  readonly principal: Credential | undefined;
  /** Whether the place is the principal's own account. */
  readonly isHome: boolean;
}

/** Reads the members of {@link PLACE}. @throws MemberError for an unknown dialect @internal */
export function endOf(members: Members, faces: readonly DialectFace[]): End {
  const dialect = members.required('dialect');
  const face = faces.find((one) => one.dialect === dialect);
  if (face === undefined) {
    const known = faces.map((one) => one.dialect).join(', ');
    throw new MemberError(`dialect ${dialect} is not one of ${known}`);
  }
  const [account, region] = [members.text('account'), members.text('region')];
  return {
    face,
    where: {
      ...(account === undefined ? {} : { account }),
      ...(region === undefined ? {} : { region }),
    },
    principalId: members.text('principal'),
  };
}

/**
 * Finds out who acts at an end, and where that is: in the principal's own account unless another is named.
 *
 * @param named - whether somebody must be named
 * @throws MemberError when nobody is, or no such credential is registered; a `Miss` while that is not known
 * @internal
 */
export function actingAt(
  vault: Vault,
  scope: Scope,
  { face, where, principalId }: End,
  named: boolean,
): Acting {
  if (principalId === undefined) {
    if (named) {
      throw new MemberError(
        `with --auth enforce each end names its principal: the id of a credential that is registered for ${face.dialect}`,
      );
    }
    return { realm: face.realmOf(where, undefined), principal: undefined, isHome: true };
  }
  const principal = findCredential(vault, scope, face.credentials, principalId);
  if (principal === undefined || !actsIn(principal, face, scope)) {
    throw new MemberError(
      `no valid credential ${principalId.slice(0, 128)} is registered for ${face.dialect} in this sandbox`,
    );
  }
  const realm = face.realmOf(where, principal);
  const home = face.realmOf({}, principal).tenant;
  // Empty where tenants are named by requests alone, as folders are.
  return { realm, principal, isHome: home === '' || home === realm.tenant };
}

function actsIn(principal: Credential, face: DialectFace, { sandbox, nowMs }: Scope): boolean {
  const { dialect, expiresAtMs } = principal;
  const alive = expiresAtMs === 0 || expiresAtMs > nowMs;
  return alive && dialect === face.dialect && [sandbox, ''].includes(principal.sandbox);
}

/** Opens the sandbox for one request, as often as something had to be loaded first. @internal */
export function opener(vault: Vault, sandbox: string | undefined): () => Scope {
  const pinned = new Map<string, unknown>();
  // A sandbox that nobody has made has nothing to transfer.
  return () => openScope(vault, sandbox ?? MAIN_SANDBOX, 'refuse', pinned);
}

/** Names the dialect whose words a fault takes from now on, and whom they speak to. @internal */
export type Speaking = (face: DialectFace, principal?: Credential) => void;

/** Runs a route and answers what goes wrong. @internal */
export async function answering(
  response: Response,
  work: (speaking: Speaking) => Promise<void>,
): Promise<void> {
  let speaker: { readonly face: DialectFace; readonly to: Credential | undefined } | undefined;
  try {
    await work((face, to) => {
      speaker = { face, to };
    });
  } catch (error) {
    const stated = error instanceof MemberError || error instanceof TransferRefused;
    if (stated) refuse(response, 400, error.message);
    else if (!(error instanceof KmsFault) || error.code === 'Internal') throw error;
    else if (error.code === 'Unavailable') refuse(response, 503, 'the store is away');
    else if (speaker === undefined) refuse(response, 400, 'there is no such sandbox');
    else {
      const { face, to } = speaker;
      response.status(422).json({ error: { dialect: face.dialect, ...face.say(error, to) } });
    }
  }
}
