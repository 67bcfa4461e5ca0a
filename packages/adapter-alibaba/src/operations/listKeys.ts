import type { AlibabaCall, AlibabaOperation, Output } from '../call.js';
import type { ListKeysRequest } from '../generated/inputs.js';
import { arnOf } from '../ids.js';
import { type Filter, matches, needsAliases, readFilters } from '../keyFilters.js';
import { collectPage, pageMembers, windowOf } from '../paging.js';
import { noKey, onContainer } from '../resolve.js';
import { documentedOperation } from './shared.js';

type Input = ListKeysRequest;

const BATCH = 500;
const MAX_ALIASES = 10_000;

/** ListKeys: from the oldest to the newest (inferred). @internal */
export const listKeys: AlibabaOperation<Input, Record<never, never>> = {
  name: 'ListKeys',
  evidence: documentedOperation('ListKeys'),
  resolve: noKey,
  actions: onContainer('key'),
  checks: [],
  async handle(input, _resolved, call) {
    const filters = readFilters(input.Filters);
    if (filters.length > 0) return filtered(input, filters, call);
    const { vault, scope, realm, nowMs } = call;
    const window = windowOf(input);
    const range = { offset: window.offset, limit: window.size };
    const { keys, total } = await vault.store.pageKeys(scope.sandbox, realm, range, nowMs);
    return { Keys: { Key: keys.map(rowOf(call)) }, ...pageMembers(window, total) };
  },
};

/** Reads every key of the realm, a batch at a time: the store cannot look into attributes. */
async function filtered(
  input: Input,
  filters: readonly Filter[],
  call: AlibabaCall,
): Promise<Output> {
  const { vault, scope, realm, nowMs } = call;
  const window = windowOf(input);
  const found = collectPage<{ readonly wireId: string }>(window);
  for (let offset = 0; ; offset += BATCH) {
    const range = { offset, limit: BATCH };
    const { keys } = await vault.store.pageKeys(scope.sandbox, realm, range, nowMs);
    const ids = keys.map(({ id }) => id);
    for (const { record } of await vault.keys.many(scope, ids)) {
      const aliases = needsAliases(filters) ? await aliasesOf(record.id, call) : [];
      if (matches(record, aliases, filters)) found.add(record);
    }
    if (keys.length < BATCH) break;
  }
  return { Keys: { Key: found.items.map(rowOf(call)) }, ...pageMembers(window, found.total) };
}

async function aliasesOf(
  keyId: string,
  { vault, scope, realm }: AlibabaCall,
): Promise<readonly string[]> {
  const page = { after: undefined, limit: MAX_ALIASES };
  const found = await vault.store.listAliases(scope.sandbox, realm, keyId, page);
  return found.map(({ name }) => name);
}

function rowOf({ realm }: AlibabaCall) {
  return ({ wireId }: { readonly wireId: string }): Record<string, string> => ({
    KeyId: wireId,
    KeyArn: arnOf(realm, `key/${wireId}`),
  });
}
