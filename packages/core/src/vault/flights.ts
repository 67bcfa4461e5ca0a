import type { Clock } from '../ports/clock.js';

/** One call of the store that is under way and whose answer is meant for a cache. @internal */
export interface Flight {
  /** Monotonic time, milliseconds. The lease of the answer counts from here. */
  readonly askedAtMs: number;
  /** Something changed since the call began: its answer may be the old state and is not to be kept. */
  stale: boolean;
}

/**
 * Knows what was asked and is not answered yet, so that an answer from before a change never gets into
 * a cache after it. Memory is bounded by the calls under way.
 *
 * @internal
 */
export class Flights<Answer> {
  readonly #clock: Clock;
  readonly #joinMs: number;
  readonly #flights = new Map<string, Set<Flight>>();
  readonly #joinable = new Map<
    string,
    { readonly flight: Flight; readonly answer: Promise<Answer> }
  >();

  /** @param joinMs how old a question may be, in milliseconds, for another request to take its answer */
  constructor(clock: Clock, joinMs: number) {
    this.#clock = clock;
    this.#joinMs = joinMs;
  }

  /** Names with calls under way. */
  get count(): number {
    return this.#flights.size;
  }

  /** Calls `ask`, whatever else is under way. */
  run<Result>(name: string, ask: (flight: Flight) => Promise<Result>): Promise<Result> {
    return this.#land(name, this.#start(name), ask);
  }

  /** Takes the answer of an equal question that is under way, or calls `ask`. */
  join(name: string, ask: (flight: Flight) => Promise<Answer>): Promise<Answer> {
    const under = this.#joinable.get(name);
    if (under !== undefined && !under.flight.stale) {
      if (this.#clock.monotonicMs() - under.flight.askedAtMs <= this.#joinMs) return under.answer;
      // Its answer must not replace the newer one.
      under.flight.stale = true;
    }
    const flight = this.#start(name);
    const answer = this.#land(name, flight, ask);
    this.#joinable.set(name, { flight, answer });
    return answer;
  }

  /** Marks what is under way as older than a change of this name, or of any. */
  spoil(name?: string): void {
    const spoilt = name === undefined ? this.#flights.values() : [this.#flights.get(name) ?? []];
    for (const flights of spoilt) for (const flight of flights) flight.stale = true;
  }

  #start(name: string): Flight {
    const flight = { askedAtMs: this.#clock.monotonicMs(), stale: false };
    const flights = this.#flights.get(name);
    if (flights === undefined) this.#flights.set(name, new Set([flight]));
    else flights.add(flight);
    return flight;
  }

  async #land<Result>(
    name: string,
    flight: Flight,
    ask: (flight: Flight) => Promise<Result>,
  ): Promise<Result> {
    try {
      return await ask(flight);
    } finally {
      const flights = this.#flights.get(name);
      flights?.delete(flight);
      if (flights?.size === 0) this.#flights.delete(name);
      if (this.#joinable.get(name)?.flight === flight) this.#joinable.delete(name);
    }
  }
}
