export type { AuthMode, AwsSettings } from './authenticate.js';
export { hasAwsMark, isAwsHost, isQkmsHost, isStsForm } from './claim.js';
export { CREDENTIAL_KIND } from './credentials.js';
export { createAwsDialect } from './dialect.js';
