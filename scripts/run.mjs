// `node scripts/run.mjs <file.ts> [argument …]`: runs a TypeScript script of this repository. Node 20
// cannot strip types by itself.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureInstalled, root } from './bootstrap.mjs';
import { fail } from './child.mjs';

const [file, ...args] = process.argv.slice(2);
if (file === undefined) fail('usage: node scripts/run.mjs <file.ts> [argument …]', 2);

await ensureInstalled();
const { register } = await import('tsx/esm/api');
register({ tsconfig: resolve(root, 'tsconfig.test.json') });

const script = resolve(file);
process.argv = [process.execPath, script, ...args];
await import(pathToFileURL(script).href);
