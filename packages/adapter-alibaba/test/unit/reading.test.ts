import type { WireRequest } from '@keyglot/dialect';
import { describe, expect, it } from 'vitest';
import { readingOf } from '../../src/reading.js';

function request(
  query: string,
  headers: Record<string, string> = {},
  body: string | Buffer = '',
): WireRequest {
  return {
    head: { method: 'POST', rawPath: '/', path: '/', query, headers, hostname: '' },
    body: Buffer.from(body),
    requestId: '',
    receivedAtMs: 0,
    sandbox: 'main',
    mount: '',
  };
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' };

describe('readingOf', () => {
  it('joins query and form, and the first value of a name counts', () => {
    const { params, query } = readingOf(request('a=1&a=2&b=%2B+%20', FORM, 'b=3&c=*~%C3%BC&d'));
    expect([...params]).toEqual([
      ['a', '1'],
      ['b', '+  '],
      ['c', '*~ü'],
      ['d', ''],
    ]);
    expect(query).toHaveLength(3);
  });

  it('reads unescaped UTF-8', () => {
    const { params } = readingOf(request('', FORM, 'text=grüße 🔑'));
    expect(params.get('text')).toBe('grüße 🔑');
  });

  it('does not read a body of another type', () => {
    const json = { 'content-type': 'application/json' };
    expect(readingOf(request('', json, 'a=1')).params.size).toBe(0);
    expect(readingOf(request('', {}, 'a=1')).params.size).toBe(0);
  });

  it.each([
    ['a lonely percent sign', '%'],
    ['digits that are none', 'a=%zz'],
    ['half of a character', 'a=%C3'],
    ['a surrogate', 'a=%ED%A0%80'],
    ['too many parameters', 'a=1&'.repeat(1_001)],
  ])('says that %s cannot be read', (_what, query) => {
    expect(readingOf(request(query))).toMatchObject({ broken: true });
    expect(readingOf(request('', FORM, query))).toMatchObject({ broken: true });
  });

  it('takes the action from the header only beside a signature in the header', () => {
    const headers = { 'x-acs-action': 'Decrypt', 'x-acs-version': '2016-01-20' };
    const query = 'Action=Encrypt&Version=2015-04-01';
    const authorization = 'ACS3-HMAC-SHA256 x';
    expect(readingOf(request(query, headers))).toMatchObject({
      action: 'Encrypt',
      version: '2015-04-01',
    });
    expect(readingOf(request(query, { ...headers, authorization }))).toMatchObject({
      action: 'Decrypt',
      version: '2016-01-20',
    });
    expect(readingOf(request('', headers))).toMatchObject({ action: 'Decrypt' });
    expect(readingOf(request(query, { authorization }))).toMatchObject({ action: '', version: '' });
  });

  it.each([
    ['', '', 'json'],
    ['Format=XML', 'application/json', 'xml'],
    ['Format=xml', '', 'xml'],
    ['Format=JSON', 'text/xml', 'json'],
    ['Format=YAML', 'text/xml', 'json'],
    ['', 'application/xml', 'xml'],
    ['', 'text/xml;q=0.5', 'xml'],
    ['', 'text/html,application/xhtml+xml,application/xml;q=0.9', 'json'],
  ])('chooses the format by %j and %j', (query, accept, format) => {
    expect(readingOf(request(query, { accept })).format).toBe(format);
  });
});
