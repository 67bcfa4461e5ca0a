import type { KeyRecord, KeyVersion } from '@keyglot/core';
import type { AwsOperation, OneKey } from '../call.js';
import type { ListKeyRotationsRequest } from '../generated/inputs.js';
import { seconds } from '../metadata.js';
import { oneKey, onKey } from '../resolve.js';
import { rotationOf } from '../rotation.js';
import { requireSymmetric } from './keyRotation.js';
import { documentedOperation, pageEnd, pagingOf } from './shared.js';

type Input = ListKeyRotationsRequest;

const USUAL = 100;
const MOST = 1_000;

/** ListKeyRotations: the oldest first, as in the example of the command line's documentation. */
export const listKeyRotations: AwsOperation<Input, OneKey> = {
  name: 'ListKeyRotations',
  evidence: documentedOperation('ListKeyRotations'),
  crossAccount: false,
  resolve: oneKey('key'),
  actions: onKey,
  checks: [({ key }) => requireSymmetric(key.record)],
  handle(input, { key }) {
    const { limit, after } = pagingOf(input, USUAL, MOST);
    const all = input.IncludeKeyMaterial === 'ALL_KEY_MATERIAL';
    const { record } = key;
    const listed = record.versions.filter((version) => all || rotationOf(record, version));
    // A version keeps its number, so that a page goes on where the one before ended.
    const last = Number(after ?? 0);
    const rest = listed.filter(({ number }) => number > last);
    const shown = rest.slice(0, limit);
    return {
      Rotations: shown.map((version) => entry(record, version)),
      ...pageEnd(rest.length > limit ? String(shown.at(-1)?.number) : undefined),
    };
  },
};

function entry(key: KeyRecord, version: KeyVersion): Record<string, unknown> {
  const rotation = rotationOf(key, version);
  return {
    KeyId: key.wireId,
    KeyMaterialId: version.wireId,
    KeyMaterialState: version.id === key.primaryVersion ? 'CURRENT' : 'NON_CURRENT',
    ...(rotation === undefined
      ? {}
      : { RotationDate: seconds(rotation.at), RotationType: rotation.type }),
  };
}
