// `npm run test:sdks [-- --only go,cli] [--scenario text]`: runs the scenarios through the AWS SDKs and the AWS CLI, against
// the built gateway. See docs/guides/sdks.md.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../bootstrap.mjs';
import { GATEWAY, gatewayEnvironment, launch } from '../program/program.js';
import { sandboxClock } from './clock.js';
import { DRIVERS } from './drivers.js';
import { installKit, type Kit } from './kits.js';
import { report, type Verdict } from './report.js';
import { type DriverResults, runDriver } from './runAll.js';
import { SCENARIOS } from './scenarios/index.js';

const { values } = parseArgs({
  options: { only: { type: 'string' }, scenario: { type: 'string', default: '' } },
});
const scenarios = SCENARIOS.filter(({ name }) => name.includes(values.scenario));
const only = values.only?.split(',');
const names = DRIVERS.map(({ name }) => name);
const strangers = only?.filter((name) => !names.some((known) => known === name)) ?? [];
if (strangers.length > 0 || scenarios.length === 0) {
  console.error(`usage: [--only ${names.join(',')}] [--scenario part-of-its-name]`);
  process.exit(2);
}
const chosen = DRIVERS.filter(({ name }) => only?.includes(name) ?? true);

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
const installs = new Map<Kit, ReturnType<typeof installKit>>();
for (const { kit } of chosen) installs.set(kit, installs.get(kit) ?? installKit(kit));
try {
  const { url } = await gateway.ready;
  const clock = (sandbox: string) => sandboxClock(url, join(folder, 'admin-tokens.json'), sandbox);
  const verdicts = await Promise.all(
    chosen.map(async (row): Promise<Verdict> => {
      const { name } = row;
      try {
        const install = await installs.get(row.kit);
        if (install === undefined) throw new Error('was not installed');
        if ('missing' in install) return { name, missing: install.missing };
        const results: DriverResults = await runDriver(row, install.folder, scenarios, {
          url,
          clock,
        });
        return { name, results };
      } catch (error) {
        return { name, broken: error instanceof Error ? error.message : String(error) };
      }
    }),
  );
  const isCi = process.env['CI'] === 'true';
  const { text, passed, failed } = report(scenarios, verdicts, isCi);
  console.log(text);
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  await cleanUp('SIGTERM');
}
