export type { AuthMode } from '@keyglot/adapter-aws';
export type { ComposeParts } from './compose.js';
export type { Gateway, GatewayParts } from './gateway.js';
export { startGateway } from './gateway.js';
export type { Inspector } from './inspectors.js';
export { inspectors } from './inspectors.js';
export type { KeyglotMiddleware } from './middleware.js';
export { keyglot } from './middleware.js';
export type { LogLevel, RootKeySource, StartOptions, StoreChoice } from './options.js';
