import { describe, expect, it } from 'vitest';
import { describeOperations, EXTRA_OPERATIONS, unsupported } from '../../src/coverage.js';
import { ALIBABA_FAULTS } from '../../src/faults.js';
import { model } from '../../src/generated/model.js';
import { OPERATIONS } from '../../src/operations/index.js';

describe('the table of operations', () => {
  it('and what is not supported together are the published API', () => {
    expect(model.version).toBe('2016-01-20');
    const published = Object.keys(model.operations);
    expect(published).toHaveLength(89);
    const done = OPERATIONS.map(({ name }) => name);
    expect(new Set(done).size).toBe(done.length);
    const missing = unsupported().map(({ name }) => name);
    expect([...done, ...missing].sort()).toEqual([...published, ...EXTRA_OPERATIONS].sort());
  });

  it('is in the coverage, with evidence for what is done and a reason for the rest', () => {
    const rows = describeOperations();
    expect(rows).toHaveLength(89 + EXTRA_OPERATIONS.size);
    for (const { state, evidence, note } of rows) {
      if (state === 'done') expect(evidence?.source).toMatch(/^https:/);
      else expect(note).toMatch(/^answered with UnsupportedOperation: ./);
    }
    expect(rows.filter(({ state }) => state === 'done')).toHaveLength(OPERATIONS.length);
  });
});

describe('the table of faults', () => {
  it('has a status, a code and a text in each cell', () => {
    const secret = { expose: () => Buffer.from('text') };
    const refused = { status: 404, code: 'Any', message: 'any' };
    const details = {
      id: 'i',
      name: 'N',
      state: 'disabled',
      kind: 'alias',
      signed: secret,
      refused,
    };
    for (const [code, { say }] of Object.entries(ALIBABA_FAULTS)) {
      // Each cell reads only details that are in this union of all.
      const said = say({ ...details, resource: 'r', reason: 'why' } as never, { operation: 'O' });
      expect(said.status, code).toBeGreaterThanOrEqual(400);
      expect(said.code, code).toMatch(/^[A-Z][A-Za-z]+(?:\.[A-Z][A-Za-z]+)?$/);
      expect(said.message, code).not.toMatch(/undefined|\[object/);
    }
  });

  it('names evidence for each cell', () => {
    for (const { evidence } of Object.values(ALIBABA_FAULTS)) {
      expect(evidence.source).toMatch(/^https:/);
      expect(evidence.date).toMatch(/^\d{4}-\d\d-\d\d$/);
    }
  });
});
