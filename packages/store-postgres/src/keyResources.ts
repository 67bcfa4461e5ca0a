import { fault, type Store } from '@keyglot/core';
import type { Database } from './database.js';
import { orTaken } from './failure.js';
import { lockKeys } from './keyChanges.js';
import { touchKeys } from './keys.js';
import { contentOf, entriesOf, removeResource } from './resources.js';
import type { Statement } from './statement.js';

const COUNT: Statement = {
  text: `SELECT count(*)::integer AS count FROM keyglot_resource
    WHERE sandbox = $1 AND kind = $2 AND parent = $3`,
};
const INSERT: Statement = {
  text: `WITH resource AS (
      INSERT INTO keyglot_resource (sandbox, kind, id, parent, body, sealed, version)
      VALUES ($1, $2, $3, $4, $5, $6, 1)
    )
    INSERT INTO keyglot_resource_index (sandbox, kind, id, name, value)
    SELECT $1, $2, $3, * FROM unnest($7::text[], $8::text[])`,
};
const FIND: Statement = {
  lookUp: true,
  text: `SELECT id FROM keyglot_resource
    WHERE sandbox = $1 AND kind = $2 AND id = $3 AND parent = $4`,
};

type KeyResourceMethods = Pick<Store, 'attachResource' | 'detachResource'>;

/**
 * The part of the store that keeps resources of keys. One is only written under the lock of its key,
 * and keys are locked before resources everywhere.
 *
 * @internal
 */
export function createKeyResources(database: Database): KeyResourceMethods {
  return {
    async attachResource(resource, index, check) {
      const { sandbox, kind, id, parent } = resource;
      const change = { sandbox, kind: 'attachResource', target: `${kind} ${id}` };
      await database.transaction(change, async (tx) => {
        const key = (await lockKeys(tx, sandbox, [parent])).get(parent)?.key;
        if (key === undefined) throw fault('KeyNotFound', { id: parent });
        const [counted] = await tx.run<{ readonly count: number }>(COUNT, [sandbox, kind, parent]);
        check(key, counted?.count ?? 0);
        const values = [sandbox, kind, id, ...contentOf(resource), ...entriesOf(index)];
        await orTaken(tx.run(INSERT, values), { kind, id });
        await touchKeys(tx, sandbox, [parent]);
        tx.record([{ sandbox, id: parent }]);
      });
    },
    detachResource: (ref, kind, id) =>
      database.transaction(
        { sandbox: ref.sandbox, kind: 'detachResource', target: `${kind} ${id}` },
        async (tx) => {
          const { sandbox } = ref;
          await lockKeys(tx, sandbox, [ref.id]);
          const found = await tx.run(FIND, [sandbox, kind, id, ref.id]);
          if (found.length === 0) return false;
          await removeResource(tx, sandbox, kind, id);
          await touchKeys(tx, sandbox, [ref.id]);
          tx.record([ref]);
          return true;
        },
      ),
  };
}
