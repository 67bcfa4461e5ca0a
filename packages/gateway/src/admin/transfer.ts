import {
  KEY_SPECS,
  KmsFault,
  type LoadedKey,
  MAIN_SANDBOX,
  openScope,
  reEncrypt,
  type Scope,
  type Vault,
  withLoads,
} from '@keyglot/core';
import {
  type DialectFace,
  type TransferEnd,
  TransferRefused,
  type Whereabouts,
} from '@keyglot/dialect';
import { type Request, type RequestHandler, type Response, Router } from 'express';
import { refuse } from './guard.js';
import { MemberError, type Members, membersOf } from './members.js';
import { converter } from './plaintext.js';

const PLACE = ['dialect', 'account', 'region'];
const END_MEMBERS = [...PLACE, 'keyId', 'keyVersionId', 'context', 'algorithm'];
const TWIN_MEMBERS = [...PLACE, 'name', 'acceptForeignBlobs'];

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
        const scope = open();
        speaking(source.face);
        const from = source.face.realmOf(source.where);
        const opened = source.face.readSource(vault, scope, from, { ...source, ciphertext });
        speaking(target.face);
        const to = target.face.realmOf(target.where);
        const sealed = target.face.readTarget(vault, scope, to, target);
        const encoding = body.text('plaintext');
        const convert = converter(encoding, source.face, opened, target.face, sealed);
        speaking(source.face);
        const blob = reEncrypt(vault, opened.source, sealed.destination, (plaintext) => {
          const converted = convert(plaintext);
          // Opened: from here on only the target can refuse.
          speaking(target.face);
          return converted;
        });
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
      const source = body.object('source', [...PLACE, 'keyId']);
      const from = endOf(source, faces);
      const keyId = source.required('keyId');
      const wanted = body.object('twin', TWIN_MEMBERS);
      const { face, where } = endOf(wanted, faces);
      const wish = {
        name: wanted.text('name'),
        acceptForeignBlobs: wanted.flag('acceptForeignBlobs') ?? false,
      };
      const { key, scope } = await withLoads(() => {
        const opened = open();
        speaking(from.face);
        const realm = from.face.realmOf(from.where);
        return { key: from.face.findTwinSource(vault, opened, realm, keyId), scope: opened };
      });
      requireSameRotation(key, from.face, face);
      speaking(face);
      const twin = await face.makeTwin(vault, scope, key, face.realmOf(where), wish);
      response.status(201).json({
        source: { dialect: from.face.dialect, keyId: from.face.showKey(key) },
        twin: { dialect: face.dialect, keyId: face.showKey(twin) },
      });
    });
  });
  return router;
}

/**
 * A rotation on one side adds a version to all twins. A dialect whose asymmetric keys are one pair for
 * life would lose its own ciphertexts and signatures by that.
 */
function requireSameRotation({ record }: LoadedKey, from: DialectFace, to: DialectFace): void {
  const { family } = KEY_SPECS[record.spec];
  const isSymmetric = family === 'aes' || family === 'hmac';
  if (isSymmetric || from.rotatesAsymmetric === to.rotatesAsymmetric) return;
  const [rotating, other] = from.rotatesAsymmetric ? [from, to] : [to, from];
  throw new TransferRefused(
    `only symmetric keys can be twins here: asymmetric keys rotate in ${rotating.dialect} and not in ${other.dialect}`,
  );
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
    keyVersionId: members.text('keyVersionId'),
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
    const stated = error instanceof MemberError || error instanceof TransferRefused;
    if (stated) refuse(response, 400, error.message);
    else if (!(error instanceof KmsFault) || error.code === 'Internal') throw error;
    else if (error.code === 'Unavailable') refuse(response, 503, 'the store is away');
    else if (speaker === undefined) refuse(response, 400, 'there is no such sandbox');
    else response.status(422).json({ error: { dialect: speaker.dialect, ...speaker.say(error) } });
  }
}
