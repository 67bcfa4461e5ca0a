import type { StartOptions } from '../../src/index.js';

/** A gateway that keeps nothing, on any free port of this machine. */
export const MEMORY_OPTIONS: StartOptions = {
  port: 0,
  host: '127.0.0.1',
  store: { kind: 'memory' },
  dataFolder: undefined,
  auth: 'open',
  rootKey: undefined,
  account: '000000000000',
  region: 'us-east-1',
  logLevel: 'error',
  allowOpen: false,
};
