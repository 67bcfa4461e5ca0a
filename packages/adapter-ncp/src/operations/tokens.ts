import type { InputForm, NcpCall, NcpOperation, OneKey } from '../call.js';
import { state } from '../checks.js';
import { invalid, ncpFault } from '../faults.js';
import { countIssued, generatorOf, type TokenGenerator } from '../generator.js';
import { oneKey, onKey } from '../resolve.js';
import type { OperationName } from '../routes.js';
import { NOT_REVOKED } from '../states.js';
import { DEFAULT_HOURS, issueToken, readHours, type TokenClaims } from '../tokens.js';
import { documentedOperation, inferredOperation, NO_INPUT } from './shared.js';

interface Input {
  readonly accessTokenHours?: string;
  readonly refreshTokenHours?: string;
}

interface WithGenerator extends OneKey {
  readonly generator: TokenGenerator;
}

/** Numbers and digits are both documented. */
function hoursForm(shape: string): InputForm {
  return {
    from: 'body',
    shape: () => shape,
    normalise: (given) =>
      Object.fromEntries(
        Object.entries(given).map(([member, value]) => [
          member,
          typeof value === 'number' ? String(value) : value,
        ]),
      ),
  };
}

function withGenerator(input: unknown, call: NcpCall): WithGenerator {
  const { key } = oneKey(input, call);
  const generator = generatorOf(call.vault, call.scope, key.record.wireId);
  if (generator?.isActive !== true) throw ncpFault('StatusInvalid', {});
  return { key, generator };
}

function issue(
  call: NcpCall,
  { key, generator }: WithGenerator,
  typ: TokenClaims['typ'],
  asked: string | undefined,
): string {
  const hours = asked === undefined ? DEFAULT_HOURS[typ] : readHours(asked);
  if (hours === undefined) throw invalid('hours are 1 to 17520 or UL');
  if (generator.secret === undefined) throw ncpFault('StatusInvalid', {});
  const { caller, vault, nowMs } = call;
  const sub = caller.token?.sub ?? (caller.accessKey || key.record.realm.tenant);
  const claims = { keyTag: key.record.wireId, gid: generator.id, sub, typ };
  return issueToken(claims, generator.secret, vault.entropy.uuid(), hours, nowMs);
}

/** Both kinds of tokens at once. */
function tokenSet(name: OperationName): NcpOperation<Input, WithGenerator> {
  return {
    name,
    evidence: documentedOperation(name),
    input: hoursForm('TokenSet'),
    resolve: withGenerator,
    actions: onKey,
    checks: [state(NOT_REVOKED)],
    async handle(input, resolved, call) {
      const refreshToken = issue(call, resolved, 'refresh', input.refreshTokenHours);
      const accessToken = issue(call, resolved, 'access', input.accessTokenHours);
      const { key, generator } = resolved;
      await countIssued(call.vault, call.scope, key.record.wireId, generator, 2);
      return { refreshToken, accessToken };
    },
  };
}

/** Create Token Set. @internal */
export const createTokenSet: NcpOperation<Input, WithGenerator> = tokenSet('Create Token Set');

/** Renew Token Set: the former pair stays valid. @internal */
export const renewTokenSet: NcpOperation<Input, WithGenerator> = tokenSet('Renew Token Set');

/** Create Access Token. @internal */
export const createAccessToken: NcpOperation<Input, WithGenerator> = {
  name: 'Create Access Token',
  evidence: documentedOperation('Create Access Token'),
  input: hoursForm('AccessToken'),
  resolve: withGenerator,
  actions: onKey,
  checks: [state(NOT_REVOKED)],
  async handle(input, resolved, call) {
    const accessToken = issue(call, resolved, 'access', input.accessTokenHours);
    const { key, generator } = resolved;
    await countIssued(call.vault, call.scope, key.record.wireId, generator, 1);
    return { accessToken };
  },
};

/** Validate Token: any token is answered, good or not (inferred from its one boolean). @internal */
export const validateToken: NcpOperation<unknown, OneKey> = {
  name: 'Validate Token',
  evidence: inferredOperation('Validate Token'),
  input: NO_INPUT,
  resolve: oneKey,
  actions: onKey,
  checks: [],
  handle: (_input, _resolved, { caller }) => ({ validated: caller.token !== undefined }),
};
