import type { Evidence } from '@keyglot/dialect';
import type { AwsCall, AwsOperation } from '../call.js';
import { awsFault } from '../faults.js';
import { noKey, onNothing } from '../resolve.js';

type Nothing = Record<never, never>;

interface Sidecar {
  readonly SidecarId: string;
  readonly IdentityKey: string;
  readonly SignedPreKey: string;
  readonly PreKeySignature: string;
  readonly SigningKey: string;
}

const KIND = 'qkms-sidecar';

/** Evidence of what only the vendor's client tells. @internal */
export const CLIENT: Evidence = {
  mark: 'documented',
  date: '2026-11-25',
  source: 'https://github.com/QuilibriumNetwork/qkms-sdk',
};

/** RegisterSidecar: keeps the public keys of a client; a client that starts again may do it again. @internal */
export const registerSidecar: AwsOperation<Sidecar, Nothing> = {
  name: 'RegisterSidecar',
  evidence: CLIENT,
  simulated: 'the sidecar is kept, and never gets work',
  crossAccount: false,
  resolve: noKey,
  actions: onNothing,
  checks: [],
  handle(input, _resolved, call) {
    const { sandbox } = call.scope;
    const id = resourceId(call, input.SidecarId);
    const found = call.vault.resources.byId(call.scope, sandbox, KIND, id);
    const version = (found?.record.version ?? 0) + 1;
    const draft = { sandbox, kind: KIND, id, body: { ...input }, version };
    return call.vault.resources
      .write(draft)
      .then(() => ({ SidecarId: input.SidecarId, Status: 'registered' }));
  },
};

/** GetSidecar: the client reads the keys in one place and declares them in another, so both have them. @internal */
export const getSidecar: AwsOperation<Pick<Sidecar, 'SidecarId'>, Nothing> = {
  name: 'GetSidecar',
  evidence: CLIENT,
  simulated: 'shows what RegisterSidecar has kept',
  crossAccount: false,
  resolve: noKey,
  actions: onNothing,
  checks: [],
  handle({ SidecarId }, _resolved, call) {
    const { body } = requireSidecar(call, SidecarId);
    return { ...body, SidecarIdentity: body };
  },
};

/** The record of a sidecar of the caller's account. @throws KmsFault SidecarNotFound @throws Miss @internal */
export function requireSidecar(
  call: AwsCall,
  sidecarId: string,
): { readonly body: Record<string, unknown> } {
  const { scope, vault } = call;
  const id = resourceId(call, sidecarId);
  const found = vault.resources.byId(scope, scope.sandbox, KIND, id);
  if (found === undefined) throw awsFault('SidecarNotFound', { id: sidecarId });
  return found.record;
}

function resourceId({ realm }: AwsCall, sidecarId: string): string {
  return `${realm.tenant}/${sidecarId}`;
}
