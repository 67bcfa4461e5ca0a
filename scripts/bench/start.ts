import { START_MS } from './budget.js';
import { makeDataFolder, type StoreKind, startGateway } from './gateway.js';
import { median } from './measure.js';

/** Time from the start of the program to its first answer, and what it may be. */
export interface StartTime {
  readonly what: string;
  /** Milliseconds, median of several starts. */
  readonly ms: number;
  readonly bestMs: number;
  readonly targetMs: number;
}

/** Measures starts: memory store, embedded store with a new folder, embedded store with a used one. */
export async function measureStarts(
  times: number,
  stores: readonly StoreKind[],
): Promise<StartTime[]> {
  const found: StartTime[] = [];
  const add = (what: string, all: readonly number[], targetMs: number): void => {
    found.push({ what, ms: median(all), bestMs: Math.min(...all), targetMs });
  };
  if (stores.includes('memory')) {
    const all: number[] = [];
    for (let time = 0; time < times; time += 1) {
      const folder = makeDataFolder();
      all.push(await startOnce('memory', folder.path));
      folder.remove();
    }
    add('start, memory', all, START_MS.memory);
  }
  if (stores.includes('embedded')) {
    const first: number[] = [];
    const later: number[] = [];
    for (let time = 0; time < times; time += 1) {
      const folder = makeDataFolder();
      first.push(await startOnce('embedded', folder.path));
      later.push(await startOnce('embedded', folder.path));
      folder.remove();
    }
    add('start, embedded, first', first, START_MS.embeddedFirst);
    add('start, embedded, later', later, START_MS.embeddedLater);
  }
  return found;
}

async function startOnce(store: StoreKind, folder: string): Promise<number> {
  const startedAt = performance.now();
  const program = await startGateway(store, folder, 'open');
  try {
    const answer = await fetch(program.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'TrentService.CreateKey',
      },
      body: '{}',
    });
    if (answer.status !== 200) throw new Error(`the first answer is ${await answer.text()}`);
    return performance.now() - startedAt;
  } finally {
    await program.end('SIGTERM');
  }
}
