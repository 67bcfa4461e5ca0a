import { createHash } from 'node:crypto';
import type { KeyUse } from '@keyglot/core';
import type { AwsOperation, OneKey } from '../call.js';
import type { GetKeyLastUsageRequest } from '../generated/inputs.js';
import { oneKey, onKey } from '../resolve.js';
import { documentedOperation } from './shared.js';

type Input = GetKeyLastUsageRequest;

/** Uses are tracked from the key's beginning on. */
export const getKeyLastUsage: AwsOperation<Input, OneKey> = {
  name: 'GetKeyLastUsage',
  evidence: documentedOperation('GetKeyLastUsage'),
  crossAccount: false,
  resolve: oneKey('key'),
  actions: onKey,
  checks: [],
  async handle(_input, { key }, { vault }) {
    const { record } = key;
    const use = await vault.uses.latest(record);
    const created = wholeSeconds(record.createdAt.getTime());
    return {
      KeyId: record.wireId,
      KeyLastUsage: use === undefined ? {} : lastUsage(use),
      TrackingStartDate: created,
      KeyCreationDate: created,
    };
  },
};

function lastUsage(use: KeyUse): Record<string, unknown> {
  return {
    Operation: use.operation,
    Timestamp: wholeSeconds(use.atMs),
    CloudTrailEventId: eventId(use),
    KmsRequestId: use.requestId,
  };
}

/** Recorded as whole seconds. */
function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1_000);
}

/** There is no CloudTrail. The id belongs to request and key, and has the form of a random UUID. */
function eventId({ requestId, keyId }: KeyUse): string {
  const bytes = createHash('sha256').update(`${requestId}\n${keyId}`).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
  return [...parts, hex.slice(20)].join('-');
}
