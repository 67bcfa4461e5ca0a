import type { KeyRef } from '@keyglot/core';
import type { Pool, PoolClient } from 'pg';
import { orTaken, SqlFailure, type Taken, unreachable } from './failure.js';
import { withRetry } from './retry.js';
import { runStatement, type SqlValue, type Statement } from './statement.js';

const BEGIN: Statement = { text: 'BEGIN ISOLATION LEVEL READ COMMITTED' };
const COMMIT: Statement = { text: 'COMMIT' };
const ROLLBACK: Statement = { text: 'ROLLBACK' };
const RECORD: Statement = {
  name: 'keyglot_record',
  text: `INSERT INTO keyglot_change (sandbox, at_ms, id, kind, target)
    VALUES ($1, $2, $3, $4, $5)`,
};
// Waits for a transaction that has written the same id and not ended yet. When there is none, the row
// keeps a statement that is still on its way from ever being committed under that id.
const FENCE: Statement = {
  text: `INSERT INTO keyglot_change (sandbox, at_ms, id, kind, target)
    VALUES ($1, $2, $3, 'void', '') ON CONFLICT DO NOTHING`,
};
const OUTCOME: Statement = {
  text: 'SELECT kind FROM keyglot_change WHERE sandbox = $1 AND at_ms = $2 AND id = $3',
};

/** What a change is: which sandbox, which use case, and what it is about. @internal */
export interface Change {
  readonly sandbox: string;
  readonly kind: string;
  readonly target: string;
}

/** Statements of one transaction. @internal */
export interface Transaction {
  run<Row>(statement: Statement, values: readonly SqlValue[]): Promise<readonly Row[]>;
  /** Marks the transaction as one that is to be committed; without it, it is rolled back. */
  record(touched: readonly KeyRef[]): void;
}

/** Runs statements with bounded retries, and settles writes whose answer was lost. @internal */
export interface Database {
  read<Row>(
    what: string,
    statement: Statement,
    values: readonly SqlValue[],
  ): Promise<readonly Row[]>;
  /**
   * Runs one statement that writes; its first five parameters are the columns of the record of changes.
   *
   * @throws KmsFault AlreadyExists with `taken` when a unique member is there already
   */
  write(
    change: Change,
    statement: Statement,
    values: readonly SqlValue[],
    taken: Taken,
  ): Promise<void>;
  /** Runs `work` in a transaction, from the start again when that is asked for. */
  transaction<T>(change: Change, work: (tx: Transaction) => Promise<T>): Promise<T>;
}

/** What a database needs. @internal */
export interface DatabaseOptions {
  readonly pool: Pool;
  readonly poolSize: number;
  readonly named: boolean;
  readonly realMs: () => number;
  readonly newId: () => string;
  /** Told after every commit which keys it touched. */
  readonly changed: (touched: readonly KeyRef[]) => void;
}

/** Makes the access to a pool. @internal */
export function createDatabase(options: DatabaseOptions): Database {
  const { pool, named } = options;
  const limits = { lost: options.poolSize + 1 };
  type ChangeId = readonly [sandbox: string, atMs: number, id: string];
  const newChange = (sandbox: string): ChangeId => [sandbox, options.realMs(), options.newId()];

  const withClient = async <T>(
    work: (client: PoolClient, spoil: () => void) => Promise<T>,
  ): Promise<T> => {
    const client = await pool.connect().catch((error: unknown) => {
      throw unreachable(error);
    });
    let spoilt = false;
    const spoil = (): void => {
      spoilt = true;
    };
    try {
      return await work(client, spoil);
    } catch (error) {
      if (isUncertain(error)) spoil();
      throw error;
    } finally {
      client.release(spoilt);
    }
  };

  const single = <Row>(
    statement: Statement,
    values: readonly SqlValue[],
  ): Promise<readonly Row[]> =>
    withClient((client) => runStatement<Row>(client, named, statement, values));

  const happened = (change: Change, id: ChangeId): Promise<boolean> =>
    withRetry(`${change.kind}, whose outcome is unknown`, limits, async () => {
      await single(FENCE, id);
      const [row] = await single<{ kind: string }>(OUTCOME, id);
      return row !== undefined && row.kind !== 'void';
    });

  const inTransaction = async <T>(
    client: PoolClient,
    spoil: () => void,
    id: ChangeId,
    change: Change,
    work: (tx: Transaction) => Promise<T>,
    committing: (value: T, touched: readonly KeyRef[]) => void,
  ): Promise<T> => {
    let touched: readonly KeyRef[] | undefined;
    const tx: Transaction = {
      run: (statement, values) => runStatement(client, named, statement, values),
      record(refs) {
        touched = refs;
      },
    };
    await runStatement(client, named, BEGIN, []);
    try {
      const value = await work(tx);
      if (touched === undefined) {
        await runStatement(client, named, ROLLBACK, []);
        return value;
      }
      await tx.run(RECORD, [...id, change.kind, change.target]);
      committing(value, touched);
      await runStatement(client, named, COMMIT, []);
      return value;
    } catch (error) {
      // The first error counts; a connection that cannot even roll back is not used again.
      if (!isUncertain(error)) await runStatement(client, named, ROLLBACK, []).catch(spoil);
      throw error;
    }
  };

  return {
    read: (what, statement, values) => withRetry(what, limits, () => single(statement, values)),
    write: (change, statement, values, taken) =>
      withRetry(change.kind, limits, async () => {
        const id = newChange(change.sandbox);
        try {
          const all = [...id, change.kind, change.target, ...values];
          await orTaken(single(statement, all), taken);
        } catch (error) {
          if (!isUncertain(error)) throw error;
          if (!(await happened(change, id))) throw error;
        }
      }),
    transaction: <T>(change: Change, work: (tx: Transaction) => Promise<T>): Promise<T> =>
      withRetry(change.kind, limits, async () => {
        const id = newChange(change.sandbox);
        let pending: { readonly value: T; readonly touched: readonly KeyRef[] } | undefined;
        try {
          const value = await withClient((client, spoil) =>
            inTransaction(client, spoil, id, change, work, (result, touched) => {
              pending = { value: result, touched };
            }),
          );
          options.changed(pending?.touched ?? []);
          return value;
        } catch (error) {
          if (!isUncertain(error) || pending === undefined) throw error;
          if (!(await happened(change, id))) throw error;
          options.changed(pending.touched);
          return pending.value;
        }
      }),
  };
}

function isUncertain(error: unknown): boolean {
  return error instanceof SqlFailure && error.uncertain;
}
