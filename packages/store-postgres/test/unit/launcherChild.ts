// A stand-in for the gateway in a process of its own: starts the server, tells so in one line of JSON
// and lives until it is killed or its standard input ends.
import { randomBytes, randomUUID } from 'node:crypto';
import { LaunchError } from '../../src/launcher/launchError.js';
import { startEmbeddedPostgres } from '../../src/launcher/startEmbeddedPostgres.js';

const tell = (value: unknown): void => {
  process.stdout.write(`${JSON.stringify(value)}\n`);
};

async function main(dataDir: string): Promise<void> {
  const postgres = await startEmbeddedPostgres({
    dataDir,
    entropy: { bytes: randomBytes, pooled: randomBytes, uuid: randomUUID },
    log: () => undefined,
  });
  tell({ pid: postgres.pid(), connection: postgres.connection });
  process.stdin.once('end', () => {
    void postgres.stop().then(() => tell({ stopped: true }));
  });
  process.stdin.resume();
}

main(process.argv[2] ?? '').catch((error: unknown) => {
  const known = error instanceof LaunchError ? { code: error.code, details: error.details } : {};
  tell({ error: { message: String(error), ...known } });
  process.exitCode = 1;
});
