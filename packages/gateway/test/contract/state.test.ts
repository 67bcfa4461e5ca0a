import {
  CancelKeyDeletionCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  type KMSClient,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import type { KeyState } from '@keyglot/core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type AwsGateway,
  makeKey,
  members,
  refusal,
  refused,
  startAwsGateway,
  violation,
} from '../support/awsGateway.js';
import { PRESENT_OPERATIONS } from '../support/awsOperations.js';
import { caseName, OPERATION_CASES } from '../support/operationCases.js';
import { STATE_ANSWERS, type StateOutcome } from '../support/stateTable.js';
import { DAY_MS, START_MS } from '../support/testClock.js';

let aws: AwsGateway;
let kms: KMSClient;

beforeAll(async () => {
  aws = await startAwsGateway();
  kms = aws.client();
});

beforeEach(() => {
  aws.clock.nowMs = START_MS;
});

afterAll(() => aws.close());

describe('key states', () => {
  test('are told for every operation of the table', () => {
    const told = new Set(OPERATION_CASES.map(({ operation }) => operation));
    expect([...told].sort()).toEqual([...PRESENT_OPERATIONS].sort());
    const without = OPERATION_CASES.filter(
      ({ key, states }) => (key === undefined) !== (states === undefined),
    );
    expect(without.map(caseName)).toEqual([]);
  });

  const withStates = OPERATION_CASES.flatMap((one) =>
    one.states === undefined ? [] : [{ ...one, states: one.states, name: caseName(one) }],
  );

  test.each(withStates)('decide what $name does', async ({ key: input, states, prepare }) => {
    const key = await makeKey(kms, input);
    const send = await prepare(kms, key);
    const told: [string, unknown][] = [];
    const wanted: [string, unknown][] = [];
    // The entries of a total record have its keys as names.
    for (const [state, outcome] of Object.entries(states) as [KeyState, StateOutcome][]) {
      if (outcome === 'unknown') continue;
      await aws.force(key.id, state);
      const answer = send(kms, key.arn);
      if (outcome === 'ok') {
        told.push([state, await answer.then(() => 'ok', String)]);
        wanted.push([state, 'ok']);
      } else {
        const [code, text] = STATE_ANSWERS[outcome];
        told.push([state, await refusal(answer)]);
        wanted.push([state, refused(code, `${key.arn} ${text}`)]);
      }
    }
    expect(told).toEqual(wanted);
  });
});

describe('DisableKey and EnableKey', () => {
  test('answer with nothing, show in the metadata and may be repeated', async () => {
    const { id } = await makeKey(kms);
    const shown = async (): Promise<unknown> => {
      const { KeyMetadata: key } = await kms.send(new DescribeKeyCommand({ KeyId: id }));
      return [key?.KeyState, key?.Enabled];
    };
    for (let n = 0; n < 2; n += 1) {
      expect(members(await kms.send(new DisableKeyCommand({ KeyId: id })))).toEqual({});
      expect(await shown()).toEqual(['Disabled', false]);
    }
    for (let n = 0; n < 2; n += 1) {
      expect(members(await kms.send(new EnableKeyCommand({ KeyId: id })))).toEqual({});
      expect(await shown()).toEqual(['Enabled', true]);
    }
  });

  test.each(['DisableKey', 'EnableKey'])('%s sends an empty body', async (operation) => {
    const { id } = await makeKey(kms);
    const answer = await aws.call(operation, { KeyId: id });
    expect([answer.status, answer.text, answer.headers['content-length']]).toEqual([200, '', '0']);
  });
});

describe('ScheduleKeyDeletion', () => {
  test.each([
    [undefined, 30],
    [7, 7],
    [30, 30],
  ])('with %s days says when the key goes', async (PendingWindowInDays, days) => {
    const { id, arn } = await makeKey(kms);
    const answer = await kms.send(
      new ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays }),
    );
    expect(members(answer)).toEqual({
      KeyId: arn,
      DeletionDate: new Date(START_MS + days * DAY_MS),
      KeyState: 'PendingDeletion',
      PendingWindowInDays: days,
    });
  });

  test.each([1, 6, 31, 365])(
    'refuses a window of %i days, which the model allows',
    async (days) => {
      const { id } = await makeKey(kms);
      const answer = kms.send(
        new ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays: days }),
      );
      expect(await refusal(answer)).toEqual(
        refused('ValidationException', 'PendingWindowInDays must be between 7 and 30'),
      );
    },
  );

  test.each([
    [0, 'greater than or equal to 1'],
    [366, 'less than or equal to 365'],
  ])('refuses a window of %i days, which the model forbids', async (days, rule) => {
    const { id } = await makeKey(kms);
    const answer = kms.send(
      new ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays: days }),
    );
    expect(await refusal(answer)).toEqual(
      violation(
        `Value '${days}' at 'pendingWindowInDays' failed to satisfy constraint: Member must have value ${rule}`,
      ),
    );
  });

  test('lets the key go on its day, and not a millisecond before', async () => {
    const { id, arn } = await makeKey(kms);
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays: 7 }));
    aws.clock.nowMs = START_MS + 7 * DAY_MS - 1;
    const last = await kms.send(new DescribeKeyCommand({ KeyId: id }));
    expect(last.KeyMetadata?.KeyState).toBe('PendingDeletion');
    aws.clock.nowMs = START_MS + 7 * DAY_MS;
    const gone = refused('NotFoundException', `Key '${arn}' does not exist`);
    expect(await refusal(kms.send(new DescribeKeyCommand({ KeyId: id })))).toEqual(gone);
    expect(await refusal(kms.send(new CancelKeyDeletionCommand({ KeyId: arn })))).toEqual(gone);
  });

  test('leaves nothing to decrypt once the key is gone', async () => {
    const { id } = await makeKey(kms);
    const { CiphertextBlob } = await kms.send(
      new EncryptCommand({ KeyId: id, Plaintext: Buffer.from('x') }),
    );
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays: 7 }));
    aws.clock.nowMs = START_MS + 7 * DAY_MS;
    const answer = await aws.call('Decrypt', {
      CiphertextBlob: Buffer.from(CiphertextBlob ?? []).toString('base64'),
    });
    expect(answer.body).toEqual({
      __type: 'AccessDeniedException',
      Message:
        'The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.',
    });
  });
});

describe('CancelKeyDeletion', () => {
  test('brings the key back disabled and without a date', async () => {
    const { id, arn } = await makeKey(kms);
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: id }));
    const answer = await kms.send(new CancelKeyDeletionCommand({ KeyId: id }));
    expect(members(answer)).toEqual({ KeyId: arn });
    const { KeyMetadata: key } = await kms.send(new DescribeKeyCommand({ KeyId: id }));
    expect([key?.KeyState, key?.Enabled, key?.DeletionDate]).toEqual([
      'Disabled',
      false,
      undefined,
    ]);
    aws.clock.nowMs = START_MS + 100 * DAY_MS;
    const later = await kms.send(new DescribeKeyCommand({ KeyId: id }));
    expect(later.KeyMetadata?.KeyState).toBe('Disabled');
  });
});
