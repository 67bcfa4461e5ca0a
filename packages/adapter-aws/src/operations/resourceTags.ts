import type { AwsOperation, OneKey } from '../call.js';
import { state } from '../checks.js';
import type {
  ListResourceTagsRequest,
  TagResourceRequest,
  UntagResourceRequest,
} from '../generated/inputs.js';
import { oneKey, onKey } from '../resolve.js';
import { NAME } from '../states.js';
import { changeAttributes } from './change.js';
import { documentedOperation, pageEnd, pagingOf } from './shared.js';
import { mergeTags, requireTagKeys, requireTags, storedTags, tagsOf } from './tags.js';

const MOST = 50;

/** TagResource: a tag whose key is there gets the new value. @internal */
export const tagResource: AwsOperation<TagResourceRequest, OneKey> = {
  name: 'TagResource',
  evidence: documentedOperation('TagResource'),
  crossAccount: false,
  resolve: oneKey('key'),
  actions: onKey,
  checks: [state(NAME), (_resolved, { Tags }) => requireTags(Tags)],
  async handle({ Tags }, resolved, call) {
    await changeAttributes(call, resolved, NAME, (current) => ({
      tags: storedTags(mergeTags(tagsOf(current), Tags)),
    }));
    return undefined;
  },
};

/** UntagResource: keys that the KMS key does not have are no error. @internal */
export const untagResource: AwsOperation<UntagResourceRequest, OneKey> = {
  name: 'UntagResource',
  evidence: documentedOperation('UntagResource'),
  crossAccount: false,
  resolve: oneKey('key'),
  actions: onKey,
  checks: [state(NAME), (_resolved, { TagKeys }) => requireTagKeys(TagKeys)],
  async handle({ TagKeys }, resolved, call) {
    const gone = new Set(TagKeys);
    await changeAttributes(call, resolved, NAME, (current) => ({
      tags: storedTags(tagsOf(current).filter(({ TagKey }) => !gone.has(TagKey))),
    }));
    return undefined;
  },
};

/** ListResourceTags, by ascending tag key, so that a page can go on after any change. @internal */
export const listResourceTags: AwsOperation<ListResourceTagsRequest, OneKey> = {
  name: 'ListResourceTags',
  evidence: documentedOperation('ListResourceTags'),
  crossAccount: false,
  resolve: oneKey('key'),
  actions: onKey,
  checks: [],
  handle(input, { key }) {
    const { limit, after } = pagingOf(input, MOST, MOST);
    const rest = [...tagsOf(key.record)]
      .sort((a, b) => (a.TagKey < b.TagKey ? -1 : 1))
      .filter(({ TagKey }) => after === undefined || TagKey > after);
    const shown = rest.slice(0, limit);
    return { Tags: shown, ...pageEnd(rest.length > limit ? shown.at(-1)?.TagKey : undefined) };
  },
};
