import type { Attempt } from './attempt.js';
import { type DriverResults, shapeDifferences } from './runAll.js';
import type { DriverName, Scenario } from './scenario.js';
import { table } from './table.js';
import type { ToolVerdict } from './tools/runTools.js';

/** What became of one driver. */
export interface Verdict {
  readonly name: DriverName;
  readonly attempt: Attempt<DriverResults>;
}

/** A report for a terminal, with how many things passed and failed. */
export interface Report {
  readonly text: string;
  readonly passed: number;
  readonly failed: number;
}

/** Puts together what the drivers showed. A tool that is missing is a failure only in CI. */
export function scenarioReport(
  scenarios: readonly Scenario[],
  verdicts: readonly Verdict[],
  isCi: boolean,
): Report {
  const results = new Map(
    verdicts.flatMap(({ name, attempt }) => ('done' in attempt ? [[name, attempt.done]] : [])),
  );
  const rows = scenarios.map(({ name, steps }, index) => [
    name,
    String(steps.length),
    ...verdicts.map(({ attempt }) => cell(attempt, index)),
  ]);
  const heads = ['scenario', 'steps', ...verdicts.map(({ name }) => name)];
  const problems = [
    ...failures(verdicts),
    ...[...results].flatMap(([name, all]) => scenarioProblems(scenarios, name, all)),
    ...shapeDifferences(scenarios, results),
  ];
  const missing = missingLines(verdicts);
  const passed = [...results.values()].flat().filter((result) => result.problems.length === 0);
  return {
    text: [table([heads, ...rows]), ...lacks(results), ...missing, ...problems].join('\n'),
    passed: passed.length,
    failed: problems.length + (isCi ? missing.length : 0),
  };
}

/** Puts together what the tools showed. One that cannot be built for want of a compiler fails only in CI. */
export function toolReport(verdicts: readonly ToolVerdict[], isCi: boolean): Report {
  const rows = verdicts.flatMap(({ name, attempt }) => {
    if (!('done' in attempt)) return [[name, 'missing' in attempt ? 'not run' : 'FAILED', '']];
    return attempt.done.map((seen, index) => [index === 0 ? name : '', 'ok', seen]);
  });
  const [missing, problems] = [missingLines(verdicts), failures(verdicts)];
  return {
    text: [table([['tool', 'result', 'seen'], ...rows]), ...missing, ...problems].join('\n'),
    passed: verdicts.filter(({ attempt }) => 'done' in attempt).length,
    failed: problems.length + (isCi ? missing.length : 0),
  };
}

interface Named {
  readonly name: string;
  readonly attempt: Attempt<unknown>;
}

function missingLines(verdicts: readonly Named[]): string[] {
  return verdicts.flatMap(({ name, attempt }) =>
    'missing' in attempt ? [`${name}: not run, ${attempt.missing} is missing`] : [],
  );
}

function failures(verdicts: readonly Named[]): string[] {
  return verdicts.flatMap(({ name, attempt }) =>
    'broken' in attempt ? [`${name}: ${attempt.broken}`] : [],
  );
}

function cell(attempt: Attempt<DriverResults>, index: number): string {
  if ('missing' in attempt) return 'not run';
  const result = 'done' in attempt ? attempt.done[index] : undefined;
  if (result === undefined) return 'broken';
  if (result.problems.length > 0) return 'FAILED';
  return result.lacks.length > 0 ? `ok, lacks ${result.lacks.length}` : 'ok';
}

function scenarioProblems(
  scenarios: readonly Scenario[],
  name: DriverName,
  results: DriverResults,
): string[] {
  return results.flatMap(({ problems }, index) =>
    problems.map((problem) => `${name}, ${scenarios[index]?.name}, ${problem}`),
  );
}

function lacks(results: ReadonlyMap<DriverName, DriverResults>): string[] {
  return [...results].flatMap(([name, all]) => {
    const found = new Set(all.flatMap((result) => result.lacks));
    return [...found].map((lack) => `${name} cannot ${lack}`);
  });
}
