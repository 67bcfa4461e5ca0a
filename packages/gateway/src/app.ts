import type { Vault } from '@keyglot/core';
import type { CoverageRow, CredentialForm, DialectFace } from '@keyglot/dialect';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { credentialRoutes } from './admin/credentials.js';
import { refuse, requireScope } from './admin/guard.js';
import { sandboxRoutes } from './admin/sandboxes.js';
import type { AdminTokens } from './admin/tokens.js';
import { transferRoutes } from './admin/transfer.js';
import { twinRoutes } from './admin/twins.js';
import { MOUNTS } from './claim/place.js';
import type { ReadableJournal } from './journal.js';

/** What the Express app shows and changes. @internal */
export interface AppOptions {
  readonly vault: Vault;
  readonly journal: ReadableJournal;
  readonly tokens: AdminTokens;
  /** Host name that the gateway listens on. */
  readonly host: string;
  readonly credentials: readonly CredentialForm[];
  readonly faces: readonly DialectFace[];
  /** Whether credentials must be registered; then `main` is spared from tests' powers too. */
  readonly enforced: boolean;
  /** Whether sandboxes may repeat themselves. */
  readonly seeds: boolean;
  readonly coverage: () => readonly CoverageRow[];
  readonly caCertificate: () => Promise<string>;
  readonly onDefect: (error: unknown) => void;
}

const BODY_LIMIT = '64kb';
/** The largest ciphertext of all dialects in base64, with room for contexts. */
const TRANSFER_LIMIT = '256kb';
const JOURNAL_LIMIT = 200;

/** The Express app: health, admin API, and help for everything that no dialect claims. @internal */
export function createApp(options: AppOptions): Express {
  const { vault, journal, tokens, host } = options;
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);

  app.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });
  app.get('/readyz', async (_request, response) => {
    const ready = await vault.store.ping().then(
      () => true,
      () => false,
    );
    response.status(ready ? 200 : 503).json({ status: ready ? 'ready' : 'the store is away' });
  });
  app.get('/_keyglot/ca.pem', async (_request, response) => {
    response.type('application/x-pem-file').send(await options.caCertificate());
  });
  app.get('/_keyglot/coverage', (_request, response) => {
    response.json({ operations: options.coverage() });
  });
  app.get('/_keyglot/status', requireScope(tokens, host, 'read'), (_request, response) => {
    const { keys, bytes } = vault.keys.usage();
    response.json({ cachedKeys: keys, cachedBytes: bytes, rootKeyId: vault.rootKey.id });
  });
  app.get('/_keyglot/journal', requireScope(tokens, host, 'read'), (request, response) => {
    const sandbox = request.query['sandbox'];
    const name = typeof sandbox === 'string' ? sandbox : 'main';
    response.json({
      entries: journal.latest(name, JOURNAL_LIMIT),
      ignored: [...journal.ignoredCounts(name)].map(([what, count]) => ({ what, count })),
    });
  });
  app.use(
    '/_keyglot/credentials',
    requireScope(tokens, host, 'material'),
    express.json({ limit: BODY_LIMIT, type: 'application/json' }),
    credentialRoutes(vault, options.credentials),
  );
  app.use(
    '/_keyglot/sandboxes',
    requireScope(tokens, host, 'test'),
    express.json({ limit: BODY_LIMIT, type: 'application/json' }),
    sandboxRoutes(vault, { keepMain: options.enforced, seeds: options.seeds }),
  );
  const crossing = [
    requireScope(tokens, host, 'material'),
    express.json({ limit: TRANSFER_LIMIT, type: 'application/json' }),
  ];
  app.use('/_keyglot', transferRoutes(vault, options.faces, options.enforced, crossing));
  app.use('/_keyglot', twinRoutes(vault, options.faces, options.enforced, crossing));
  app.use(help);
  app.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const status = statusOf(error);
    if (status >= 500) options.onDefect(error);
    refuse(response, status, status >= 500 ? 'the request could not be served' : 'bad request');
  });
  return app;
}

/** The answer to what nobody claims: what was looked at, and how to name a dialect. */
function help(request: Request, response: Response): void {
  response.status(404).json({
    error: 'no dialect claims this request',
    looked_at: [
      `path ${request.path}: no prefix /${MOUNTS.join('/, /')}/ and no shape of a provider`,
      `host ${request.headers.host ?? '(none)'}: no provider's name and no <dialect>.localhost`,
      'headers and query: no X-Amz-Target, AWS4 signature, x-acs-*, x-ncp-*, Bearer or Action',
    ],
    name_a_dialect_by: ['path prefix, for instance /aws/', 'host name, for instance aws.localhost'],
    name_a_sandbox_by: [
      'path prefix /s/<sandbox>/, or host name <sandbox>.<dialect>.localhost',
      '1 to 63 lower-case letters, digits or hyphens, no hyphen at either end',
    ],
  });
}

function statusOf(error: unknown): number {
  const status = error instanceof Error && 'status' in error ? Number(error.status) : 500;
  return status >= 400 && status < 500 ? status : 500;
}
