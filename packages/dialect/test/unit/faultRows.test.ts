import { describe, expect, it } from 'vitest';
import { type Evidence, faultRows } from '../../src/index.js';

const evidence: Evidence = { mark: 'inferred', date: '2026-11-24', source: 'ours' };

const table = {
  KeyNotFound: {
    evidence,
    say: ({ id }: { id: string }, call: { operation: string }) => ({
      status: 404,
      code: 'NotFound',
      message: `${call.operation}: no ${id}`,
    }),
  },
  StateInvalid: {
    evidence,
    say: ({ needed }: { needed: string | undefined }) => ({
      status: 409,
      code: 'Conflict',
      message: needed === undefined ? 'wrong state' : `not ${needed}`,
    }),
  },
};

describe('the rows of a fault table', () => {
  const rows = faultRows({
    table,
    call: { operation: '<operation>' },
    forms: { StateInvalid: [{ needed: undefined }, {}] },
    bodyOf: ({ message = '' }) => ` ${message}\n`,
  });

  it('show details by their names, without space around the body', () => {
    expect(rows[0]).toEqual({
      fault: 'KeyNotFound',
      status: 404,
      code: 'NotFound',
      body: '<operation>: no <id>',
      evidence,
    });
  });

  it('are one for each form that a cell can take, in the order of the table', () => {
    expect(rows.map(({ fault, body }) => [fault, body])).toEqual([
      ['KeyNotFound', '<operation>: no <id>'],
      ['StateInvalid', 'wrong state'],
      ['StateInvalid', 'not <needed>'],
    ]);
  });
});
