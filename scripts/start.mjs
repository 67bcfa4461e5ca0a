// `npm start`: installs and builds what is missing, then becomes the program. The program runs in this
// process, so that signals, exit code and standard output are its own.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuilt, ensureInstalled, root } from './bootstrap.mjs';

await ensureInstalled();
await ensureBuilt();

const program = join(root, 'packages/cli/dist/main.js');
process.argv[1] = program;
await import(pathToFileURL(program).href);
