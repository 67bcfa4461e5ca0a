import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { awsInputTypes, awsModule, readAwsModel } from './awsModel.js';
import { format } from './format.js';

// `npm run generate -- aws <service-2.json>` writes an adapter's `src/generated/` from the published
// model, which is not kept in this repository. The same model and patches give the same files.
const USAGE = `usage: npm run generate -- aws <model>

  <model>  botocore's data/kms/2014-11-01/service-2.json (any release with that API version)
`;

const [dialect, modelPath, ...rest] = process.argv.slice(2);
if (dialect !== 'aws' || modelPath === undefined || rest.length > 0) {
  process.stderr.write(USAGE);
  process.exit(2);
}

const adapter = new URL('../../packages/adapter-aws/', import.meta.url);
const patches: unknown = JSON.parse(readFileSync(new URL('patches.json', adapter), 'utf8'));
const published: unknown = JSON.parse(readFileSync(modelPath, 'utf8'));

const model = readAwsModel(published, patches);
for (const [name, source] of [
  ['model.ts', awsModule(model)],
  ['inputs.ts', awsInputTypes(model)],
] as const) {
  const file = fileURLToPath(new URL(`src/generated/${name}`, adapter));
  writeFileSync(file, format(source, file));
  process.stdout.write(`wrote ${file}\n`);
}
