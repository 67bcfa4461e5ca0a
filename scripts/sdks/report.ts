import { type DriverResults, shapeDifferences } from './runAll.js';
import type { DriverName, Scenario } from './scenario.js';
import { table } from './table.js';

/** What became of one driver. */
export type Verdict =
  | { readonly name: DriverName; readonly results: DriverResults }
  | { readonly name: DriverName; readonly missing: string }
  | { readonly name: DriverName; readonly broken: string };

/** A report for a terminal, with how many runs of scenarios passed and how many things failed. */
export interface Report {
  readonly text: string;
  readonly passed: number;
  readonly failed: number;
}

/** Puts together what the drivers showed. A tool that is missing is a failure only in CI. */
export function report(
  scenarios: readonly Scenario[],
  verdicts: readonly Verdict[],
  isCi: boolean,
): Report {
  const results = new Map(
    verdicts.flatMap((verdict) =>
      'results' in verdict ? [[verdict.name, verdict.results] as const] : [],
    ),
  );
  const rows = scenarios.map(({ name, steps }, index) => [
    name,
    String(steps.length),
    ...verdicts.map((verdict) => cell(verdict, index)),
  ]);
  const heads = ['scenario', 'steps', ...verdicts.map(({ name }) => name)];
  const missing = verdicts.flatMap((verdict) =>
    'missing' in verdict ? [`${verdict.name}: not run, ${verdict.missing} is missing`] : [],
  );
  const problems = [
    ...verdicts.flatMap((verdict) => verdictProblems(scenarios, verdict)),
    ...shapeDifferences(scenarios, results),
  ];
  const failed = problems.length + (isCi ? missing.length : 0);
  const passed = [...results.values()].flat().filter((result) => result.problems.length === 0);
  return {
    text: [table([heads, ...rows]), ...lacks(results), ...missing, ...problems].join('\n'),
    passed: passed.length,
    failed,
  };
}

function cell(verdict: Verdict, index: number): string {
  if ('missing' in verdict) return 'not run';
  if ('broken' in verdict) return 'broken';
  const result = verdict.results[index];
  if (result === undefined) return 'broken';
  if (result.problems.length > 0) return 'FAILED';
  return result.lacks.length > 0 ? `ok, lacks ${result.lacks.length}` : 'ok';
}

function verdictProblems(scenarios: readonly Scenario[], verdict: Verdict): string[] {
  if ('missing' in verdict) return [];
  if ('broken' in verdict) return [`${verdict.name}: ${verdict.broken}`];
  return verdict.results.flatMap(({ problems }, index) =>
    problems.map((problem) => `${verdict.name}, ${scenarios[index]?.name}, ${problem}`),
  );
}

function lacks(results: ReadonlyMap<DriverName, DriverResults>): string[] {
  return [...results].flatMap(([name, all]) => {
    const found = new Set(all.flatMap((result) => result.lacks));
    return [...found].map((lack) => `${name} cannot ${lack}`);
  });
}
