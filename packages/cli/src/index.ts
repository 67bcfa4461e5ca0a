export { CommandLineExit } from './exit.js';
export type { Environment } from './options.js';
export { parseOptions } from './options.js';
export type { RunningGateway, World } from './run.js';
export { run } from './run.js';
