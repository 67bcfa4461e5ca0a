import { describe, expect, it } from 'vitest';
import { type Flight, Flights } from '../../src/vault/flights.js';
import { fakeClock } from '../support/fakeClock.js';

const JOIN_MS = 100;

function asking(): {
  readonly ask: (flight: Flight) => Promise<string>;
  readonly asked: { readonly flight: Flight; answer(text: string): void; fail(): void }[];
} {
  const asked: { readonly flight: Flight; answer(text: string): void; fail(): void }[] = [];
  return {
    asked,
    ask: (flight) =>
      new Promise((answer, reject) => {
        asked.push({ flight, answer, fail: () => reject(new Error('no answer')) });
      }),
  };
}

describe('Flights', () => {
  it('asks equal questions once while one is under way', async () => {
    const flights = new Flights<string>(fakeClock(), JOIN_MS);
    const { ask, asked } = asking();
    const both = [flights.join('a', ask), flights.join('a', ask)];
    const other = flights.join('b', ask);
    expect([asked.length, flights.count]).toEqual([2, 2]);
    asked[0]?.answer('A');
    asked[1]?.answer('B');
    expect(await Promise.all([...both, other])).toEqual(['A', 'A', 'B']);
    expect(flights.count).toBe(0);
    const again = flights.join('a', ask);
    expect(asked.length).toBe(3);
    asked[2]?.answer('new');
    expect(await again).toBe('new');
  });

  it('asks again after a change, and marks what was under way', async () => {
    const flights = new Flights<string>(fakeClock(), JOIN_MS);
    const { ask, asked } = asking();
    const before = flights.join('a', ask);
    const other = flights.join('b', ask);
    flights.spoil('a');
    const after = flights.join('a', ask);
    expect(asked.map(({ flight }) => flight.stale)).toEqual([true, false, false]);
    asked[0]?.answer('old');
    expect(await before).toBe('old');
    // The end of the old one leaves the new one to be joined.
    const joined = flights.join('a', ask);
    expect(asked.length).toBe(3);
    asked[1]?.answer('B');
    asked[2]?.answer('new');
    expect(await Promise.all([after, joined, other])).toEqual(['new', 'new', 'B']);
  });

  it('marks everything when anything may have changed', async () => {
    const flights = new Flights<string>(fakeClock(), JOIN_MS);
    const { ask, asked } = asking();
    const all = ['a', 'b'].map((name) => flights.run(name, ask));
    flights.spoil('c');
    expect(asked.map(({ flight }) => flight.stale)).toEqual([false, false]);
    flights.spoil();
    expect(asked.map(({ flight }) => flight.stale)).toEqual([true, true]);
    for (const { answer } of asked) answer('x');
    await Promise.all(all);
    expect(flights.count).toBe(0);
  });

  it('does not join a question that is too old, and marks it', async () => {
    const clock = fakeClock();
    const flights = new Flights<string>(clock, JOIN_MS);
    const { ask, asked } = asking();
    const first = flights.join('a', ask);
    clock.passedMs += JOIN_MS;
    const second = flights.join('a', ask);
    expect(asked.length).toBe(1);
    clock.passedMs += 1;
    const third = flights.join('a', ask);
    expect(asked.map(({ flight }) => [flight.askedAtMs, flight.stale])).toEqual([
      [1_000, true],
      [1_101, false],
    ]);
    asked[0]?.answer('old');
    asked[1]?.answer('new');
    expect(await Promise.all([first, second, third])).toEqual(['old', 'old', 'new']);
  });

  it('forgets what failed, and leaves no rejection behind', async () => {
    const flights = new Flights<string>(fakeClock(), JOIN_MS);
    const { ask, asked } = asking();
    const both = [flights.join('a', ask), flights.join('a', ask)];
    asked[0]?.fail();
    for (const one of both) await expect(one).rejects.toThrow('no answer');
    expect(flights.count).toBe(0);
    await expect(
      flights.run('a', () => {
        throw new Error('at once');
      }),
    ).rejects.toThrow('at once');
    expect(flights.count).toBe(0);
  });
});
