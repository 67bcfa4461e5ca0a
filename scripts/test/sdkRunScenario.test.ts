import { describe, expect, test } from 'vitest';
import type { Call, Outcome } from '../sdks/protocol.js';
import { runScenario, type ScenarioResult } from '../sdks/runScenario.js';
import type { CallStep, Step } from '../sdks/scenario.js';

const ID = '0a1b2c3d-1111-4222-8333-444455556666';
const FINE = { status: 200, requestId: ID };
const DISABLED = { code: 'DisabledException', message: 'is disabled.' };
const REFUSED: Outcome = {
  error: { ...DISABLED, type: 'DisabledException' },
  status: 400,
  requestId: ID,
};

/** Runs steps through a client that gives these outcomes. */
async function run(
  steps: readonly Step[],
  ...outcomes: readonly Outcome[]
): Promise<ScenarioResult & { readonly calls: readonly Call[] }> {
  const calls: Call[] = [];
  const driver = {
    send: async (call: Call): Promise<Outcome> => {
      const outcome = outcomes[calls.length] ?? { broken: 'no more calls were expected' };
      calls.push(call);
      return outcome;
    },
    end: async () => undefined,
  };
  const clock = { advance: async () => undefined };
  const endpoint = 'http://127.0.0.1:1/s/one';
  const stage = { name: 'cli', driver, endpoint, clock } as const;
  return { ...(await runScenario({ name: 'one', steps }, stage)), calls };
}

const DESCRIBE: CallStep = { call: 'DescribeKey', input: {} };

describe('a scenario', () => {
  test('sends what an earlier step saved, to the region and account of the step', async () => {
    const { problems, calls } = await run(
      [
        { call: 'CreateKey', input: {}, save: 'key' },
        { ...DESCRIBE, input: { KeyId: '<key.Id>' }, region: 'eu-west-1', account: '444455556666' },
      ],
      { output: { Id: 'a' }, ...FINE },
      { output: {}, ...FINE },
    );
    expect(problems).toEqual([]);
    const endpoint = 'http://127.0.0.1:1/s/one';
    expect(calls.map(({ target, input }) => ({ target, input }))).toEqual([
      { target: { endpoint, region: 'us-east-1', account: '111122223333' }, input: {} },
      { target: { endpoint, region: 'eu-west-1', account: '444455556666' }, input: { KeyId: 'a' } },
    ]);
  });

  test('ends at the first step that is not as expected', async () => {
    const { problems, calls } = await run([DESCRIBE, DESCRIBE], REFUSED);
    expect(problems).toEqual(['step 1, DescribeKey: DisabledException: is disabled.']);
    expect(calls).toHaveLength(1);
  });

  test('accepts an error of that code, text and status, with a class of its own', async () => {
    expect((await run([{ ...DESCRIBE, error: DISABLED }], REFUSED)).problems).toEqual([]);
  });

  test('accepts a client that tells neither status nor class', async () => {
    expect((await run([{ ...DESCRIBE, error: DISABLED }], { error: DISABLED })).problems).toEqual(
      [],
    );
    expect((await run([DESCRIBE], { output: {} })).problems).toEqual([]);
  });

  test.each<[string, Partial<CallStep>, Outcome, string]>([
    [
      'success instead of an error',
      { error: DISABLED },
      { output: { A: 1 }, ...FINE },
      'succeeded instead of DisabledException: {"A":1}',
    ],
    [
      'another text',
      { error: { ...DISABLED, message: 'is not.' } },
      REFUSED,
      'message: expected "is not.", got "is disabled."',
    ],
    [
      'another status',
      { error: DISABLED },
      { ...REFUSED, status: 500 },
      'HTTP status 500 instead of 400',
    ],
    [
      'no class for an error of the model',
      { error: DISABLED },
      { ...REFUSED, error: { ...DISABLED, type: 'KmsException' } },
      'the SDK made a KmsException of DisabledException',
    ],
    [
      'a class for an error that the model does not have',
      { error: { ...DISABLED, modelled: false } },
      REFUSED,
      'the SDK made a DisabledException of DisabledException',
    ],
    ['another member', { output: { A: 2 } }, { output: { A: 1 }, ...FINE }, 'A: expected 2, got 1'],
    ['no request id', {}, { output: {}, status: 200 }, 'the request id is undefined'],
    [
      'no such operation',
      {},
      { unknown: 'DescribeKey' },
      'the client has no operation DescribeKey',
    ],
    ['a client that gives up', { error: DISABLED }, { broken: 'no route' }, 'no route'],
    [
      'a reference to nothing',
      { input: { KeyId: '<key.Id>' } },
      {},
      'nothing is saved as <key.Id>',
    ],
    [
      'a client that is listed as unable and is not',
      { lacking: { cli: 'too old' } },
      { output: {}, ...FINE },
      'the client can do this by now (listed: too old)',
    ],
  ])('does not accept %s', async (_what, step, outcome, problem) => {
    const { problems } = await run([{ ...DESCRIBE, ...step }], outcome);
    expect(problems).toEqual([`step 1, DescribeKey: ${problem}`]);
  });

  test('tells what a client lacks, and goes on', async () => {
    const input = { KeyId: '<what.the.client.could.not.get>' };
    const lacking = { ...DESCRIBE, input, lacking: { cli: 'too old' } };
    const { problems, lacks, calls } = await run(
      [lacking, DESCRIBE],
      { unknown: 'DescribeKey' },
      { output: {}, ...FINE },
    );
    expect({ problems, lacks }).toEqual({ problems: [], lacks: ['DescribeKey: too old'] });
    expect(calls).toHaveLength(2);
  });
});
