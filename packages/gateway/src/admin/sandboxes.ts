import { createSandbox, listSandboxes, type Vault } from '@keyglot/core';
import { type Request, type Response, Router } from 'express';
import { SANDBOX_NAME } from '../claim/place.js';
import { refuse } from './guard.js';

/** Sandboxes: listed, and made ahead of use, which `enforce` asks for. @internal */
export function sandboxRoutes(vault: Vault): Router {
  const router = Router();

  router.post('/', async (request: Request, response: Response) => {
    const body: unknown = request.body;
    const entries = typeof body === 'object' && body !== null ? Object.entries(body) : [];
    const name: unknown = entries.find(([member]) => member === 'name')?.[1];
    if (entries.length !== 1 || typeof name !== 'string' || !SANDBOX_NAME.test(name)) {
      const form = 'send {"name": "…"} with 1 to 63 lower-case letters, digits or hyphens';
      refuse(response, 400, form);
      return;
    }
    const made = await createSandbox(vault, name);
    response.status(made ? 201 : 200).json({ name });
  });

  router.get('/', async (_request: Request, response: Response) => {
    response.json({ sandboxes: await listSandboxes(vault) });
  });
  return router;
}
