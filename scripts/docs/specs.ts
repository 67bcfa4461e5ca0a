import { SPECS } from '../../packages/adapter-aws/src/algorithms.js';
import { model } from '../../packages/adapter-aws/src/generated/model.js';
import { code, table } from './markdown.js';

/** Key specs with their usages and algorithms, and those of the model that are missing. */
export function specsPart(): string {
  const known = table(
    ['`KeySpec`', '`KeyUsage`', 'algorithms'],
    SPECS.flatMap(({ name, usages }) =>
      [...usages].map(([usage, algorithms]) => [
        code(name),
        code(usage),
        [...algorithms.keys()].map(code).join(', '),
      ]),
    ),
  );
  const shape = model.shapes['KeySpec'];
  const all = shape?.type === 'string' ? (shape.enum ?? []) : [];
  const missing = all.filter((name) => !SPECS.some((spec) => spec.name === name));
  if (missing.length === 0) return known;
  const names = missing.map(code).join(', ');
  return `${known}\n\nRefused as in a Region that does not have them: ${names}.`;
}
