import type { JournalEntry } from '@keyglot/core';
import { describe, expect, test } from 'vitest';
import { createJournal } from '../../src/journal.js';

function entry(requestId: string, more: Partial<JournalEntry> = {}): JournalEntry {
  return {
    requestId,
    atMs: 0,
    sandbox: 'main',
    dialect: 'aws',
    operation: 'Encrypt',
    status: 200,
    code: '',
    evidence: 'recorded',
    ignored: [],
    audit: '',
    ...more,
  };
}

describe('the journal', () => {
  test('gives the latest entries of one sandbox, newest first', () => {
    const journal = createJournal();
    for (let index = 0; index < 6; index += 1) {
      journal.record(entry(String(index), { sandbox: index % 2 === 0 ? 'main' : 'box' }));
    }
    const ids = (sandbox: string, limit: number) =>
      journal.latest(sandbox, limit).map(({ requestId }) => requestId);
    expect(ids('main', 10)).toEqual(['4', '2', '0']);
    expect(ids('box', 2)).toEqual(['5', '3']);
    expect(ids('other', 10)).toEqual([]);
    expect(ids('main', 0)).toEqual([]);
  });

  test('forgets the oldest when it is full', () => {
    const journal = createJournal(3);
    for (let index = 0; index < 8; index += 1) journal.record(entry(String(index)));
    expect(journal.latest('main', 10).map(({ requestId }) => requestId)).toEqual(['7', '6', '5']);
  });

  test('counts ignored members by dialect and operation', () => {
    const journal = createJournal(1);
    journal.record(entry('1', { ignored: ['A', 'B'] }));
    journal.record(entry('2', { ignored: ['A'] }));
    journal.record(entry('3', { ignored: ['A'], dialect: 'qkms' }));
    expect([...journal.ignoredCounts('main')]).toEqual([
      ['aws Encrypt A', 2],
      ['aws Encrypt B', 1],
      ['qkms Encrypt A', 1],
    ]);
  });

  test('counts at most 1,000 names, and goes on counting those', () => {
    const journal = createJournal();
    for (let index = 0; index < 3_000; index += 1) {
      journal.record(entry('1', { ignored: [`m${index}`, 'm0'] }));
    }
    expect(journal.ignoredCounts('main').size).toBe(1_000);
    expect(journal.ignoredCounts('main').get('aws Encrypt m0')).toBe(3_001);
    expect(journal.ignoredCounts('main').has('aws Encrypt m2999')).toBe(false);
  });

  test('counts for each sandbox apart, for the latest 100', () => {
    const journal = createJournal();
    journal.record(entry('1', { ignored: ['A'] }));
    for (let index = 0; index < 99; index += 1) {
      journal.record(entry('1', { sandbox: `box-${index}`, ignored: ['B'] }));
    }
    journal.record(entry('1', { ignored: ['A'] }));
    journal.record(entry('1', { sandbox: 'one-more', ignored: ['B'] }));
    expect([...journal.ignoredCounts('main')]).toEqual([['aws Encrypt A', 2]]);
    expect([...journal.ignoredCounts('box-0')]).toEqual([]);
    expect([...journal.ignoredCounts('box-1')]).toEqual([['aws Encrypt B', 1]]);
    expect([...journal.ignoredCounts('never-seen')]).toEqual([]);
  });
});
