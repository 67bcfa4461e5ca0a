export { describeOperations } from './coverage.js';
export { describeFaults } from './describe.js';
export { createAlibabaDialect } from './dialect.js';
export { ALIBABA_SIZES, inspectAlibaba } from './inspect.js';
export type { AlibabaAuthMode, AlibabaSettings } from './settings.js';
