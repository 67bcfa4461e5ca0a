export type { Gateway, GatewayParts } from './gateway.js';
export { startGateway } from './gateway.js';
export type { AuthMode, LogLevel, RootKeySource, StartOptions, StoreChoice } from './options.js';
