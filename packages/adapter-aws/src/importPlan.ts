import type { KeyRecord, KeyVersion } from '@keyglot/core';
import { isSymmetric } from './checks.js';
import { awsFault } from './faults.js';
import type { ImportKeyMaterialRequest } from './generated/inputs.js';
import { associated, type ImportRole, importOf, pendingOf } from './imports.js';

/** Where imported material goes. @internal */
export interface ImportPlan {
  readonly role: ImportRole;
  /** The version that the material belongs to; undefined for material that the key has never had. */
  readonly version: KeyVersion | undefined;
  readonly description: string | undefined;
}

/**
 * Decides whether a key takes a material, and as what: its first material, one that it has had before, or
 * one that waits for RotateKeyOnDemand.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html
 * @param wireId - what identifies the material under the key
 * @param arn - what a text calls the key
 * @throws KmsFault KeyMaterialIncorrect, MaterialPending, Validation
 * @internal
 */
export function planImport(
  key: KeyRecord,
  input: ImportKeyMaterialRequest,
  wireId: string,
  arn: string,
): ImportPlan {
  const known = associated(key);
  const version = key.versions.find((one) => one.wireId === wireId);
  const owned = known.find((one) => one.wireId === wireId);
  const description = input.KeyMaterialDescription ?? (version && importOf(version).description);
  if (!isSymmetric(key)) {
    if (known.length > 0 && owned === undefined) throw awsFault('KeyMaterialIncorrect', {});
    return { role: 'permanent', version, description };
  }
  const type =
    input.ImportType ?? (known.length === 0 ? 'NEW_KEY_MATERIAL' : 'EXISTING_KEY_MATERIAL');
  if (type === 'EXISTING_KEY_MATERIAL') {
    if (owned === undefined) throw awsFault('KeyMaterialIncorrect', {});
    if (input.KeyMaterialId !== undefined && input.KeyMaterialId !== wireId) {
      throw awsFault('KeyMaterialIncorrect', {});
    }
    return { role: importOf(owned).role, version: owned, description };
  }
  if (input.KeyMaterialId !== undefined) {
    throw awsFault('ValidationInferred', {
      message: 'KeyMaterialId cannot be specified when ImportType is NEW_KEY_MATERIAL.',
    });
  }
  if (owned !== undefined) throw awsFault('KeyMaterialIncorrect', {});
  const pending = pendingOf(key);
  if (pending !== undefined) {
    throw awsFault('MaterialPending', { id: arn, newId: wireId, otherId: pending.wireId });
  }
  return { role: known.length === 0 ? 'permanent' : 'pending', version, description };
}
