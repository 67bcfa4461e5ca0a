import type { Clock } from './clock.js';
import { startDriver } from './driver.js';
import { type DriverRow, driverCommand } from './drivers.js';
import { runScenario, type ScenarioResult, stepName } from './runScenario.js';
import type { DriverName, Scenario } from './scenario.js';

/** A gateway to run against. */
export interface Grounds {
  readonly url: string;
  clock(sandbox: string): Clock;
}

/** What one driver showed, scenario by scenario. */
export type DriverResults = readonly ScenarioResult[];

/** Runs every scenario through one driver, each in a sandbox of its own. */
export async function runDriver(
  row: DriverRow,
  folder: string,
  scenarios: readonly Scenario[],
  { url, clock }: Grounds,
): Promise<DriverResults> {
  const driver = startDriver(driverCommand(row, folder));
  try {
    const results: ScenarioResult[] = [];
    for (const [index, scenario] of scenarios.entries()) {
      const sandbox = `${row.name}-${index + 1}`;
      const stage = {
        name: row.name,
        driver,
        endpoint: `${url}/s/${sandbox}`,
        clock: clock(sandbox),
      };
      results.push(await runScenario(scenario, stage));
    }
    return results;
  } finally {
    await driver.end();
  }
}

/**
 * Where the members of two clients' answers to the same call differ, a line for each. A client that lacks a
 * call of a scenario has a model older than the scenario, and is left out there.
 */
export function shapeDifferences(
  scenarios: readonly Scenario[],
  results: ReadonlyMap<DriverName, DriverResults>,
): string[] {
  const [first, ...others] = [...results];
  if (first === undefined) return [];
  const [firstName, firstResults] = first;
  return scenarios.flatMap((scenario, index) =>
    scenario.steps.flatMap((step, position) => {
      const expected = shapeAt(firstResults[index], position);
      return others.flatMap(([name, driverResults]) => {
        const shape = shapeAt(driverResults[index], position);
        if (expected === undefined || shape === undefined) return [];
        const only = (these: readonly string[], those: readonly string[]): string[] =>
          these.filter((line) => !those.includes(line));
        const title = `${scenario.name}, step ${position + 1}, ${stepName(step)}`;
        return [
          ...only(expected, shape).map(
            (line) => `${title}: ${firstName} has ${line}, ${name} does not`,
          ),
          ...only(shape, expected).map(
            (line) => `${title}: ${name} has ${line}, ${firstName} does not`,
          ),
        ];
      });
    }),
  );
}

function shapeAt(
  result: ScenarioResult | undefined,
  position: number,
): readonly string[] | undefined {
  return result === undefined || result.lacks.length > 0 ? undefined : result.shapes[position];
}
