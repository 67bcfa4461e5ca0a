import type { AlibabaOperation, OneKey } from '../call.js';
import type { DescribeKeyRequest } from '../generated/inputs.js';
import { keyMetadata } from '../metadata.js';
import { onKey, resolveKey } from '../resolve.js';
import { rotated } from '../rotation.js';
import { documentedOperation } from './shared.js';

/** DescribeKey. @internal */
export const describeKey: AlibabaOperation<DescribeKeyRequest, OneKey> = {
  name: 'DescribeKey',
  evidence: documentedOperation('DescribeKey'),
  resolve: (input, call) => ({ key: rotated(call, resolveKey(call, input.KeyId, 'any')) }),
  actions: onKey,
  checks: [],
  handle: (_input, { key }) => ({
    KeyMetadata: {
      ...keyMetadata(key.record),
      DeletionProtection: 'Disabled',
      DeletionProtectionDescription: '',
    },
  }),
};
