import type { Clock } from './clock.js';
import type { Driver } from './driver.js';
import { HELPERS } from './helpers.js';
import { differences, shapeOf } from './match.js';
import type { CallError, Outcome, Target, Tree } from './protocol.js';
import { resolvable, resolve } from './references.js';
import type { CallStep, DriverName, ExpectedError, HelperStep, Scenario } from './scenario.js';

/** What a driver showed in a scenario. */
export interface ScenarioResult {
  readonly problems: readonly string[];
  /** Calls that the client cannot make, with the reasons that the scenario gives. */
  readonly lacks: readonly string[];
  /** For each step the members of the answer with their types; undefined where there was none. */
  readonly shapes: readonly (readonly string[] | undefined)[];
}

/** Where and as whom a scenario runs. */
export interface Stage {
  readonly name: DriverName;
  readonly driver: Driver;
  /** Endpoint of a sandbox that nothing else uses. */
  readonly endpoint: string;
  readonly clock: Clock;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Runs the steps of a scenario in order. A step whose outcome is not as expected ends it. */
export async function runScenario(scenario: Scenario, stage: Stage): Promise<ScenarioResult> {
  const saved = new Map<string, Tree>();
  const lacks: string[] = [];
  const shapes: (readonly string[] | undefined)[] = [];
  for (const [index, step] of scenario.steps.entries()) {
    let problems: readonly string[];
    let shape: readonly string[] | undefined;
    try {
      if ('advanceSeconds' in step) {
        await stage.clock.advance(step.advanceSeconds);
        problems = [];
      } else if ('helper' in step) {
        problems = runHelper(step, saved);
      } else {
        const reason = step.lacking?.[stage.name];
        ({ problems, shape } = await runCall(step, stage, saved, reason));
        if (reason !== undefined) lacks.push(`${step.call}: ${reason}`);
      }
    } catch (error) {
      problems = [error instanceof Error ? error.message : String(error)];
    }
    shapes.push(shape);
    if (problems.length > 0) {
      const title = `step ${index + 1}, ${stepName(step)}`;
      return { problems: problems.map((problem) => `${title}: ${problem}`), lacks, shapes };
    }
  }
  return { problems: [], lacks, shapes };
}

/** What a step is called in reports. */
export function stepName(step: Scenario['steps'][number]): string {
  if ('advanceSeconds' in step) return `${step.advanceSeconds} s later`;
  return 'helper' in step ? step.helper : step.call;
}

function runHelper(step: HelperStep, saved: Map<string, Tree>): string[] {
  const helper = HELPERS[step.helper];
  if (helper === undefined) throw new Error('there is no such helper');
  const output = helper(resolve(step.input, saved));
  if (step.save !== undefined) saved.set(step.save, output);
  return differences(resolve(step.output ?? {}, saved), output);
}

async function runCall(
  step: CallStep,
  { driver, endpoint }: Stage,
  saved: Map<string, Tree>,
  lacking: string | undefined,
): Promise<{ problems: string[]; shape?: readonly string[] }> {
  const { call: operation, region = 'us-east-1', account = '111122223333' } = step;
  const target: Target = { endpoint, region, account };
  if (lacking !== undefined) {
    // What it refers to may be the output of a call that the client lacks as well.
    const input = resolvable(step.input, saved) ? resolve(step.input, saved) : {};
    const outcome = await driver.send({ target, operation, input });
    const able = outcome.unknown === undefined && outcome.broken === undefined;
    return { problems: able ? [`the client can do this by now (listed: ${lacking})`] : [] };
  }
  const outcome = await driver.send({ target, operation, input: resolve(step.input, saved) });
  const { output, error } = outcome;
  const expected = step.error === undefined ? undefined : resolve({ ...step.error }, saved);
  if (output !== undefined) {
    if (expected !== undefined) {
      return { problems: [`succeeded instead of ${expected.code}: ${JSON.stringify(output)}`] };
    }
    if (step.save !== undefined) saved.set(step.save, output);
    const problems = differences(resolve(step.output ?? {}, saved), output);
    return { problems: [...problems, ...metadataProblems(outcome, 200)], shape: shapeOf(output) };
  }
  if (error !== undefined && expected !== undefined) {
    const status = expected.status ?? 400;
    return { problems: [...errorProblems(expected, error), ...metadataProblems(outcome, status)] };
  }
  if (error !== undefined) return { problems: [`${error.code}: ${error.message}`] };
  return { problems: [outcome.broken ?? `the client has no operation ${outcome.unknown}`] };
}

function errorProblems(expected: ExpectedError, { code, message, type }: CallError): string[] {
  const problems = differences(
    { code: expected.code, message: expected.message },
    { code, message },
  );
  // Java writes KmsInvalidStateException for KMSInvalidStateException.
  const hasClass = type?.toLowerCase() === code.toLowerCase();
  if (type !== undefined && hasClass !== (expected.modelled ?? true)) {
    problems.push(`the SDK made a ${type} of ${code}`);
  }
  return problems;
}

function metadataProblems({ status, requestId }: Outcome, expected: number): string[] {
  const problems: string[] = [];
  if (status !== undefined && status !== expected) {
    problems.push(`HTTP status ${status} instead of ${expected}`);
  }
  if (status !== undefined && !UUID.test(requestId ?? '')) {
    problems.push(`the request id is ${requestId}`);
  }
  return problems;
}
