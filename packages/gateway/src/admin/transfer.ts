import { reEncrypt, type Vault, withLoads } from '@keyglot/core';
import type { DialectFace, TransferEnd } from '@keyglot/dialect';
import { type Request, type RequestHandler, type Response, Router } from 'express';
import { actingAt, answering, endOf, opener, PLACE } from './ends.js';
import { type Members, membersOf } from './members.js';
import { converter } from './plaintext.js';

const END_MEMBERS = [...PLACE, 'keyId', 'keyVersionId', 'context', 'algorithm'];

/**
 * A ciphertext of one dialect re-encrypted for another.
 *
 * @param named - whether each end must name its principal
 * @param guards - run before the route; handed to the route itself, because a guard of a path of its
 *   own can miss a spelling of that path which the route takes
 * @internal
 */
export function transferRoutes(
  vault: Vault,
  faces: readonly DialectFace[],
  named: boolean,
  guards: readonly RequestHandler[],
): Router {
  const router = Router();

  router.post('/reencrypt', ...guards, async (request: Request, response: Response) => {
    await answering(response, async (speaking) => {
      const body = membersOf(request.body, ['sandbox', 'source', 'destination', 'plaintext']);
      const open = opener(vault, body.text('sandbox'));
      const from = body.object('source', [...END_MEMBERS, 'ciphertext']);
      const ciphertext = from.required('ciphertext');
      const to = body.object('destination', END_MEMBERS);
      const [source, target] = [endOf(from, faces), endOf(to, faces)];
      const [given, wanted] = [keyOf(from), keyOf(to)];
      const answer = await withLoads(() => {
        const scope = open();
        const inside = vault.sandboxes.in(scope.sandbox);
        speaking(source.face);
        const acting = actingAt(vault, scope, source, named);
        speaking(source.face, acting.principal);
        const opened = source.face.readSource(inside, scope, acting.realm, {
          ...given,
          ciphertext,
          principal: acting.principal,
        });
        speaking(target.face);
        const { realm, principal } = actingAt(vault, scope, target, named);
        speaking(target.face, principal);
        const sealed = target.face.readTarget(inside, scope, realm, { ...wanted, principal });
        const encoding = body.text('plaintext');
        const convert = converter(encoding, source.face, opened, target.face, sealed);
        speaking(source.face, acting.principal);
        const blob = reEncrypt(inside, opened.source, sealed.destination, (plaintext) => {
          const converted = convert(plaintext);
          // Opened: from here on only the target can refuse.
          speaking(target.face, principal);
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
  return router;
}

function keyOf(members: Members): Omit<TransferEnd, 'principal'> {
  return {
    keyId: members.text('keyId'),
    context: members.value('context'),
    algorithm: members.text('algorithm'),
    keyVersionId: members.text('keyVersionId'),
  };
}
