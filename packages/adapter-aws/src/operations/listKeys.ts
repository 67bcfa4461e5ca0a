import type { AwsOperation } from '../call.js';
import type { ListKeysRequest } from '../generated/inputs.js';
import { noKey, onNothing } from '../resolve.js';
import { documentedOperation, pageEnd, pagingOf } from './shared.js';

type Input = ListKeysRequest;

const USUAL = 100;
const MOST = 1_000;

export const listKeys: AwsOperation<Input, Record<never, never>> = {
  name: 'ListKeys',
  evidence: documentedOperation('ListKeys'),
  crossAccount: false,
  resolve: noKey,
  actions: onNothing,
  checks: [],
  async handle(input, _resolved, call) {
    const { limit, after } = pagingOf(input, USUAL, MOST);
    const { vault, scope, realm, nowMs } = call;
    // One more than asked for tells whether there is another page.
    const page = { after, limit: limit + 1 };
    const found = await vault.store.listKeys(scope.sandbox, realm, page, nowMs);
    const shown = found.slice(0, limit);
    return {
      Keys: shown.map(({ wireId }) => ({
        KeyId: wireId,
        KeyArn: call.profile.arn(realm, `key/${wireId}`),
      })),
      ...pageEnd(found.length > limit ? shown.at(-1)?.wireId : undefined),
    };
  },
};
