import { changeKey } from '@keyglot/core';
import type { OneKey, YandexOperation } from '../call.js';
import { yandexFault } from '../faults.js';
import { attributesOf, keyValues } from '../key.js';
import { runChange } from '../longRunning.js';
import { DELETE_KEY_METADATA, SYMMETRIC_KEY } from '../messages.js';
import { oneKey, onKey } from '../resolve.js';
import { documented, KEYS } from './shared.js';

interface Input {
  readonly keyId: string;
}

/**
 * Delete. The key is invisible at once; that the service keeps it for 72 hours shows only to its
 * support.
 *
 * @internal
 */
export const deleteKey: YandexOperation<Input, OneKey> = {
  service: KEYS,
  name: 'Delete',
  evidence: documented('kms/api-ref/SymmetricKey/delete'),
  resolve: oneKey,
  actions: onKey('kms.keys.delete'),
  checks: [],
  handle({ keyId }, { key }, call) {
    return runChange(call, { method: 'Delete', description: 'delete key', keyId }, async () => {
      const { record } = await changeKey(call.vault, key.record, call.nowMs, (current) => {
        if (attributesOf(current).deletionProtection) {
          throw yandexFault('DeletionProtected', { id: keyId });
        }
        return { set: { deletionAt: new Date(call.nowMs) } };
      });
      return {
        metadata: DELETE_KEY_METADATA,
        metadataValues: { keyId },
        response: SYMMETRIC_KEY,
        responseValues: keyValues(record, call.nowMs),
      };
    });
  },
};
