import type { RequestHead } from '@keyglot/dialect';
import { expect, test } from 'vitest';
import { isNcpPath } from '../../src/claim.js';
import { type Route, routeOf } from '../../src/routes.js';

const TAG = '0123456789abcdef'.repeat(4);

const head = (method: string, path: string): RequestHead => ({
  method,
  path,
  rawPath: path,
  query: '',
  headers: {},
  hostname: '127.0.0.1',
});

function found(method: string, path: string): Route {
  const route = routeOf(head(method, path));
  if (route === undefined || route === 'malformed') throw new Error(`no route: ${method} ${path}`);
  return route;
}

test.each([
  ['POST', '/kms/v1/keys', 'Create Key', '', '2.0'],
  ['GET', '/keys', 'Get Key List', '', '2.0'],
  ['GET', `/kms/v1/keys/${TAG}`, 'Get Key Info', TAG, '2.0'],
  ['DELETE', `/keys/${TAG}`, 'Delete Key', TAG, '2.0'],
  ['POST', `/kms/v1/keys/${TAG}/re-encrypt`, 'Re-encrypt', TAG, '2.0'],
  ['POST', `/kms/v1/keys/${TAG}/reencrypt`, 'Re-encrypt', TAG, '2.0'],
  ['POST', `/keys/${TAG}/re-encrypt`, 'Re-encrypt', TAG, '2.0'],
  ['POST', `/keys/v1/${TAG}/reencrypt`, 'Re-encrypt', TAG, '1.0'],
  ['POST', `/keys/v2/${TAG}/re-encrypt`, 'Re-encrypt', TAG, '1.0'],
  ['POST', `/keys/v2/${TAG}/createCustomKey`, 'Create Custom Key', TAG, '1.0'],
  ['POST', `/kms/v1/keys/${TAG}/createCustomKey`, 'Create Custom Key', TAG, '2.0'],
  ['GET', `/kms/v1/keys/a%2Fb/versions`, 'Get Key Version List', 'a/b', '2.0'],
  ['GET', `/kms/v1/keys/${TAG}/acl`, 'Get ACL Rule List', TAG, '2.0'],
  ['POST', `/kms/v1/keys/${TAG}/acl/enable`, 'Enable IP ACL', TAG, '2.0'],
])('finds %s %s', (method, path, name, keyTag, api) => {
  expect(found(method, path)).toMatchObject({ name, keyTag, api, version: '' });
});

test('reads the number of a version', () => {
  const route = found('POST', `/kms/v1/keys/${TAG}/versions/12/disable`);
  expect(route).toMatchObject({ name: 'Disable Key Version', keyTag: TAG, version: '12' });
});

test.each([
  ['GET', `/kms/v1/keys/${TAG}/encrypt`],
  ['POST', `/kms/v1/keys/${TAG}/rewrap`],
  ['POST', `/kms/v1/keys/${TAG}/encrypt/`],
  ['POST', `/kms/v1/keys//encrypt`],
  ['POST', `/kms/v2/keys/${TAG}/encrypt`],
  ['POST', `/key/v1/${TAG}/encrypt`],
  ['POST', `/keys/v3/${TAG}/encrypt`],
  ['POST', `/keys/v1/${TAG}/rotate`],
  ['POST', '/keys/v1//encrypt'],
  ['GET', '/keys/'],
  ['GET', '/'],
])('knows no %s %s', (method, path) => {
  expect(routeOf(head(method, path))).toBeUndefined();
});

test('calls a percent sign that leads nowhere malformed', () => {
  expect(routeOf(head('POST', '/keys/%zz/encrypt'))).toBe('malformed');
});

test('claims the shapes that nobody else has, whatever the method', () => {
  const paths = [
    `/kms/v1/keys/${TAG}/encrypt`,
    '/keys/x/get-pub-key',
    '/keys/v1/x/anything',
    '/kms/v1/keys/x/versions/1/enable',
    '/keys/x/acl/disable',
  ];
  expect(paths.filter((path) => !isNcpPath(path))).toEqual([]);
});

test('leaves the shapes that another dialect has as well', () => {
  const paths = [
    '/kms/v1/keys',
    '/kms/v1/keys/x',
    '/kms/v1/keys/x/versions',
    '/kms/v1/keys/x:encrypt',
    '/keys/x%3AreEncrypt',
    '/kms/v1/keys/x/rewrap',
    '/',
  ];
  expect(paths.filter((path) => isNcpPath(path))).toEqual([]);
});
