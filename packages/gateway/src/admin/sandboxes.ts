import {
  createSandbox,
  KmsFault,
  listSandboxes,
  MAIN_SANDBOX,
  moveClock,
  readClock,
  resetSandbox,
  type SandboxClock,
  type Vault,
} from '@keyglot/core';
import { type Request, type Response, Router } from 'express';
import { SANDBOX_NAME } from '../claim/place.js';
import { createSeededEntropy } from '../seed.js';
import { refuse } from './guard.js';
import { MemberError, type Members, membersOf } from './members.js';

const MAX_SECONDS = 100 * 366 * 86_400;
const MAX_SEED = 256;

/** What tests may do to sandboxes. @internal */
export interface TestPowers {
  /** Whether the clock of `main` must stay real time and `main` must keep its keys. */
  readonly keepMain: boolean;
  /** Whether sandboxes may repeat themselves: only where nothing outlives the process. */
  readonly seeds: boolean;
}

/**
 * Sandboxes: listed, made ahead of use, emptied, seeded, and their clocks moved.
 *
 * @internal
 */
export function sandboxRoutes(vault: Vault, { keepMain, seeds }: TestPowers): Router {
  const router = Router();
  const plant = (name: string, seed: string | undefined): void => {
    if (seed !== undefined) vault.sandboxes.set(name, () => createSeededEntropy(seed));
  };
  const nameOf = (request: Request): string => String(request.params['name']);

  router.post('/', async (request: Request, response: Response) => {
    await answering(response, async () => {
      const body = membersOf(request.body, ['name', 'seed']);
      const name = body.required('name');
      const seed = seedOf(body, seeds);
      if (!SANDBOX_NAME.test(name)) {
        throw new MemberError('name must be 1 to 63 lower-case letters, digits or hyphens');
      }
      const made = name !== MAIN_SANDBOX && (await createSandbox(vault, name));
      if (!made && seed !== undefined) {
        throw new MemberError(`the sandbox ${name} is there already: give its reset the seed`);
      }
      plant(name, seed);
      response.status(made ? 201 : 200).json({ name });
    });
  });

  router.get('/', async (_request: Request, response: Response) => {
    response.json({ sandboxes: await listSandboxes(vault) });
  });

  router.post('/:name/reset', async (request: Request, response: Response) => {
    await answering(response, async () => {
      const name = nameOf(request);
      spareMain(name, keepMain);
      const seed = seedOf(membersOf(request.body ?? {}, ['seed']), seeds);
      await requireKnown(vault, name);
      await resetSandbox(vault, name);
      plant(name, seed);
      response.status(204).end();
    });
  });

  router.get('/:name/clock', async (request: Request, response: Response) => {
    await answering(response, async () => {
      const name = nameOf(request);
      await requireKnown(vault, name);
      response.json(shown(vault, name, await readClock(vault, name)));
    });
  });

  router.post('/:name/clock', async (request: Request, response: Response) => {
    await answering(response, async () => {
      const name = nameOf(request);
      spareMain(name, keepMain);
      const body = membersOf(request.body, ['now', 'advanceSeconds', 'frozen']);
      const now = body.text('now');
      const setMs = now === undefined ? undefined : Date.parse(now);
      if (Number.isNaN(setMs)) throw new MemberError('now must be an ISO 8601 date and time');
      const given = body.value('advanceSeconds');
      const seconds = given === undefined ? 0 : given;
      if (typeof seconds !== 'number' || !(seconds >= 0 && seconds <= MAX_SECONDS)) {
        throw new MemberError(`advanceSeconds must be a number from 0 to ${MAX_SECONDS}`);
      }
      const frozen = body.flag('frozen');
      const moved = await moveClock(vault, name, {
        advanceMs: seconds * 1_000,
        ...(setMs === undefined ? {} : { setMs }),
        ...(frozen === undefined ? {} : { frozen }),
      });
      response.json(shown(vault, name, moved));
    });
  });
  return router;
}

/** The seed that is asked for, or undefined. */
function seedOf(body: Members, allowed: boolean): string | undefined {
  const seed = body.text('seed');
  if (seed === undefined) return undefined;
  if (!allowed) {
    throw new MemberError('a seed needs --store memory: what can be guessed must not be kept');
  }
  if (seed === '' || seed.length > MAX_SEED) {
    throw new MemberError(`seed must have 1 to ${MAX_SEED} characters`);
  }
  return seed;
}

function shown(vault: Vault, name: string, clock: SandboxClock): Record<string, unknown> {
  const nowMs = clock.at(vault.clock.virtualMs(name));
  return { now: new Date(nowMs).toISOString(), frozen: clock.frozenAtMs !== null };
}

async function requireKnown(vault: Vault, name: string): Promise<void> {
  if (!(await listSandboxes(vault)).includes(name)) {
    throw new MemberError(`there is no sandbox ${name.slice(0, 63)}`);
  }
}

/** With real authentication, `main` is what other people work with. */
function spareMain(name: string, keepMain: boolean): void {
  if (keepMain && name === MAIN_SANDBOX) {
    throw new MemberError('with --auth enforce the sandbox main has real time and keeps its keys');
  }
}

async function answering(response: Response, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof MemberError) refuse(response, 400, error.message);
    else if (error instanceof KmsFault && error.code === 'InputInvalid') {
      refuse(response, 400, reasonOf(error));
    } else if (error instanceof KmsFault && error.code === 'Conflict') {
      refuse(response, 409, 'somebody else is changing this sandbox at the moment');
    } else throw error;
  }
}

function reasonOf({ details }: KmsFault): string {
  return String(new Map(Object.entries(details ?? {})).get('reason'));
}
