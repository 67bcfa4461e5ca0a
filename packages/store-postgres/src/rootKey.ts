import { fault, type RootKeyRecord, type Store } from '@keyglot/core';
import type { Database } from './database.js';
import type { Statement } from './statement.js';

const SLOT = 'current';
const READ: Statement = {
  text: 'SELECT id, check_value AS check FROM keyglot_root_key WHERE slot = $1',
};
// Written once and never changed, so it may be repeated after a lost answer without any proof.
const CLAIM: Statement = {
  text: `INSERT INTO keyglot_root_key (slot, id, check_value) VALUES ($1, $2, $3)
    ON CONFLICT (slot) DO NOTHING`,
};

/** The part of the store that recognises its root key. @internal */
export function createRootKeys(database: Database): Pick<Store, 'readRootKey' | 'claimRootKey'> {
  const readRootKey = async (): Promise<RootKeyRecord | undefined> =>
    (await database.read<RootKeyRecord>('readRootKey', READ, [SLOT]))[0];
  return {
    readRootKey,
    async claimRootKey({ id, check }) {
      await database.read('claimRootKey', CLAIM, [SLOT, id, check]);
      const stored = await readRootKey();
      if (stored === undefined) throw fault('Internal', { what: 'the root key record is gone' });
      return stored;
    },
  };
}
