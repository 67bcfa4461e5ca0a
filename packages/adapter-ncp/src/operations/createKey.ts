import { createKey as make } from '@keyglot/core';
import { KEY_TYPES, type KeyType } from '../algorithms.js';
import { DAY_MS, DEFAULT_PERIOD_DAYS } from '../attributes.js';
import type { NcpOperation } from '../call.js';
import { invalid } from '../faults.js';
import { newKeyTag } from '../ids.js';
import { createdKey } from '../keyView.js';
import { withName } from '../names.js';
import { noKey, onNothing } from '../resolve.js';
import { versionWireId } from '../rotation.js';
import { documentedOperation } from './shared.js';

interface Input {
  readonly keyName: string;
  readonly keyType: KeyType;
  readonly memo?: string;
  readonly isConvergent?: boolean;
  readonly isAutoRotation?: boolean;
  readonly rotationPeriod?: number;
  readonly protectionType?: string;
}

/** Create Key. `isAutoRotation` is required by one table and has a default by another. @internal */
export const createKey: NcpOperation<Input, Record<never, never>> = {
  name: 'Create Key',
  evidence: documentedOperation('Create Key'),
  input: {
    from: 'body',
    shape: (_given, region) => (region === 'gov' ? 'CreateKeyGov' : 'CreateKey'),
  },
  resolve: noKey,
  actions: onNothing,
  checks: [convergentOnlyForAes],
  async handle(input, _resolved, call) {
    const { vault, scope, realm, nowMs } = call;
    const { keyName, keyType } = input;
    const type = KEY_TYPES[keyType];
    const isAutoRotation = input.isAutoRotation ?? false;
    const rotationPeriod = input.rotationPeriod ?? DEFAULT_PERIOD_DAYS;
    const wireId = newKeyTag(vault.entropy);
    const draft = {
      sandbox: scope.sandbox,
      realm,
      wireId,
      spec: type.spec,
      usages: type.usages,
      attributes: {
        keyName,
        memo: input.memo ?? '',
        isConvergent: input.isConvergent ?? false,
        protectionType: input.protectionType ?? '',
        isAutoRotation,
        rotationPeriod,
        nextRotationDate: isAutoRotation ? nowMs + rotationPeriod * DAY_MS : null,
      },
      versionWireId,
    };
    const name = { realm, name: keyName, keyTag: wireId };
    const key = await withName(vault, scope, name, () => make(vault, draft, nowMs));
    return createdKey(key.record);
  },
};

function convergentOnlyForAes(_resolved: object, { isConvergent, keyType }: Input): void {
  if (isConvergent === true && keyType !== 'AES256') {
    throw invalid('only AES256 keys can be convergent');
  }
}
