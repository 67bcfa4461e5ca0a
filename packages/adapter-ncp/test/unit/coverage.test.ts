import { expect, test } from 'vitest';
import { coverage } from '../../src/coverage.js';
import { SHAPES } from '../../src/model.js';
import { OPERATIONS } from '../../src/operations/index.js';
import { UNSUPPORTED } from '../../src/operations/unsupported.js';
import { ROUTES } from '../../src/routes.js';

test('has each published operation once, as a row or as unsupported', () => {
  const rows = [...OPERATIONS, ...UNSUPPORTED].map(({ name }) => name).sort();
  expect(rows).toEqual(Object.keys(ROUTES).sort());
});

test('counts the pages of the reference', () => {
  // 46 pages of the API 2.0: operations that take tokens have two, but those that take nothing else.
  const rows = Object.values(ROUTES);
  const pages = rows.length + rows.filter(({ auth }) => auth === 'either').length;
  expect(pages).toBe(46);
  expect(rows.filter(({ page1 }) => page1 !== undefined)).toHaveLength(6);
});

test('shows what is not there yet, and evidence for everything else', () => {
  const rows = coverage();
  expect(rows).toHaveLength(45);
  const missing = rows.filter(({ evidence }) => evidence === undefined);
  expect(missing.map(({ operation, state }) => [operation, state])).toEqual([
    ['Get Key Activity Logs', 'not yet'],
    ['Get Latest Use Info', 'not yet'],
  ]);
});

test('names a shape for every input', () => {
  const names = OPERATIONS.flatMap(({ input }) => [
    input.shape({}, 'global'),
    input.shape({ plaintext: [], ciphertext: [] }, 'gov'),
  ]);
  expect(names.filter((name) => SHAPES[name]?.type !== 'structure')).toEqual([]);
});
