export { CommandLineExit } from './exit.js';
export type { Format, InspectOptions } from './inspect/options.js';
export { FORMATS } from './inspect/options.js';
export type { CommandLine, Environment } from './options.js';
export { parseCommandLine, parseOptions } from './options.js';
export type { RunningGateway, World } from './run.js';
export { run } from './run.js';
