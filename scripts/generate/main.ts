import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { alibabaInputTypes, alibabaModule, readAlibabaModel } from './alibabaModel.js';
import { awsInputTypes, awsModule, readAwsModel } from './awsModel.js';
import { format } from './format.js';

// `npm run generate -- <dialect> <model>` writes an adapter's `src/generated/` from the published
// model, which is not kept in this repository. The same model and patches give the same files.
const USAGE = `usage: npm run generate -- aws|alibaba <model>

  <model>  aws:     botocore's data/kms/2014-11-01/service-2.json (any release with that API version)
           alibaba: parameters of API version 2016-01-20 by operation, as JSON
`;

const GENERATORS = {
  aws: { read: readAwsModel, module: awsModule, types: awsInputTypes },
  alibaba: { read: readAlibabaModel, module: alibabaModule, types: alibabaInputTypes },
} as const;

const [dialect, modelPath, ...rest] = process.argv.slice(2);
if ((dialect !== 'aws' && dialect !== 'alibaba') || modelPath === undefined || rest.length > 0) {
  process.stderr.write(USAGE);
  process.exit(2);
}

const adapter = new URL(`../../packages/adapter-${dialect}/`, import.meta.url);
const patches: unknown = JSON.parse(readFileSync(new URL('patches.json', adapter), 'utf8'));
const published: unknown = JSON.parse(readFileSync(modelPath, 'utf8'));

const { read, module, types } = GENERATORS[dialect];
const model = read(published, patches);
for (const [name, source] of [
  ['model.ts', module(model)],
  ['inputs.ts', types(model)],
] as const) {
  const file = fileURLToPath(new URL(`src/generated/${name}`, adapter));
  writeFileSync(file, format(source, file));
  process.stdout.write(`wrote ${file}\n`);
}
