import { expect, test } from 'vitest';
import { fullName, METHODS } from '../../src/methods.js';
import { methodOf, routeOf } from '../../src/route.js';

test('every method is found by its name and by each of its paths', () => {
  expect(METHODS).toHaveLength(48);
  for (const method of METHODS) {
    expect(methodOf(`/${fullName(method)}`)).toBe(method);
    for (const { verb, path } of method.http) {
      const found = routeOf(verb, path.replace(/\{\w+\}/, 'abj%200'));
      expect(found?.method, `${verb} ${path}`).toBe(method);
      expect(found?.value).toBe(path.includes('{') ? 'abj 0' : '');
    }
  }
});

test('no two methods share a name or a path', () => {
  const names = METHODS.map(fullName);
  const paths = METHODS.flatMap(({ http }) => http.map(({ verb, path }) => `${verb} ${path}`));
  expect(new Set(names).size).toBe(names.length);
  expect(new Set(paths).size).toBe(paths.length);
});

test.each([
  '',
  '/',
  '/kms',
  '/kms/v1/keys/',
  '/kms/v1/keys/:encrypt',
  '/operations',
  '//operations/x',
])('%j leads nowhere', (path) => {
  expect(routeOf('GET', path)).toBeUndefined();
  expect(routeOf('POST', path)).toBeUndefined();
});
