import { readFileSync } from 'node:fs';

/** The clock of one sandbox. */
export interface Clock {
  advance(seconds: number): Promise<void>;
}

/** Moves clocks through the admin API, with the token that the gateway has made. */
export function sandboxClock(url: string, tokenFile: string, sandbox: string): Clock {
  return {
    async advance(seconds) {
      // A file that the gateway has just written.
      const { test } = JSON.parse(readFileSync(tokenFile, 'utf8')) as { test: string };
      const response = await fetch(`${url}/_keyglot/sandboxes/${sandbox}/clock`, {
        method: 'POST',
        headers: { authorization: `Bearer ${test}`, 'content-type': 'application/json' },
        body: JSON.stringify({ advanceSeconds: seconds }),
      });
      if (!response.ok) throw new Error(`the clock stays: ${await response.text()}`);
    },
  };
}
