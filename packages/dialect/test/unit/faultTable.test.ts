import { type CoreFaults, fault, KmsFault } from '@keyglot/core';
import { describe, expect, it } from 'vitest';
import type { Evidence } from '../../src/evidence.js';
import { EVIDENCE_HEADER, evidenceText } from '../../src/evidence.js';
import { type FaultCell, type FaultTable, sayFault } from '../../src/faultTable.js';
import { header, type RequestHead } from '../../src/wire.js';

interface Own {
  OwnFault: { readonly name: string };
}

const evidence: Evidence = { mark: 'recorded', date: '2026-11-24', source: 'https://x.test/page' };

const silent = <Details>(code: string): FaultCell<Details, string> => ({
  evidence: { ...evidence, mark: 'inferred' },
  say: () => ({ status: 400, code, message: undefined }),
});

const CODES: Record<keyof CoreFaults, true> = {
  KeyNotFound: true,
  AliasNotFound: true,
  KeyDisabled: true,
  KeyStateInvalid: true,
  KeyUsageInvalid: true,
  KeyMismatch: true,
  AlgorithmIncompatible: true,
  CiphertextInvalid: true,
  SignatureInvalid: true,
  MacInvalid: true,
  PlaintextTooLarge: true,
  DigestLengthInvalid: true,
  AlreadyExists: true,
  IdentifierMalformed: true,
  PageTokenInvalid: true,
  LimitExceeded: true,
  Conflict: true,
  Unsupported: true,
  InputInvalid: true,
  AccessDenied: true,
  Unavailable: true,
  Internal: true,
};

const table = {
  // Each cell has the details of its own code, which a loop over codes cannot show.
  ...(Object.fromEntries(Object.keys(CODES).map((code) => [code, silent(code)])) as FaultTable<
    Record<never, never>,
    string
  >),
  KeyNotFound: {
    evidence,
    say: ({ id }, call) => ({ status: 404, code: 'NoKey', message: `${call}: no ${id}` }),
  },
  OwnFault: {
    evidence,
    say: ({ name }) => ({ status: 409, code: 'Own', message: name }),
  },
  Internal: {
    evidence,
    say: ({ what }) => ({ status: 500, code: 'InternalError', message: what }),
  },
} satisfies FaultTable<Own, string> as FaultTable<Own, string>;

describe('sayFault', () => {
  it('lets the cell of a fault speak, with its details and the call', () => {
    expect(sayFault(table, fault('KeyNotFound', { id: 'k' }), 'Encrypt')).toEqual({
      error: { status: 404, code: 'NoKey', message: 'Encrypt: no k' },
      evidence,
    });
    expect(sayFault(table, new KmsFault('OwnFault', { name: 'n' }), '').error).toEqual({
      status: 409,
      code: 'Own',
      message: 'n',
    });
    expect(sayFault(table, fault('MacInvalid', {}), '')).toEqual({
      error: { status: 400, code: 'MacInvalid', message: undefined },
      evidence: { ...evidence, mark: 'inferred' },
    });
  });

  it.each(['Unheard', '', '__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'says Internal for a fault named "%s", without its details',
    (code) => {
      const thrown = new KmsFault(code, { what: 'a secret', id: 'a secret' });
      expect(sayFault(table, thrown, '').error).toEqual({
        status: 500,
        code: 'InternalError',
        message: 'a fault without a cell',
      });
    },
  );

  it('cannot speak without a cell for Internal', () => {
    const empty = {} as FaultTable<Own, string>;
    expect(() => sayFault(empty, fault('MacInvalid', {}), '')).toThrow(TypeError);
  });
});

describe('evidence', () => {
  it('is shown as mark, date and source', () => {
    expect(evidenceText(evidence)).toBe('recorded; 2026-11-24; https://x.test/page');
    expect(EVIDENCE_HEADER).toBe('x-keyglot-evidence');
  });
});

describe('header', () => {
  const head = (headers: RequestHead['headers']): RequestHead => ({
    method: 'POST',
    rawPath: '/',
    path: '/',
    query: '',
    headers,
    hostname: '',
  });

  it('gives the one value, or the first of several, or nothing', () => {
    expect(header(head({ 'x-one': 'a' }), 'x-one')).toBe('a');
    expect(header(head({ 'set-cookie': ['a', 'b'] }), 'set-cookie')).toBe('a');
    expect(header(head({ 'set-cookie': [] }), 'set-cookie')).toBeUndefined();
    expect(header(head({}), 'x-one')).toBeUndefined();
  });
});
