export { describeFaults, describeOperations } from './describe.js';
export { createNcpDialect } from './dialect.js';
export { inspectNcp, NCP_SIZES } from './inspect.js';
export type { NcpAuthMode, NcpSettings } from './settings.js';
