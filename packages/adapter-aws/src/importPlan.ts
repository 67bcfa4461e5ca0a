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
 * @throws KmsFault KeyMaterialUnexpected, KeyMaterialKnown, MaterialPending, Validation
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
  // Recorded: what was taken away before its rotation comes back without its description.
  const description = input.KeyMaterialDescription ?? (owned && importOf(owned).description);
  if (!isSymmetric(key)) {
    const [only] = known;
    if (only !== undefined && owned === undefined) {
      throw awsFault('KeyMaterialUnexpected', { expectedId: only.wireId });
    }
    return { role: 'permanent', version, description };
  }
  const type =
    input.ImportType ?? (known.length === 0 ? 'NEW_KEY_MATERIAL' : 'EXISTING_KEY_MATERIAL');
  if (type === 'EXISTING_KEY_MATERIAL') {
    const current = known.find(({ id }) => id === key.primaryVersion);
    const expectedId = input.KeyMaterialId ?? current?.wireId;
    if (owned === undefined || (input.KeyMaterialId ?? wireId) !== wireId) {
      throw awsFault('KeyMaterialUnexpected', { expectedId });
    }
    return { role: importOf(owned).role, version: owned, description };
  }
  if (input.KeyMaterialId !== undefined) {
    throw awsFault('Validation', {
      message: 'Input parameter keyMaterialId cannot be used with NEW_KEY_MATERIAL importType.',
    });
  }
  if (owned !== undefined) throw awsFault('KeyMaterialKnown', { id: wireId, arn });
  const pending = pendingOf(key);
  if (pending !== undefined) {
    throw awsFault('MaterialPending', { id: arn, newId: wireId, otherId: pending.wireId });
  }
  return { role: known.length === 0 ? 'permanent' : 'pending', version, description };
}
