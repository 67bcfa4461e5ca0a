import { describe, expect, test } from 'vitest';
import { placeOf, SANDBOX_NAME } from '../../src/claim/place.js';
import { incoming } from '../support/incoming.js';

function place(url: string, host = '127.0.0.1:8567') {
  const { head, mount, sandbox, misnamed } = placeOf(incoming({ url, headers: { host } }));
  const { path, rawPath, query, hostname } = head;
  return { path, rawPath, query, hostname, mount, sandbox, misnamed };
}

describe('the path of a request', () => {
  test.each([
    ['/', '/', undefined, undefined],
    ['/aws', '/', 'aws', undefined],
    ['/aws/', '/', 'aws', undefined],
    ['/aws/keys', '/keys', 'aws', undefined],
    ['/qkms/', '/', 'qkms', undefined],
    ['/alibaba', '/', 'alibaba', undefined],
    ['/yandex/kms/v1/keys', '/kms/v1/keys', 'yandex', undefined],
    ['/ncp//x', '//x', 'ncp', undefined],
    ['/awsome/', '/awsome/', undefined, undefined],
    ['/AWS/', '/AWS/', undefined, undefined],
    ['//aws/', '//aws/', undefined, undefined],
    ['/x/aws/', '/x/aws/', undefined, undefined],
    ['/aws/qkms/', '/qkms/', 'aws', undefined],
    ['/s/box', '/', undefined, 'box'],
    ['/s/box/', '/', undefined, 'box'],
    ['/s/box/aws', '/', 'aws', 'box'],
    ['/s/box/aws/', '/', 'aws', 'box'],
    ['/s/box/aws/s/other/', '/s/other/', 'aws', 'box'],
    ['/s/ci-1234/keys/x', '/keys/x', undefined, 'ci-1234'],
    ['/s', '/s', undefined, undefined],
    ['/aws/s/box/', '/s/box/', 'aws', undefined],
  ])('%s leads to %s', (url, path, mount, sandbox) => {
    expect(place(`${url}?a=1?b`)).toEqual({
      path,
      rawPath: url,
      query: 'a=1?b',
      hostname: '127.0.0.1',
      mount,
      sandbox,
      misnamed: false,
    });
  });

  test.each([
    '/s/',
    '/s//aws/',
    '/s/Box/',
    '/s/a_b/aws/',
    '/s/-a/',
    '/s/a-',
    '/s/%62ox/',
    '/s/../aws/',
  ])('%s names a sandbox that cannot be', (url) => {
    expect(place(url).misnamed).toBe(true);
  });

  test.each([
    ['http://127.0.0.1:8567/aws/?a', '/aws/', 'a'],
    ['HTTPS://kms.example/s/box/x', '/s/box/x', ''],
    ['http://127.0.0.1', '/', ''],
    ['http://127.0.0.1?a=b', '/', 'a=b'],
    ['*', '/', ''],
    ['', '/', ''],
    ['kms.example:443', '/', ''],
  ])('of the target %j is %s', (url, rawPath, query) => {
    expect(place(url)).toMatchObject({ rawPath, query });
  });
});

describe('the host of a request', () => {
  test.each([
    ['aws.localhost', 'aws', undefined, false],
    ['AWS.LocalHost:8567', 'aws', undefined, false],
    ['qkms.localhost', 'qkms', undefined, false],
    ['box.aws.localhost:1', 'aws', 'box', false],
    ['ci-1.yandex.localhost', 'yandex', 'ci-1', false],
    ['my_job.aws.localhost', 'aws', 'my_job', true],
    ['a.b.aws.localhost', 'aws', 'a.b', true],
    ['.aws.localhost', 'aws', '', true],
    ['localhost', undefined, undefined, false],
    ['aws.localhost.example', undefined, undefined, false],
    ['xaws.localhost', undefined, undefined, false],
    ['aws.example', undefined, undefined, false],
    ['[::1]:8567', undefined, undefined, false],
    ['', undefined, undefined, false],
  ])('%s names %s and %s', (host, mount, sandbox, misnamed) => {
    expect(place('/', host)).toMatchObject({ mount, sandbox, misnamed });
  });

  test('yields to the path', () => {
    expect(place('/s/other/qkms/', 'box.aws.localhost')).toMatchObject({
      mount: 'qkms',
      sandbox: 'other',
    });
    expect(place('/s/other/', 'my_job.aws.localhost')).toMatchObject({
      mount: 'aws',
      sandbox: 'other',
      misnamed: false,
    });
  });

  test.each([
    ['[::1]:8567', '[::1]'],
    ['KMS.Example:1', 'kms.example'],
    ['a:b:c', 'a'],
    ['[', ''],
  ])('%s is %s without its port', (host, hostname) => {
    expect(place('/', host).hostname).toBe(hostname);
  });

  test('may be missing', () => {
    expect(placeOf(incoming({})).head.hostname).toBe('');
  });
});

test('names of sandboxes cannot be those of the gateway itself', () => {
  for (const name of ['_system', '', 'a'.repeat(64), 'a.b', 'A', 'a\n']) {
    expect(SANDBOX_NAME.test(name), name).toBe(false);
  }
  for (const name of ['a', '0', 'main', 'a'.repeat(63)]) expect(SANDBOX_NAME.test(name)).toBe(true);
});
