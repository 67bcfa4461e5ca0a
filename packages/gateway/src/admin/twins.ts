import { KEY_SPECS, type LoadedKey, type Vault, withLoads } from '@keyglot/core';
import { type DialectFace, TransferRefused } from '@keyglot/dialect';
import { type Request, type RequestHandler, type Response, Router } from 'express';
import { actingAt, answering, endOf, opener, PLACE } from './ends.js';
import { MemberError, membersOf } from './members.js';

/**
 * Keys that are seen from several dialects.
 *
 * @param named - whether each end must name its principal
 * @param guards - run before the route; handed to the route itself, because a guard of a path of its
 *   own can miss a spelling of that path which the route takes
 * @internal
 */
export function twinRoutes(
  vault: Vault,
  faces: readonly DialectFace[],
  named: boolean,
  guards: readonly RequestHandler[],
): Router {
  const router = Router();
  router.post('/twins', ...guards, async (request: Request, response: Response) => {
    await answering(response, async (speaking) => {
      const body = membersOf(request.body, ['sandbox', 'source', 'twin']);
      const open = opener(vault, body.text('sandbox'));
      const source = body.object('source', [...PLACE, 'keyId']);
      const from = endOf(source, faces);
      const keyId = source.required('keyId');
      const wanted = body.object('twin', [...PLACE, 'name', 'acceptForeignBlobs']);
      const to = endOf(wanted, faces);
      const wish = {
        name: wanted.text('name'),
        acceptForeignBlobs: wanted.flag('acceptForeignBlobs') ?? false,
      };
      const { key, scope, realm } = await withLoads(() => {
        const scope = open();
        speaking(from.face);
        const { realm: sourceRealm, principal } = actingAt(vault, scope, from, named);
        speaking(from.face, principal);
        const key = from.face.findTwinSource(vault, scope, sourceRealm, keyId, principal);
        speaking(to.face);
        const acting = actingAt(vault, scope, to, named);
        if (!acting.isHome) {
          throw new MemberError('a key is made in the account of its principal only');
        }
        speaking(to.face, acting.principal);
        return { key, scope, realm: acting.realm };
      });
      requireGenerated(key);
      requireSameRotation(key, from.face, to.face);
      const twin = await to.face.makeTwin(
        vault.sandboxes.in(scope.sandbox),
        scope,
        key,
        realm,
        wish,
      );
      response.status(201).json({
        source: { dialect: from.face.dialect, keyId: from.face.showKey(key) },
        twin: { dialect: to.face.dialect, keyId: to.face.showKey(twin) },
      });
    });
  });
  return router;
}

/** Imported material comes and goes with each import, which only its own dialect knows. */
function requireGenerated({ record }: LoadedKey): void {
  if (record.origin === 'generated') return;
  throw new TransferRefused('a key with imported material has no twins');
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
