import { CREDENTIAL_KIND } from '@keyglot/adapter-aws';
import { KmsFault, Secret, SYSTEM_SANDBOX, type Vault } from '@keyglot/core';
import { type Request, type Response, Router } from 'express';
import { SANDBOX_NAME } from '../claim/place.js';
import { refuse } from './guard.js';

interface Registration {
  readonly dialect: 'aws' | 'qkms';
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly account: string;
  readonly arn: string;
  readonly sandbox: string;
  readonly sessionToken: string;
  readonly expiresAtMs: number;
}

const ACCESS_KEY = /^[A-Za-z0-9_.-]{1,128}$/;
const LIST_LIMIT = 1_000;

/**
 * Registered credentials: from then on requests with such an access key must carry a valid signature.
 * Secrets go in and never come out.
 *
 * @internal
 */
export function credentialRoutes(vault: Vault, defaultAccount: string): Router {
  const router = Router();

  router.post('/', async (request: Request, response: Response) => {
    const read = readRegistration(request.body, defaultAccount);
    if (typeof read === 'string') {
      refuse(response, 400, read);
      return;
    }
    const { accessKeyId, secretAccessKey, sessionToken, ...body } = read;
    const current = await vault.store.readResource(SYSTEM_SANDBOX, CREDENTIAL_KIND, accessKeyId);
    try {
      await vault.resources.write({
        sandbox: SYSTEM_SANDBOX,
        kind: CREDENTIAL_KIND,
        id: accessKeyId,
        body,
        secret: new Secret(
          Buffer.from(JSON.stringify({ secret: secretAccessKey, sessionToken }), 'utf8'),
        ),
        version: (current?.version ?? 0) + 1,
      });
    } catch (error) {
      const raced = error instanceof KmsFault && ['Conflict', 'AlreadyExists'].includes(error.code);
      if (!raced) throw error;
      refuse(response, 409, 'somebody else is registering this access key at the moment');
      return;
    }
    response.status(current === undefined ? 201 : 200).json({ accessKeyId, ...body });
  });

  router.get('/', async (request: Request, response: Response) => {
    const after = typeof request.query['after'] === 'string' ? request.query['after'] : undefined;
    const page = { after, limit: LIST_LIMIT };
    const found = await vault.resources.list(SYSTEM_SANDBOX, CREDENTIAL_KIND, undefined, page);
    response.json({ credentials: found.map(({ id, body }) => ({ accessKeyId: id, ...body })) });
  });

  router.delete('/:accessKeyId', async (request: Request, response: Response) => {
    const id = String(request.params['accessKeyId']);
    const existed = await vault.resources.delete(SYSTEM_SANDBOX, CREDENTIAL_KIND, id);
    if (existed) response.status(204).end();
    else refuse(response, 404, `no credential ${id} is registered`);
  });
  return router;
}

/** The registration in a body, or what is wrong with it. */
function readRegistration(body: unknown, defaultAccount: string): Registration | string {
  if (typeof body !== 'object' || body === null) return 'the body must be a JSON object';
  const given = new Map<string, unknown>(Object.entries(body));
  const text = (name: string): string => {
    const value = given.get(name);
    return typeof value === 'string' ? value : '';
  };
  const unknown = [...given.keys()].find((name) => !MEMBERS.has(name));
  if (unknown !== undefined) return `unknown member ${unknown}; known: ${[...MEMBERS].join(', ')}`;
  const dialect = text('dialect') || 'aws';
  if (dialect !== 'aws' && dialect !== 'qkms') return 'dialect must be aws or qkms';
  if (!ACCESS_KEY.test(text('accessKeyId'))) {
    return 'accessKeyId must be 1 to 128 letters, digits, dots, hyphens or underscores';
  }
  if (text('secretAccessKey') === '') return 'secretAccessKey is required';
  const account = text('account') || defaultAccount;
  if (!/^\d{12}$/.test(account)) return 'account must be 12 digits';
  const sandbox = text('sandbox');
  if (sandbox !== '' && !SANDBOX_NAME.test(sandbox)) {
    return 'sandbox must be 1 to 63 lower-case letters, digits or hyphens';
  }
  const expiresAt = given.get('expiresAt') === undefined ? 0 : Date.parse(text('expiresAt'));
  if (Number.isNaN(expiresAt)) return 'expiresAt must be an ISO 8601 date and time';
  return {
    dialect,
    accessKeyId: text('accessKeyId'),
    secretAccessKey: text('secretAccessKey'),
    account,
    arn: text('arn'),
    sandbox,
    sessionToken: text('sessionToken'),
    expiresAtMs: expiresAt,
  };
}

const MEMBERS = new Set([
  'dialect',
  'accessKeyId',
  'secretAccessKey',
  'account',
  'arn',
  'sandbox',
  'sessionToken',
  'expiresAt',
]);
