import { attributesOf, DAY_MS, type KeyAttributes, withAttributes } from '../attributes.js';
import type { NcpOperation, OneKey } from '../call.js';
import { state } from '../checks.js';
import { ncpFault } from '../faults.js';
import { confirmName, releaseName, releaseUnwritten, reserveName } from '../names.js';
import { oneKey, onKey } from '../resolve.js';
import type { OperationName } from '../routes.js';
import { ANY_STATE, NOT_REVOKED } from '../states.js';
import { body, change, documentedOperation, NO_INPUT } from './shared.js';

interface NameInput {
  readonly keyName: string;
}

/** Update Key Name: the tag stays (inferred). @internal */
export const updateKeyName: NcpOperation<NameInput, OneKey> = {
  name: 'Update Key Name',
  evidence: documentedOperation('Update Key Name'),
  input: body('UpdateKeyName'),
  resolve: oneKey,
  actions: onKey,
  checks: [state(NOT_REVOKED)],
  async handle({ keyName }, { key }, call) {
    const { vault, scope } = call;
    const { realm, wireId } = key.record;
    const answer = { keyTag: wireId, keyName };
    if (attributesOf(key.record).keyName === keyName) return answer;
    const reservation = await reserveName(vault, scope, realm, keyName, wireId);
    let former = '';
    try {
      await change(call, key, NOT_REVOKED, (current) => {
        former = attributesOf(current).keyName;
        return { set: { attributes: withAttributes(current, { keyName }) } };
      });
    } catch (error) {
      await releaseUnwritten(vault, scope, reservation, error);
      throw error;
    }
    await confirmName(vault, scope, reservation);
    await releaseName(vault, scope, realm, former);
    return answer;
  },
};

interface MemoInput {
  readonly memo: string;
}

/** Update Memo. @internal */
export const updateMemo: NcpOperation<MemoInput, OneKey> = {
  name: 'Update Memo',
  evidence: documentedOperation('Update Memo'),
  input: body('UpdateMemo'),
  resolve: oneKey,
  actions: onKey,
  checks: [],
  async handle({ memo }, { key }, call) {
    await change(call, key, ANY_STATE, (current) => ({
      set: { attributes: withAttributes(current, { memo }) },
    }));
    return { keyTag: key.record.wireId, memo };
  },
};

interface PeriodInput {
  readonly rotationPeriod: number;
}

/** Update Rotation Period: only while auto rotation is on. The new period starts now (inferred). @internal */
export const updateRotationPeriod: NcpOperation<PeriodInput, OneKey> = {
  name: 'Update Rotation Period',
  evidence: documentedOperation('Update Rotation Period'),
  input: body('UpdateRotationPeriod'),
  resolve: oneKey,
  actions: onKey,
  checks: [state(NOT_REVOKED)],
  async handle({ rotationPeriod }, { key }, call) {
    const nextRotationDate = call.nowMs + rotationPeriod * DAY_MS;
    await change(call, key, NOT_REVOKED, (current) => {
      if (!attributesOf(current).isAutoRotation) throw ncpFault('StatusInvalid', {});
      const changed = { rotationPeriod, nextRotationDate };
      return { set: { attributes: withAttributes(current, changed) } };
    });
    return { keyTag: key.record.wireId, rotationPeriod, nextRotationDate };
  },
};

/** Enable and Disable Auto Rotation; doing either twice is refused (inferred). */
function autoRotation(
  name: OperationName,
  isAutoRotation: boolean,
  shown: (set: KeyAttributes) => { readonly [member: string]: unknown },
): NcpOperation<unknown, OneKey> {
  return {
    name,
    evidence: documentedOperation(name),
    input: NO_INPUT,
    resolve: oneKey,
    actions: onKey,
    checks: [state(NOT_REVOKED)],
    async handle(_input, { key }, call) {
      const changed = await change(call, key, NOT_REVOKED, (current) => {
        const before = attributesOf(current);
        if (before.isAutoRotation === isAutoRotation) throw ncpFault('StatusInvalid', {});
        const next = call.nowMs + before.rotationPeriod * DAY_MS;
        const nextRotationDate = isAutoRotation ? next : null;
        const set = { isAutoRotation, nextRotationDate };
        return { set: { attributes: withAttributes(current, set) } };
      });
      return { keyTag: changed.wireId, isAutoRotation, ...shown(attributesOf(changed)) };
    },
  };
}

/** Enable Auto Rotation. @internal */
export const enableAutoRotation: NcpOperation<unknown, OneKey> = autoRotation(
  'Enable Auto Rotation',
  true,
  ({ rotationPeriod, nextRotationDate }) => ({ rotationPeriod, nextRotationDate }),
);

/** Disable Auto Rotation. @internal */
export const disableAutoRotation: NcpOperation<unknown, OneKey> = autoRotation(
  'Disable Auto Rotation',
  false,
  () => ({}),
);
