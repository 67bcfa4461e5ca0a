import type { KeyUse, Store } from '@keyglot/core';
import type { Database } from './database.js';
import type { Statement } from './statement.js';

interface UseRow {
  readonly operation: string;
  readonly at_ms: string;
  readonly request_id: string;
}

const READ: Statement = {
  name: 'keyglot_read_use',
  lookUp: true,
  text: `SELECT operation, at_ms, request_id FROM keyglot_key_use
    WHERE sandbox = $1 AND key_id = $2`,
};
const RECORD: Statement = {
  text: `INSERT INTO keyglot_key_use (sandbox, key_id, operation, at_ms, request_id)
    SELECT k.sandbox, k.id, u.operation, u.at_ms, u.request_id
    FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[])
      AS u (sandbox, key_id, operation, at_ms, request_id)
    JOIN keyglot_key k ON k.sandbox = u.sandbox AND k.id = u.key_id
    ORDER BY k.sandbox, k.id
    ON CONFLICT (sandbox, key_id) DO UPDATE SET operation = excluded.operation,
      at_ms = excluded.at_ms, request_id = excluded.request_id`,
};

/** The part of the store that keeps the latest use of keys. @internal */
export function createUses(database: Database): Pick<Store, 'recordUses' | 'readUse'> {
  return {
    async recordUses(uses) {
      if (uses.length === 0) return;
      const column = <Value>(read: (use: KeyUse) => Value): Value[] => uses.map(read);
      // Repeating it changes nothing, so it needs no proof that it happened. All writers lock rows in
      // the same order.
      await database.read('recordUses', RECORD, [
        column((use) => use.sandbox),
        column((use) => use.keyId),
        column((use) => use.operation),
        column((use) => use.atMs),
        column((use) => use.requestId),
      ]);
    },
    async readUse({ sandbox, id }) {
      const rows = await database.read<UseRow>('readUse', READ, [sandbox, id]);
      return rows.map((row) => ({
        sandbox,
        keyId: id,
        operation: row.operation,
        atMs: Number(row.at_ms),
        requestId: row.request_id,
      }))[0];
    },
  };
}
