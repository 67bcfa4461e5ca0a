import type { KeyRecord, KeyState } from '@keyglot/core';
import { KmsFault } from '@keyglot/core';
import { describe, expect, test } from 'vitest';
import type { AwsCall } from '../../src/call.js';
import { AWS_PROFILE } from '../../src/profiles/aws.js';
import * as states from '../../src/states.js';

const ID = 'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const STATES: readonly KeyState[] = [
  'creating',
  'enabled',
  'disabled',
  'pending-import',
  'pending-deletion',
  'unavailable',
  'updating',
];

function keyIn(state: KeyState): KeyRecord {
  return {
    sandbox: 'main',
    id: 'id',
    realm: { dialect: 'aws', tenant: '111122223333', region: 'us-east-1' },
    wireId: '1234abcd-12ab-34cd-56ef-1234567890ab',
    spec: 'aes-256',
    usages: ['encrypt'],
    origin: 'generated',
    state,
    deletionAt: null,
    createdAt: new Date(0),
    primaryVersion: 'v',
    revision: 1,
    attributes: {},
    versions: [],
  } as unknown as KeyRecord; // Only the state is looked at.
}

/** `ok`, or the fault with what its text needs. */
function outcome(row: states.StateRow, state: KeyState): unknown {
  try {
    states.requireState(keyIn(state), row, CALL);
    return 'ok';
  } catch (error) {
    if (!(error instanceof KmsFault)) throw error;
    return [error.code, error.details];
  }
}

// Only what a key's ARN and its state need.
const CALL = { profile: AWS_PROFILE, nowMs: 0 } as unknown as AwsCall;

const DISABLED = ['KeyDisabled', { id: ID }];
const invalid = (state: KeyState) => ['KeyStateInvalid', { id: ID, state }];
const needed = (state: KeyState) => [
  'KeyStateInvalid',
  { id: ID, state, needed: 'pending-deletion' },
];

// https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
const ALLOWED: Readonly<
  Record<string, readonly [row: states.StateRow, allowed: readonly KeyState[]]>
> = {
  'an operation of any state': [states.ANY_STATE, STATES],
  'a cryptographic operation': [states.USE, ['enabled', 'updating']],
  GetPublicKey: [states.READ_PUBLIC, ['enabled', 'updating', 'disabled']],
  RotateKeyOnDemand: [states.ROTATE, ['enabled', 'updating', 'unavailable']],
  'EnableKeyRotation and DisableKeyRotation': [
    states.AUTO_ROTATE,
    ['enabled', 'updating', 'unavailable', 'pending-import'],
  ],
  ReplicateKey: [states.REPLICATE, ['enabled']],
  GetParametersForImport: [
    states.GET_IMPORT_PARAMETERS,
    ['enabled', 'disabled', 'pending-import', 'unavailable'],
  ],
  ImportKeyMaterial: [
    states.IMPORT,
    ['enabled', 'disabled', 'pending-import', 'unavailable', 'updating'],
  ],
  DeleteImportedKeyMaterial: [
    states.DELETE_IMPORTED,
    ['enabled', 'disabled', 'pending-import', 'unavailable', 'pending-deletion'],
  ],
  'EnableKey and DisableKey': [states.TOGGLE, ['enabled', 'disabled', 'unavailable']],
  'CreateAlias and UpdateAlias': [
    states.NAME,
    STATES.filter((state) => state !== 'pending-deletion'),
  ],
  ScheduleKeyDeletion: [
    states.SCHEDULE_DELETION,
    ['creating', 'enabled', 'disabled', 'pending-import', 'unavailable'],
  ],
  CancelKeyDeletion: [states.CANCEL_DELETION, ['pending-deletion']],
};

describe.each(Object.entries(ALLOWED))('%s', (name, [row, allowed]) => {
  test.each(STATES)('on a key that is %s', (state) => {
    const faults =
      name === 'CancelKeyDeletion'
        ? needed(state)
        : state === 'disabled' && row.disabled === 'disabled'
          ? DISABLED
          : invalid(state);
    expect(outcome(row, state)).toEqual(allowed.includes(state) ? 'ok' : faults);
  });

  test('has a rule for every state, which nobody can change', () => {
    expect(Object.keys(row).sort()).toEqual([...STATES].sort());
    expect(Object.isFrozen(row)).toBe(true);
  });
});

test('a disabled key is called disabled by its use, its rotation, its grants and its replication only', () => {
  const disabled = Object.entries(states).filter(
    ([, row]) => typeof row === 'object' && row.disabled === 'disabled',
  );
  const names = disabled.map(([name]) => name).sort();
  expect(names).toEqual(['AUTO_ROTATE', 'GRANT', 'REPLICATE', 'ROTATE', 'USE']);
});
