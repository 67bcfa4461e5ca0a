export type { AuthMode, AwsSettings } from './authenticate.js';
export { hasAwsMark, isAwsHost, isQkmsHost, isStsForm } from './claim.js';
export type { FaultRow } from './describe.js';
export { describeFaults, describeOperations } from './describe.js';
export { createAwsDialect } from './dialect.js';
export { inspectAws, AWS_SIZES } from './inspect.js';
