// `npm test [-- path or vitest option …]`: installs what is missing, builds, runs the tests.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildIfNeeded, ensureInstalled, root } from './bootstrap.mjs';
import { say } from './child.mjs';

await ensureInstalled();
if (!(await buildIfNeeded())) {
  // Most tests read the sources, so they still tell something; the run as a whole has failed.
  say('the build failed; its errors are above, the tests follow');
  process.exitCode = 1;
}

const vitest = join(root, 'node_modules/vitest/vitest.mjs');
process.argv = [process.execPath, vitest, 'run', ...process.argv.slice(2)];
process.chdir(root);
await import(pathToFileURL(vitest).href);
