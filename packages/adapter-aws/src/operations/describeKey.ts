import type { AwsOperation, OneKey } from '../call.js';
import type { DescribeKeyRequest } from '../generated/inputs.js';
import { keyMetadata, rotates } from '../metadata.js';
import { oneKey, onKey } from '../resolve.js';
import { documentedOperation } from './shared.js';
import { tagsOf } from './tags.js';

type Input = DescribeKeyRequest;

export const describeKey: AwsOperation<Input, OneKey> = {
  name: 'DescribeKey',
  evidence: documentedOperation('DescribeKey'),
  crossAccount: true,
  resolve: oneKey('any'),
  actions: onKey,
  checks: [],
  handle(_input, { key }, call) {
    const metadata = keyMetadata(call, key.record);
    if (!call.profile.describesTags) return { KeyMetadata: metadata };
    // Its DescribeKey page has both members.
    const KeyRotationEnabled = rotates(key.record, call.nowMs);
    return { KeyMetadata: { ...metadata, KeyRotationEnabled, Tags: tagsOf(key.record) } };
  },
};
