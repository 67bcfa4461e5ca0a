import { fault } from '../../src/faults.js';
import type { Store } from '../../src/ports/store.js';

type Method = {
  [Name in keyof Store]: Store[Name] extends (...args: never[]) => Promise<unknown> ? Name : never;
}[keyof Store];

type Call = (...args: readonly unknown[]) => Promise<unknown>;

/** Answers that are held back. */
export interface Gate {
  /** How many calls have been carried out and wait for their answer. */
  readonly waiting: number;
  /** Resolves when `count` calls wait. */
  reached(count: number): Promise<void>;
  /** Hands out one answer, the oldest or the one at `index`. */
  release(index?: number): void;
  /** Hands out all answers, and holds none back from now on. */
  open(): void;
}

/** A store over another one, which counts calls and delays, loses or refuses answers. */
export interface ObservedStore extends Store {
  calls(method: Method): number;
  total(): number;
  /** Carries calls out at once and holds their answers back. */
  hold(method: Method): Gate;
  /** Carries out the next call and says that the store could not be reached. */
  loseNext(method: Method): void;
  /** Whether calls fail without being carried out. */
  unreachable: boolean;
  /** What others tell of changes. */
  tell: (refs: Parameters<Parameters<Store['onForeignChange']>[0]>[0]) => void;
}

/** @param shared what the store says of itself; the two of one memory store are two processes */
export function observedStore(inner: Store, shared = true): ObservedStore {
  const counts = new Map<string, number>();
  const gates = new Map<string, ReturnType<typeof createGate>>();
  const losing = new Set<string>();

  const observed =
    (name: string, call: Call): Call =>
    async (...args) => {
      counts.set(name, (counts.get(name) ?? 0) + 1);
      if (store.unreachable) throw fault('Unavailable', { what: 'test' });
      const lost = losing.delete(name);
      const outcome = await call(...args).then(
        (answer) => () => answer,
        (error: unknown) => () => {
          throw error;
        },
      );
      await gates.get(name)?.pass();
      if (lost) throw fault('Unavailable', { what: 'a lost answer' });
      return outcome();
    };
  const methods = Object.entries(inner).filter(([, value]) => typeof value === 'function');

  const store: ObservedStore = {
    ...inner,
    // Each method in its own place, with the types it had there.
    ...(Object.fromEntries(
      methods.map(([name, call]) => [name, observed(name, call as Call)]),
    ) as unknown as Store),
    shared,
    unreachable: false,
    tell: () => undefined,
    calls: (method) => counts.get(method) ?? 0,
    total: () => [...counts.values()].reduce((sum, count) => sum + count, 0),
    hold(method) {
      const gate = createGate(() => gates.delete(method));
      gates.set(method, gate);
      return gate;
    },
    loseNext: (method) => void losing.add(method),
    onForeignChange(listener) {
      store.tell = listener;
    },
  };
  return store;
}

function createGate(onOpen: () => void): Gate & { pass(): Promise<void> } {
  const held: (() => void)[] = [];
  const watchers: { readonly count: number; readonly reached: () => void }[] = [];
  return {
    get waiting() {
      return held.length;
    },
    pass: () =>
      new Promise((resolve) => {
        held.push(resolve);
        for (const { count, reached } of watchers) if (held.length >= count) reached();
      }),
    reached: (count) =>
      new Promise((reached) => {
        if (held.length >= count) reached();
        else watchers.push({ count, reached });
      }),
    release: (index = 0) => held.splice(index, 1)[0]?.(),
    open() {
      onOpen();
      for (const pass of held.splice(0)) pass();
    },
  };
}
