import type { KeyRecord, KeyVersion } from '@keyglot/core';
import { type AwsOperation, keyArn, type OneKey } from '../call.js';
import { isSymmetric } from '../checks.js';
import { awsFault } from '../faults.js';
import type { ListKeyRotationsRequest } from '../generated/inputs.js';
import { associated, expirationMembers, importOf, isGone, isImported } from '../imports.js';
import { seconds } from '../metadata.js';
import { isEverywhere } from '../relatedMaterial.js';
import { oneKey, onKey } from '../resolve.js';
import { rankOf, rotationOf } from '../rotation.js';
import { documentedOperation, pageEnd, pagingOf } from './shared.js';

type Input = ListKeyRotationsRequest;

const USUAL = 100;
const MOST = 1_000;

/** ListKeyRotations: the oldest first. Recorded: https://github.com/radkawar/stackd/blob/9dc356f/testdata/aws/kms/rotation.json */
export const listKeyRotations: AwsOperation<Input, OneKey> = {
  name: 'ListKeyRotations',
  evidence: documentedOperation('ListKeyRotations'),
  crossAccount: false,
  resolve: oneKey('key'),
  actions: onKey,
  checks: [requireMaterial],
  handle(input, { key }, call) {
    const { limit, after } = pagingOf(input, USUAL, MOST);
    const all = input.IncludeKeyMaterial === 'ALL_KEY_MATERIAL';
    const { record } = key;
    const listed = inOrder(record).filter((version) => all || rotationOf(record, version));
    // What is listed stays, and more comes behind it.
    const from = Number(after ?? 0);
    const shown = listed.slice(from, from + limit);
    const end = from + shown.length;
    return {
      Rotations: shown.map((version) => ({
        KeyId: keyArn(call, record),
        ...entry(record, version, call.nowMs),
      })),
      ...pageEnd(listed.length > end ? String(end) : undefined),
    };
  },
};

/** Other keys have one material for good, and none that could be listed. Recorded: imports_families.json */
function requireMaterial({ key }: OneKey, { IncludeKeyMaterial }: Input): void {
  if (IncludeKeyMaterial === undefined || isSymmetric(key.record)) return;
  throw awsFault('Validation', {
    message: 'Input parameter includeKeyMaterial can only be used with symmetric keys.',
  });
}

/** The first material, the others in the order of their rotations, and one that waits for its rotation. */
function inOrder(key: KeyRecord): readonly KeyVersion[] {
  if (!isSymmetric(key)) return [];
  return [...associated(key)].sort((a, b) => rankOf(a) - rankOf(b));
}

function entry(key: KeyRecord, version: KeyVersion, nowMs: number): Record<string, unknown> {
  const rotation = rotationOf(key, version);
  return {
    KeyMaterialId: version.wireId,
    KeyMaterialState: materialState(key, version, nowMs),
    ...(isImported(key) ? importMembers(version) : {}),
    ...(rotation === undefined
      ? {}
      : { RotationDate: seconds(rotation.at), RotationType: rotation.type }),
  };
}

function materialState(key: KeyRecord, version: KeyVersion, nowMs: number): string {
  if (importOf(version).role === 'pending') {
    return isEverywhere(key, version, nowMs)
      ? 'PENDING_ROTATION'
      : 'PENDING_MULTI_REGION_IMPORT_AND_ROTATION';
  }
  return version.id === key.primaryVersion ? 'CURRENT' : 'NON_CURRENT';
}

function importMembers(version: KeyVersion): Record<string, unknown> {
  const facts = importOf(version);
  const { description } = facts;
  return {
    ...(description === undefined ? {} : { KeyMaterialDescription: description }),
    // Expired material is shown as if it were there: recorded, imports.json
    ImportState: isGone(version) ? 'PENDING_IMPORT' : 'IMPORTED',
    ...expirationMembers(isGone(version) ? [] : [facts]),
  };
}
