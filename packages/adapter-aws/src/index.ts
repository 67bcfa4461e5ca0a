export type { AuthMode, AwsSettings } from './authenticate.js';
export { hasAwsMark, isAwsHost, isQkmsHost, isStsForm } from './claim.js';
export { CREDENTIAL_KIND, SYSTEM_SANDBOX } from './credentials.js';
export { createAwsDialect } from './dialect.js';
