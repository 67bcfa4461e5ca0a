import {
  fault,
  type ImportableMaterial,
  KEY_SPECS,
  type KeyChange,
  type KeyRecord,
  readImport,
  type Secret,
  unwrapMaterial,
} from '@keyglot/core';
import { specOf } from '../algorithms.js';
import { type AwsCall, type AwsOperation, keyArn, type OneKey } from '../call.js';
import { external, isSymmetric, state } from '../checks.js';
import { awsFault } from '../faults.js';
import type { ImportKeyMaterialRequest } from '../generated/inputs.js';
import { planImport } from '../importPlan.js';
import { factsOf, importAttributes, stateWith } from '../imports.js';
import { isReplica } from '../multiRegion.js';
import { changeMaterial } from '../relatedMaterial.js';
import { oneKey, onKey } from '../resolve.js';
import { IMPORT, requireState } from '../states.js';
import { type ImportToken, readToken } from '../wrapping.js';
import { DAY_MS, documentedOperation } from './shared.js';

type Input = ImportKeyMaterialRequest;

const MAX_DAYS = 365;

/** ImportKeyMaterial. Order of checks: the key, the members, the token, the material (inferred). */
export const importKeyMaterial: AwsOperation<Input, OneKey> = {
  name: 'ImportKeyMaterial',
  evidence: documentedOperation('ImportKeyMaterial'),
  crossAccount: false,
  resolve: oneKey('key'),
  actions: onKey,
  checks: [
    external,
    state(IMPORT),
    (_resolved, input: Input, call) => requireExpiration(input, call),
    ({ key }, input: Input) => requireSymmetricMembers(key.record, input),
    ({ key }, input: Input) => requireReplicaMembers(key.record, input),
  ],
  async handle(input, { key }, call) {
    const { record } = key;
    const token = readToken(call, record.id, input.ImportToken);
    requireSize(token, input.EncryptedKeyMaterial);
    const { vault, nowMs } = call;
    const wrapped = input.EncryptedKeyMaterial;
    const secret = await unwrapMaterial(vault, token.scheme, token.spec, token.secret, wrapped);
    const material = mayBe(record, secret)
      ? await readImport(vault, record, secret, nowMs)
      : undefined;
    // Recorded for symmetric and HMAC keys: https://github.com/radkawar/stackd/blob/9dc356f/testdata/aws/kms/imports_families.json
    if (material === undefined) throw fault('CiphertextInvalid', {});
    await changeMaterial(call, record, (current) => {
      requireState(current, IMPORT, call);
      return importChange(current, input, material, keyArn(call, current));
    });
    const KeyId = keyArn(call, record);
    return isSymmetric(record)
      ? { KeyId, KeyMaterialId: material.fingerprint.toString('hex') }
      : { KeyId };
  },
};

/** Writes the material as a new version, or into the version that it belongs to. */
function importChange(
  current: KeyRecord,
  input: Input,
  material: ImportableMaterial,
  arn: string,
): KeyChange {
  const wireId = material.fingerprint.toString('hex');
  const { role, version, description } = planImport(current, input, wireId, arn);
  const validToMs = input.ValidTo?.getTime() ?? null;
  const facts = { role, validToMs, description };
  const attributes = importAttributes(version, facts);
  const others = factsOf(current).filter(({ id }) => id !== version?.id);
  const after = stateWith(current, [...others, { ...facts, present: true }]);
  // Recorded for the current material of a disabled key: imports.json, reimport_disabled
  const enables = after.state === 'disabled' && role === 'permanent';
  const set = enables ? { ...after, state: 'enabled' as const } : after;
  if (version !== undefined) {
    const { id, state: kept } = version;
    return { set, setVersions: [{ id, state: kept, attributes, material: material.record() }] };
  }
  const added = material.version(wireId, current.versions.length + 1, attributes);
  const first = current.primaryVersion === '' ? { primaryVersion: added.version.id } : {};
  return { set: { ...set, ...first }, addVersions: [added] };
}

function requireExpiration(input: Input, { nowMs, profile }: AwsCall): void {
  if (input.ExpirationModel === undefined && profile.wantsExpirationModel) {
    throw awsFault('ValidationInferred', {
      message:
        "1 validation error detected: Value null at 'expirationModel' failed to satisfy constraint: Member must not be null",
    });
  }
  const expires = (input.ExpirationModel ?? 'KEY_MATERIAL_EXPIRES') === 'KEY_MATERIAL_EXPIRES';
  const validToMs = input.ValidTo?.getTime();
  if (expires && validToMs === undefined) {
    // Recorded in LocalStack's snapshots of the service.
    throw awsFault('Validation', {
      message: 'A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES',
    });
  }
  if (validToMs === undefined) return;
  if (!expires) {
    throw awsFault('Validation', {
      message:
        'A validTo date cannot be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE',
    });
  }
  if (validToMs <= nowMs) {
    throw awsFault('Validation', { message: 'ValidTo must be in the future' });
  }
  if (validToMs > nowMs + MAX_DAYS * DAY_MS) {
    throw awsFault('Validation', {
      message: `ValidTo must be less than ${MAX_DAYS} days in the future`,
    });
  }
}

/** Recorded: https://github.com/radkawar/stackd/blob/9dc356f/testdata/aws/kms/imports_multi_region.json */
function requireReplicaMembers(key: KeyRecord, input: Input): void {
  if (!isReplica(key)) return;
  if (input.ImportType === 'NEW_KEY_MATERIAL') {
    throw awsFault('Validation', {
      message:
        'Input parameter ImportType NEW_KEY_MATERIAL cannot be used on replica Multi-Region keys',
    });
  }
  if (input.KeyMaterialDescription !== undefined) {
    throw awsFault('Validation', {
      message: 'Key material description can only be specified on primary Multi-Region keys',
    });
  }
}

function requireSymmetricMembers(key: KeyRecord, input: Input): void {
  if (isSymmetric(key)) return;
  for (const member of ['ImportType', 'KeyMaterialDescription', 'KeyMaterialId'] as const) {
    if (input[member] !== undefined) {
      throw awsFault('Validation', {
        message: `Input parameter ${member.charAt(0).toLowerCase()}${member.slice(1)} cannot be used with ${specOf(key).name} imported keys.`,
      });
    }
  }
}

/**
 * An Edwards25519 pair whose length only its end tells is none, whereas other pairs may be such BER.
 * Recorded: https://github.com/radkawar/stackd/blob/9dc356f/testdata/aws/kms/imports_families.json
 */
function mayBe({ spec }: KeyRecord, material: Secret): boolean {
  return spec !== 'ed25519' || material.expose()[1] !== 0x80;
}

/** Text quoted by local-kms: https://github.com/nsmithuk/local-kms/blob/e4d9425/src/handler/import_key_material.go */
function requireSize({ scheme, spec }: ImportToken, wrapped: Buffer): void {
  const { family, bits } = KEY_SPECS[spec];
  if (family !== 'rsa') return;
  const modulusBytes = bits / 8;
  if (scheme.hybrid ? wrapped.length <= modulusBytes : wrapped.length !== modulusBytes) {
    throw awsFault('Validation', { message: 'Invalid encrypted key size.' });
  }
}
