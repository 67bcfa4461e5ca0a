import { describeOperations } from '@keyglot/adapter-aws';
import { describe, expect, test } from 'vitest';
import { differences, shapeOf } from '../sdks/match.js';
import type { Tree } from '../sdks/protocol.js';
import { resolve } from '../sdks/references.js';
import { scenarioReport, toolReport, type Verdict } from '../sdks/report.js';
import { ABSENT, blob, otherThan, type Scenario, TIME, text, utf8 } from '../sdks/scenario.js';
import { SCENARIOS } from '../sdks/scenarios/index.js';

describe('the scenarios', () => {
  const calls = SCENARIOS.flatMap(({ steps }) => steps).filter((step) => 'call' in step);
  const served = describeOperations()
    .filter(
      ({ dialect, state }) => dialect === 'aws' && (state === 'done' || state === 'simulated'),
    )
    .map(({ operation }) => operation);

  test.each(served)('call %s with success and with an error', (operation) => {
    const made = calls.filter(({ call }) => call === operation);
    expect(made.some(({ error }) => error === undefined)).toBe(true);
    expect(made.some(({ error }) => error !== undefined)).toBe(true);
  });

  test('have names of their own', () => {
    const names = SCENARIOS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('a reference', () => {
  const saved = new Map<string, Tree>([
    ['key', { Arn: 'arn:a', Blob: { $blob: 'YQ==' }, List: [1] }],
  ]);

  test('as a whole text stands for a value of any type', () => {
    const input = { a: '<key.Blob>', b: ['<key.List>'], c: '<key.List.0>', d: 'a < b' };
    expect(resolve(input, saved)).toEqual({ a: { $blob: 'YQ==' }, b: [[1]], c: 1, d: 'a < b' });
  });

  test('within a text stands for characters', () => {
    expect(resolve('<key.Arn> is disabled.', saved)).toBe('arn:a is disabled.');
    expect(() => resolve('it is <key.Blob>', saved)).toThrow(
      '<key.Blob> within a text is not a text',
    );
  });

  test.each(['<other>', '<key.Nothing>', '<key.Arn.length>'])(
    'to nothing is an error: %s',
    (path) => {
      expect(() => resolve(path, saved)).toThrow(`nothing is saved as ${path}`);
    },
  );
});

describe('a comparison', () => {
  test.each<[Tree, Tree]>([
    [{ A: 1 }, { A: 1, B: 2 }],
    [{ A: [{ B: 'x' }] }, { A: [{ B: 'x', C: 1 }] }],
    [{ A: ABSENT }, {}],
    [{ A: TIME }, { A: { $time: 1.5 } }],
    [{ A: blob(1) }, { A: { $blob: 'YQ==' } }],
    [{ A: utf8('a') }, { A: { $blob: 'YQ==' } }],
    [{ A: text('^a+$') }, { A: 'aaa' }],
    [{ A: otherThan('a') }, { A: 'b' }],
  ])('finds that %j fits %j', (expected, actual) => {
    expect(differences(expected, actual)).toEqual([]);
  });

  test.each<[Tree, Tree, string]>([
    [{ A: 1 }, {}, 'A: expected 1, got nothing'],
    [{ A: { B: 1 } }, { A: { B: '1' } }, 'A.B: expected 1, got "1"'],
    [{ A: [1, 2] }, { A: [1] }, 'A: expected a list of 2, got [1]'],
    [{ A: [1] }, { A: [2] }, 'A[0]: expected 1, got 2'],
    [{ A: { B: 1 } }, { A: 'x' }, 'A: expected members, got "x"'],
    [{ A: ABSENT }, { A: null }, 'A: expected no such member, got null'],
    [{ A: TIME }, { A: 1.5 }, 'A: expected a time, got 1.5'],
    [{ A: blob() }, { A: 'YQ==' }, 'A: expected bytes, got "YQ=="'],
    [{ A: blob(2) }, { A: utf8('a') }, 'A: expected 2 bytes and not 1, got {"$blob":"YQ=="}'],
    [{ A: utf8('a') }, { A: 'YQ==' }, 'A: expected {"$blob":"YQ=="}, got "YQ=="'],
    [{ A: text('^a+$') }, { A: 'b' }, 'A: expected a text like ^a+$, got "b"'],
    [{ A: otherThan('a') }, { A: 'a' }, 'A: expected something else than "a", got "a"'],
    [{ A: otherThan('a') }, {}, 'A: expected something else than "a", got nothing'],
  ])('finds that %j does not fit %j', (expected, actual, problem) => {
    expect(differences(expected, actual)).toEqual([problem]);
  });

  test('of shapes looks at members and types, and not at false', () => {
    const answer = { A: [{ B: 1 }, { C: 'x' }], D: utf8('a'), E: { $time: 1 }, F: false, G: true };
    expect(shapeOf(answer)).toEqual([
      'A: list',
      'A[].B: number',
      'A[].C: string',
      'D: bytes',
      'E: time',
      'G: boolean',
    ]);
  });
});

describe('the report', () => {
  const scenarios: readonly Scenario[] = [{ name: 'one', steps: [{ call: 'Encrypt', input: {} }] }];
  const fine = (shape: string, lacks: readonly string[] = []) => [
    { problems: [], lacks, shapes: [[shape]] },
  ];

  test('counts what passed, and says what a client cannot do', () => {
    const verdicts: Verdict[] = [
      { name: 'boto3', attempt: { done: fine('A: bytes') } },
      { name: 'cli', attempt: { done: fine('B: bytes', ['Encrypt: too old']) } },
    ];
    const { text: lines, ...counts } = scenarioReport(scenarios, verdicts, true);
    expect(counts).toEqual({ passed: 2, failed: 0 });
    expect(lines.split('\n')).toEqual([
      'scenario  steps  boto3  cli',
      'one       1      ok     ok, lacks 1',
      'cli cannot Encrypt: too old',
    ]);
  });

  test('counts a problem, a driver that broke and answers that differ between clients', () => {
    const problem = { problems: ['step 1, Encrypt: wrong'], lacks: [], shapes: [undefined] };
    const verdicts: Verdict[] = [
      { name: 'javascript', attempt: { done: fine('A: bytes') } },
      { name: 'go', attempt: { done: fine('A: string') } },
      { name: 'boto3', attempt: { done: [problem] } },
      { name: 'java', attempt: { broken: 'no such class' } },
    ];
    const { text: lines, ...counts } = scenarioReport(scenarios, verdicts, true);
    expect(counts).toEqual({ passed: 2, failed: 4 });
    expect(lines.split('\n')).toEqual([
      'scenario  steps  javascript  go  boto3   java',
      'one       1      ok          ok  FAILED  broken',
      'java: no such class',
      'boto3, one, step 1, Encrypt: wrong',
      'one, step 1, Encrypt: javascript has A: bytes, go does not',
      'one, step 1, Encrypt: go has A: string, javascript does not',
    ]);
  });

  test.each([
    [false, 0],
    [true, 1],
  ])('takes a missing tool for a failure only in CI (%s)', (isCi, failed) => {
    const verdicts: Verdict[] = [{ name: 'go', attempt: { missing: 'go' } }];
    const { text: lines, ...counts } = scenarioReport(scenarios, verdicts, isCi);
    expect(counts).toEqual({ passed: 0, failed });
    expect(lines).toContain('go: not run, go is missing');
  });

  test('of the tools shows what was seen, what failed and what could not be run', () => {
    const verdicts = [
      { name: 'one', attempt: { done: ['this', 'that'] } },
      { name: 'two', attempt: { broken: 'refused' } },
      { name: 'three', attempt: { missing: 'go' } },
    ];
    const { text: lines, ...counts } = toolReport(verdicts, true);
    expect(counts).toEqual({ passed: 1, failed: 2 });
    expect(lines.split('\n')).toEqual([
      'tool   result   seen',
      'one    ok       this',
      '       ok       that',
      'two    FAILED',
      'three  not run',
      'three: not run, go is missing',
      'two: refused',
    ]);
    expect(toolReport(verdicts, false)).toMatchObject({ passed: 1, failed: 1 });
  });
});
