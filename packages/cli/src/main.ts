#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { run } from './run.js';

// A reader that went away (`keyglot | head -1`) is no reason to stop serving.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

await run({
  argv: process.argv.slice(2),
  env: process.env,
  version: packageVersion(),
  // Loaded only now, so that --help and a wrong command line answer at once.
  start: async (options) => (await import('@keyglot/gateway')).startGateway(options),
  inspect: async (options) => {
    // Not the gateway itself, which would take longer than many a column.
    const [{ inspect }, { processWorld }, { inspectors }] = await Promise.all([
      import('./inspect/inspect.js'),
      import('./inspect/processWorld.js'),
      import('@keyglot/gateway/inspectors'),
    ]);
    return inspect(options, processWorld(inspectors()));
  },
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  onSignal(stop) {
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  },
  exit: (code) => process.exit(code),
});

function packageVersion(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  );
  return manifest instanceof Object && 'version' in manifest ? String(manifest.version) : 'unknown';
}
