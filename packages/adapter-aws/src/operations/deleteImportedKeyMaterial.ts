import type { KeyRecord, KeyVersion } from '@keyglot/core';
import { type AwsOperation, keyArn, type OneKey } from '../call.js';
import { external, isSymmetric, state } from '../checks.js';
import { awsFault } from '../faults.js';
import type { DeleteImportedKeyMaterialRequest } from '../generated/inputs.js';
import { associated, isGone, withoutMaterial } from '../imports.js';
import { changeMaterial } from '../relatedMaterial.js';
import { oneKey, onKey } from '../resolve.js';
import { DELETE_IMPORTED, requireState } from '../states.js';
import { documentedOperation } from './shared.js';

type Input = DeleteImportedKeyMaterialRequest;

/** DeleteImportedKeyMaterial: the current material, or the one that is named. Nothing to delete is no error. */
export const deleteImportedKeyMaterial: AwsOperation<Input, OneKey> = {
  name: 'DeleteImportedKeyMaterial',
  evidence: documentedOperation('DeleteImportedKeyMaterial'),
  crossAccount: false,
  resolve: oneKey('key'),
  actions: onKey,
  checks: [
    external,
    state(DELETE_IMPORTED),
    ({ key }, input: Input, call) => {
      named(key.record, input.KeyMaterialId, keyArn(call, key.record));
    },
  ],
  async handle(input, { key }, call) {
    const { record } = key;
    const arn = keyArn(call, record);
    await changeMaterial(call, record, (current) => {
      requireState(current, DELETE_IMPORTED, call);
      const version = named(current, input.KeyMaterialId, arn);
      if (version === undefined || isGone(version)) return undefined;
      return withoutMaterial(current, [version], 'deleted');
    });
    const version = named(record, input.KeyMaterialId, arn);
    return {
      KeyId: arn,
      ...(version !== undefined && isSymmetric(record) ? { KeyMaterialId: version.wireId } : {}),
    };
  },
};

/** The version that a request means; undefined for the current one of a key that has none. */
function named(key: KeyRecord, id: string | undefined, arn: string): KeyVersion | undefined {
  if (id === undefined) return key.versions.find((one) => one.id === key.primaryVersion);
  const found = isSymmetric(key) ? associated(key).find(({ wireId }) => wireId === id) : undefined;
  if (found === undefined) throw awsFault('KeyMaterialNeverImported', { id, arn });
  return found;
}
