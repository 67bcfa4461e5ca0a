import {
  createTwin,
  KmsFault,
  MAIN_SANDBOX,
  openScope,
  reEncrypt,
  type Scope,
  type Vault,
  withLoads,
} from '@keyglot/core';
import type { DialectFace, TransferEnd, Whereabouts } from '@keyglot/dialect';
import { type Request, type RequestHandler, type Response, Router } from 'express';
import { refuse } from './guard.js';
import { MemberError, type Members, membersOf } from './members.js';
import { converter } from './plaintext.js';

const END_MEMBERS = ['dialect', 'account', 'region', 'keyId', 'context', 'algorithm'];

interface End extends TransferEnd {
  readonly face: DialectFace;
  readonly where: Whereabouts;
}

/**
 * What crosses between dialects: a ciphertext of one re-encrypted for another, and keys that are seen
 * from several.
 *
 * @param guards - run before each route; handed to the routes themselves, because a guard of a path of
 *   its own can miss a spelling of that path which the route takes
 * @internal
 */
export function transferRoutes(
  vault: Vault,
  faces: readonly DialectFace[],
  guards: readonly RequestHandler[],
): Router {
  const router = Router();

  router.post('/reencrypt', ...guards, async (request: Request, response: Response) => {
    await answering(response, async (speaking) => {
      const body = membersOf(request.body, ['sandbox', 'source', 'destination', 'plaintext']);
      const open = opener(vault, body.text('sandbox'));
      const from = body.object('source', [...END_MEMBERS, 'ciphertext']);
      const ciphertext = from.required('ciphertext');
      const [source, target] = [
        endOf(from, faces),
        endOf(body.object('destination', END_MEMBERS), faces),
      ];
      const answer = await withLoads(() => {
        speaking(source.face);
        const scope = open();
        const opened = source.face.readSource(vault, scope, source.face.realmOf(source.where), {
          ...source,
          ciphertext,
        });
        speaking(target.face);
        const sealed = target.face.readTarget(
          vault,
          scope,
          target.face.realmOf(target.where),
          target,
        );
        const transform = converter(
          body.text('plaintext'),
          source.face,
          opened,
          target.face,
          sealed,
        );
        speaking(source.face);
        const blob = reEncrypt(vault, opened.source, sealed.destination, transform);
        const shown = (made: Buffer) => ({
          ciphertext: sealed.write(made),
          source: { dialect: source.face.dialect, keyId: opened.keyId },
          destination: { dialect: target.face.dialect, keyId: sealed.keyId },
        });
        return blob instanceof Promise ? blob.then(shown) : shown(blob);
      });
      response.json(answer);
    });
  });

  router.post('/twins', ...guards, async (request: Request, response: Response) => {
    await answering(response, async (speaking) => {
      const body = membersOf(request.body, ['sandbox', 'source', 'twin']);
      const open = opener(vault, body.text('sandbox'));
      const from = endOf(body.object('source', ['dialect', 'account', 'region', 'keyId']), faces);
      const wanted = body.object('twin', [
        'dialect',
        'account',
        'region',
        'name',
        'acceptForeignBlobs',
      ]);
      const { face, where } = endOf(wanted, faces);
      speaking(from.face);
      const keyId = from.keyId ?? '';
      const { key, nowMs } = await withLoads(() => {
        const scope = open();
        const found = from.face.findKey(vault, scope, from.face.realmOf(from.where), keyId);
        return { key: found, nowMs: scope.nowMs };
      });
      speaking(face);
      const draft = face.twinOf(vault, key, face.realmOf(where), wanted.text('name'));
      const accept = wanted.flag('acceptForeignBlobs') ?? false;
      const attributes = { ...draft.attributes, acceptForeignBlobs: accept };
      const twin = await createTwin(vault, key, { ...draft, attributes }, nowMs);
      response.status(201).json({
        source: { dialect: from.face.dialect, keyId: from.face.showKey(key) },
        twin: { dialect: face.dialect, keyId: face.showKey(twin) },
      });
    });
  });
  return router;
}

/** Opens the sandbox for one request, as often as something had to be loaded first. */
function opener(vault: Vault, sandbox: string | undefined): () => Scope {
  const pinned = new Map<string, unknown>();
  // A sandbox that nobody has made has nothing to transfer.
  return () => openScope(vault, sandbox ?? MAIN_SANDBOX, 'refuse', pinned);
}

function endOf(members: Members, faces: readonly DialectFace[]): End {
  const dialect = members.required('dialect');
  const face = faces.find((one) => one.dialect === dialect);
  if (face === undefined) {
    const known = faces.map((one) => one.dialect).join(', ');
    throw new MemberError(`dialect ${dialect} is not one of ${known}`);
  }
  const [account, region] = [members.text('account'), members.text('region')];
  return {
    face,
    where: {
      ...(account === undefined ? {} : { account }),
      ...(region === undefined ? {} : { region }),
    },
    keyId: members.text('keyId'),
    context: members.value('context'),
    algorithm: members.text('algorithm'),
  };
}

/** Runs a route and answers what goes wrong; `speaking` names the dialect whose words a fault takes. */
async function answering(
  response: Response,
  work: (speaking: (face: DialectFace) => void) => Promise<void>,
): Promise<void> {
  let speaker: DialectFace | undefined;
  try {
    await work((face) => {
      speaker = face;
    });
  } catch (error) {
    if (error instanceof MemberError) refuse(response, 400, error.message);
    else if (error instanceof KmsFault && speaker !== undefined) {
      response.status(422).json({ error: { dialect: speaker.dialect, ...speaker.say(error) } });
    } else throw error;
  }
}
