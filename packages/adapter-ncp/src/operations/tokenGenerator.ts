import type { NcpCall, NcpOperation, OneKey } from '../call.js';
import { state } from '../checks.js';
import { ncpFault } from '../faults.js';
import { endGenerator, generatorOf, replaceGenerator, type TokenGenerator } from '../generator.js';
import { oneKey, onKey } from '../resolve.js';
import type { OperationName } from '../routes.js';
import { NOT_REVOKED } from '../states.js';
import { documentedOperation, NO_INPUT } from './shared.js';

interface WithGenerator extends OneKey {
  readonly generator: TokenGenerator | undefined;
}

function withGenerator(_input: unknown, call: NcpCall): WithGenerator {
  const { key } = oneKey(_input, call);
  return { key, generator: generatorOf(call.vault, call.scope, key.record.wireId) };
}

/** An operation that changes the generator and answers nothing. */
function generatorChange(
  name: OperationName,
  run: (call: NcpCall, keyTag: string, former: TokenGenerator | undefined) => Promise<void>,
): NcpOperation<unknown, WithGenerator> {
  return {
    name,
    evidence: documentedOperation(name),
    input: NO_INPUT,
    resolve: withGenerator,
    actions: onKey,
    checks: [state(NOT_REVOKED)],
    async handle(_input, { key, generator }, call) {
      await run(call, key.record.wireId, generator);
      return null;
    },
  };
}

/** Create Token Generator; refused while there is one (inferred). @internal */
export const createTokenGenerator: NcpOperation<unknown, WithGenerator> = generatorChange(
  'Create Token Generator',
  ({ vault, scope }, keyTag, former) => {
    if (former?.isActive === true) throw ncpFault('StatusInvalid', {});
    return replaceGenerator(vault, scope, keyTag, former);
  },
);

/** Update Token Generator: a new one takes its place, and all its tokens die. @internal */
export const updateTokenGenerator: NcpOperation<unknown, WithGenerator> = generatorChange(
  'Update Token Generator',
  ({ vault, scope }, keyTag, former) =>
    replaceGenerator(vault, scope, keyTag, requireActive(former)),
);

/** Delete Token Generator: all its tokens die. @internal */
export const deleteTokenGenerator: NcpOperation<unknown, WithGenerator> = generatorChange(
  'Delete Token Generator',
  ({ vault, scope }, keyTag, former) => endGenerator(vault, scope, keyTag, requireActive(former)),
);

/** Get Token Generator; a key that never had one shows an inactive one without id (inferred). @internal */
export const getTokenGenerator: NcpOperation<unknown, WithGenerator> = {
  name: 'Get Token Generator',
  evidence: documentedOperation('Get Token Generator'),
  input: NO_INPUT,
  resolve: withGenerator,
  actions: onKey,
  checks: [],
  handle: (_input, { generator }) => ({
    tokenGeneratorId: generator?.id ?? null,
    status: generator?.isActive === true ? 'ACTIVE' : 'INACTIVE',
    enabledDate: generator?.enabledAtMs ?? null,
    disabledDate: generator?.disabledAtMs ?? null,
    issuedTokenCount: generator?.issued ?? 0,
  }),
};

function requireActive(generator: TokenGenerator | undefined): TokenGenerator {
  if (generator?.isActive !== true) throw ncpFault('StatusInvalid', {});
  return generator;
}
