import { storeContract } from '@keyglot/core/testing';
import { afterAll, beforeAll } from 'vitest';
import type { PostgresStoreOptions } from '../../src/options.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  await server.stop();
});

function contract(name: string, options: Partial<PostgresStoreOptions>): void {
  storeContract(name, async () => {
    const database = await server.database();
    const store = await database.open(options);
    const reopen = async (): Promise<typeof store> => {
      await store.close();
      return database.open(options);
    };
    return { store, reopen };
  });
}

contract('postgres', {});
contract('postgres with one connection and no named statements', {
  poolSize: 1,
  namedStatements: false,
  shared: false,
});
