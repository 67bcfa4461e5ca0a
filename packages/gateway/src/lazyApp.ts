import type { Express } from 'express';
import type { Fallback } from './fastLane.js';
import { onFirstUse } from './tls/onFirstUse.js';

/** Loads the Express app with the first request that needs it; most processes never do. @internal */
export function lazyApp(
  load: () => Promise<Express>,
  onDefect: (error: unknown) => void,
): Fallback {
  const app = onFirstUse(load);
  return (request, response) => {
    app().then(
      (handle) => {
        handle(request, response);
      },
      (error: unknown) => {
        onDefect(error);
        response.destroy();
      },
    );
  };
}
