import {
  CreateGrantCommand,
  type CreateGrantCommandInput,
  type GrantListEntry,
  type KMSClient,
  ListGrantsCommand,
} from '@aws-sdk/client-kms';
import { ACCOUNT } from './awsGateway.js';

export const ROOT = `arn:aws:iam::${ACCOUNT}:root`;
export const USER = `arn:aws:iam::${ACCOUNT}:user/team/alice`;
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/service-role/worker`;
/** A grant id of the right form that nobody has. */
export const NO_GRANT = '0'.repeat(64);

/** Input of a grant that allows to look at a key. */
export function permit(
  KeyId: string,
  more: Partial<CreateGrantCommandInput> = {},
): CreateGrantCommandInput {
  return { KeyId, GranteePrincipal: ROLE, Operations: ['DescribeKey'], ...more };
}

/** What CreateGrant answers, with both members there. */
export interface MadeGrant {
  readonly id: string;
  readonly token: string;
}

export async function makeGrant(
  client: KMSClient,
  KeyId: string,
  more: Partial<CreateGrantCommandInput> = {},
): Promise<MadeGrant> {
  const made = await client.send(new CreateGrantCommand(permit(KeyId, more)));
  if (made.GrantId === undefined || made.GrantToken === undefined) throw new Error('no grant');
  return { id: made.GrantId, token: made.GrantToken };
}

export async function grantsOn(
  client: KMSClient,
  KeyId: string,
): Promise<readonly GrantListEntry[]> {
  return (await client.send(new ListGrantsCommand({ KeyId }))).Grants ?? [];
}
