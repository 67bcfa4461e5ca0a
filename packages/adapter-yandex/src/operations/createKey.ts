import { createKey as make } from '@keyglot/core';
import type { YandexOperation } from '../call.js';
import { idOf, newId } from '../ids.js';
import { keyValues, realmOf, toAttributes } from '../key.js';
import { runChange } from '../longRunning.js';
import { CREATE_KEY_METADATA, SYMMETRIC_KEY } from '../messages.js';
import { nothing } from '../resolve.js';
import type { Duration } from '../schema.js';
import { documented, KEYS } from './shared.js';
import { requirePeriod } from './updateKey.js';

interface Input {
  readonly folderId: string;
  readonly name?: string;
  readonly description?: string;
  readonly labels?: ReadonlyMap<string, string>;
  readonly defaultAlgorithm: string;
  readonly rotationPeriod?: Duration;
  readonly deletionProtection?: boolean;
}

/** Create. Folders are not checked: any id is one. @internal */
export const createKey: YandexOperation<Input, Record<never, never>> = {
  service: KEYS,
  name: 'Create',
  evidence: documented('kms/api-ref/SymmetricKey/create'),
  resolve: nothing,
  actions: (input) => [{ name: 'kms.keys.create', resource: input.folderId }],
  checks: [(_resolved, input) => requirePeriod(input.rotationPeriod)],
  handle(input, _resolved, call) {
    const { vault, scope, nowMs } = call;
    const wireId = newId(vault.entropy);
    // The text is recorded: https://yandex.cloud/en/docs/kms/operations/operation-logs
    const name = { method: 'Create', description: 'create symmetric key', keyId: wireId };
    return runChange(call, name, async () => {
      const { record } = await make(
        vault,
        {
          sandbox: scope.sandbox,
          realm: realmOf(input.folderId),
          wireId,
          spec: 'aes-256',
          usages: ['encrypt'],
          attributes: toAttributes({
            name: input.name ?? '',
            description: input.description ?? '',
            labels: [...(input.labels ?? [])],
            defaultAlgorithm: input.defaultAlgorithm,
            rotationPeriod: input.rotationPeriod ?? null,
            deletionProtection: input.deletionProtection ?? false,
            firstAlgorithm: input.defaultAlgorithm,
            algorithms: {},
          }),
          versionWireId: idOf,
        },
        nowMs,
      );
      const responseValues = keyValues(record, nowMs);
      const primaryVersionId = record.versions[0]?.wireId;
      return {
        metadata: CREATE_KEY_METADATA,
        metadataValues: { keyId: wireId, primaryVersionId },
        response: SYMMETRIC_KEY,
        responseValues,
      };
    });
  },
};
