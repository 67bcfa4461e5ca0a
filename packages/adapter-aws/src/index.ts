export type { AuthMode, AwsSettings } from './authenticate.js';
export { describeFaults, describeOperations } from './describe.js';
export { createAwsDialect } from './dialect.js';
export { AWS_SIZES, inspectAws } from './inspect.js';
export type { QkmsForm } from './profiles/qkmsPages.js';
