import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { OBSTACLES } from '../../src/inspect/fit.js';
import { FORMATS } from '../../src/inspect/options.js';
import { inspectThe } from '../support/inspectStage.js';

const GUIDE = readFileSync(new URL('../../../../docs/guides/inspect.md', import.meta.url), 'utf8');

function block(language: string): string {
  return new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(GUIDE)?.[1] ?? '';
}

test('the guide shows what its column gives', async () => {
  const { out, code } = await inspectThe(block('csv'), { column: 'blob', json: false });
  expect(code).toBe(0);
  expect(block('text')).toBe(out);
});

test('the guide has every format and every reason', () => {
  for (const name of [...FORMATS, ...Object.keys(OBSTACLES)]) {
    expect(GUIDE).toContain(`\n| \`${name}\` | `);
  }
});

test('the guide has the limits of every dialect', async () => {
  const { report } = await inspectThe(block('csv'), { column: 'blob' });
  expect(report.targets).toHaveLength(4);
  for (const { dialect, maxPlaintextBytes, maxCiphertextBytes } of report.targets) {
    const row = new RegExp(`\n\\| ${dialect} \\| ([\\d,]+) bytes.*? \\| (.*?) \\|\n`).exec(GUIDE);
    expect(row?.[1]).toBe(maxPlaintextBytes.toLocaleString('en-US'));
    const limit = maxCiphertextBytes?.toLocaleString('en-US');
    expect(row?.[2]).toBe(limit === undefined ? 'no limit known' : `${limit} bytes`);
  }
});
