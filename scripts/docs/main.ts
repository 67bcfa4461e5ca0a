import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from '../rules/workspace.js';
import { generatedFiles } from './generatedFiles.js';

// `npm run docs` writes the generated parts of the documents; `npm run docs -- --check` changes nothing
// and fails when one of them is out of date.
const args = process.argv.slice(2);
const check = args.includes('--check');
if (args.some((arg) => arg !== '--check')) {
  process.stderr.write('usage: npm run docs [-- --check]\n');
  process.exit(2);
}

const outdated = generatedFiles((path) => readFileSync(join(checkout, path), 'utf8')).filter(
  ({ before, after }) => before !== after,
);
for (const { path, after } of outdated) {
  if (!check) writeFileSync(join(checkout, path), after);
  process.stdout.write(check ? `out of date: ${path}\n` : `wrote ${path}\n`);
}
if (check && outdated.length > 0) {
  process.stderr.write('run `npm run docs` and commit what it writes\n');
  process.exit(1);
}
