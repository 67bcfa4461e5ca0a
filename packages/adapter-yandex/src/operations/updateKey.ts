import { changeKey, type KeyChange, type KeyRecord } from '@keyglot/core';
import type { OneKey, YandexOperation } from '../call.js';
import { attributesOf, type KeyAttributes, keyValues, toAttributes } from '../key.js';
import { runChange } from '../longRunning.js';
import { SYMMETRIC_KEY, UPDATE_KEY_METADATA } from '../messages.js';
import { oneKey, onKey } from '../resolve.js';
import type { Duration } from '../schema.js';
import { invalidField } from '../validate.js';
import { documented, KEYS } from './shared.js';

interface Input {
  readonly keyId: string;
  readonly updateMask: readonly string[];
  readonly name?: string;
  readonly description?: string;
  readonly status?: string;
  readonly labels?: ReadonlyMap<string, string>;
  readonly defaultAlgorithm?: string;
  readonly rotationPeriod?: Duration;
  readonly deletionProtection?: boolean;
}

const STATES: ReadonlyMap<string, KeyRecord['state']> = new Map([
  ['ACTIVE', 'enabled'],
  ['INACTIVE', 'disabled'],
]);

type MaskChange = (input: Input) => Partial<KeyAttributes>;

/** What each path of the mask changes; a member that the mask does not name is not looked at. */
const CHANGES: ReadonlyMap<string, MaskChange> = new Map<string, MaskChange>([
  ['name', ({ name = '' }) => ({ name })],
  ['description', ({ description = '' }) => ({ description })],
  ['labels', ({ labels = new Map() }) => ({ labels: [...labels] })],
  ['default_algorithm', ({ defaultAlgorithm = '' }) => ({ defaultAlgorithm })],
  // In the mask but not in the body: rotation is switched off, as Terraform does it.
  ['rotation_period', ({ rotationPeriod }) => ({ rotationPeriod: rotationPeriod ?? null })],
  ['deletion_protection', ({ deletionProtection = false }) => ({ deletionProtection })],
  ['status', () => ({})],
]);

/** Update. @internal */
export const updateKey: YandexOperation<Input, OneKey> = {
  service: KEYS,
  name: 'Update',
  evidence: documented('kms/api-ref/SymmetricKey/update'),
  resolve: oneKey,
  actions: onKey('kms.keys.update'),
  checks: [requireMask],
  handle(input, { key }, call) {
    const { wireId } = key.record;
    const name = { method: 'Update', description: 'update key', keyId: wireId };
    return runChange(call, name, async () => {
      const { record } = await changeKey(call.vault, key.record, call.nowMs, (current) => ({
        set: changeOf(input, current),
      }));
      return {
        metadata: UPDATE_KEY_METADATA,
        metadataValues: { keyId: wireId },
        response: SYMMETRIC_KEY,
        responseValues: keyValues(record, call.nowMs),
      };
    });
  },
};

function requireMask(_resolved: OneKey, input: Input): void {
  for (const path of input.updateMask) {
    if (!CHANGES.has(path)) throw invalidField('update_mask', 'Unknown field in the mask');
  }
  const has = (path: string): boolean => input.updateMask.includes(path);
  if (has('status') && !STATES.has(input.status ?? '')) {
    throw invalidField('status', 'Value must be ACTIVE or INACTIVE');
  }
  if (has('default_algorithm') && input.defaultAlgorithm === undefined) {
    throw invalidField('default_algorithm', 'Field is required');
  }
  if (has('rotation_period')) requirePeriod(input.rotationPeriod);
}

function changeOf(input: Input, current: KeyRecord): NonNullable<KeyChange['set']> {
  let attributes = attributesOf(current);
  for (const path of input.updateMask) {
    attributes = { ...attributes, ...CHANGES.get(path)?.(input) };
  }
  const state = input.updateMask.includes('status') ? STATES.get(input.status ?? '') : undefined;
  return { attributes: toAttributes(attributes), ...(state === undefined ? {} : { state }) };
}

/** The smallest period is not known; one that is not positive cannot be meant. @internal */
export function requirePeriod(period: Duration | undefined): void {
  if (period !== undefined && (period.seconds < 0 || period.seconds + period.nanos <= 0)) {
    throw invalidField('rotation_period', 'Value must be positive');
  }
}
