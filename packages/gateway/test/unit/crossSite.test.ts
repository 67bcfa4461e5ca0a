import { describe, expect, test } from 'vitest';
import { isCrossSite } from '../../src/crossSite.js';

describe('a request of a browser', () => {
  test.each([
    'http://localhost',
    'http://localhost:3000',
    'https://127.0.0.1:8567',
    'http://[::1]:8567',
    'http://aws.localhost:8567',
    'http://box.aws.localhost',
  ])('is taken from a page of this machine: %s', (origin) => {
    expect(isCrossSite({ origin })).toBe(false);
  });

  test.each([
    'null',
    '',
    'https://example.com',
    'http://localhost.example.com',
    'http://localhost:3000.example.com',
    'http://localhost@example.com',
    'http://127.0.0.1.example.com',
    'http://127.0.0.2',
    'http://evil-localhost',
    'http://example.com/localhost',
    'file://localhost',
    'HTTP://LOCALHOST',
    'http://localhost ',
    'http://localhost\nhttp://localhost',
  ])('is refused from any other: %j', (origin) => {
    expect(isCrossSite({ origin })).toBe(true);
  });

  test.each([
    ['same-origin', false],
    ['none', false],
    ['same-site', true],
    ['cross-site', true],
    ['', true],
    ['none, cross-site', true],
    ['unknown', true],
  ])('that calls its site %j is judged by that', (site, expected) => {
    expect(isCrossSite({ 'sec-fetch-site': site })).toBe(expected);
    expect(isCrossSite({ 'sec-fetch-site': site, origin: 'http://localhost' })).toBe(expected);
  });

  test('needs both to be right', () => {
    const site = { 'sec-fetch-site': 'same-origin' };
    expect(isCrossSite({ ...site, origin: 'http://rebound.example' })).toBe(true);
  });
});

test('a client that is no browser says nothing of this', () => {
  expect(isCrossSite({ host: 'kms.example' })).toBe(false);
});
