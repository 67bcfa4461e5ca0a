// `npm run test:sdks [-- --only go,cli] [--scenario text] [--part scenarios|tools]`: runs the scenarios
// through the AWS SDKs and the AWS CLI, and tools that are built on them, against the built gateway. See
// docs/guides/sdks.md.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../bootstrap.mjs';
import { GATEWAY, gatewayEnvironment, launch } from '../program/program.js';
import { Installer } from './attempt.js';
import { sandboxClock } from './clock.js';
import { DRIVERS } from './drivers.js';
import { scenarioReport, toolReport } from './report.js';
import { runDriver } from './runAll.js';
import { SCENARIOS } from './scenarios/index.js';
import { runTools } from './tools/runTools.js';

const PARTS = ['scenarios', 'tools'];
const names: readonly string[] = DRIVERS.map(({ name }) => name);
const { values } = parseArgs({
  options: {
    only: { type: 'string', default: names.join(',') },
    scenario: { type: 'string', default: '' },
    part: { type: 'string', multiple: true, default: PARTS },
  },
});
const only = values.only.split(',');
const scenarios = SCENARIOS.filter(({ name }) => name.includes(values.scenario));
const known = only.every((name) => names.includes(name)) && scenarios.length > 0;
if (!known || !values.part.every((part) => PARTS.includes(part))) {
  const options = [`--only ${names.join(',')}`, '--scenario part-of-its-name'];
  console.error(`usage: ${options.join(' ')} --part ${PARTS.join('|')}`);
  process.exit(2);
}

await ensureBuilt();
const folder = mkdtempSync(join(tmpdir(), 'keyglot-sdks-'));
const gateway = launch(GATEWAY, {
  args: ['--store', 'memory', '--port', '0', '--host', '127.0.0.1', '--data', folder],
  env: gatewayEnvironment(),
});
const cleanUp = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
  await gateway.end(signal);
  rmSync(folder, { recursive: true, force: true });
};
// The drivers end when their standard input does.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void cleanUp('SIGKILL').finally(() => process.exit(1)));
}
try {
  const { url } = await gateway.ready;
  const installer = new Installer();
  const clock = (sandbox: string) => sandboxClock(url, join(folder, 'admin-tokens.json'), sandbox);
  const rows = DRIVERS.filter(
    ({ name }) => values.part.includes('scenarios') && only.includes(name),
  );
  const [verdicts, tools] = await Promise.all([
    Promise.all(
      rows.map(async (row) => ({
        name: row.name,
        attempt: await installer.attempt([row.kit], (installed) =>
          runDriver(row, installed(row.kit), scenarios, { url, clock }),
        ),
      })),
    ),
    values.part.includes('tools') ? runTools(url, join(folder, 'tools'), installer) : [],
  ]);
  const isCi = process.env['CI'] === 'true';
  const reports = [
    ...(verdicts.length > 0 ? [scenarioReport(scenarios, verdicts, isCi)] : []),
    ...(tools.length > 0 ? [toolReport(tools, isCi)] : []),
  ];
  const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
  const failed = sum(reports.map((report) => report.failed));
  for (const { text } of reports) console.log(`${text}\n`);
  console.log(`${sum(reports.map(({ passed }) => passed))} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  await cleanUp('SIGTERM');
}
