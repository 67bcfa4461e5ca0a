export { hasAlibabaMark, isAlibabaForm, isAlibabaHost } from './claim.js';
export { describeOperations } from './coverage.js';
export { createAlibabaDialect } from './dialect.js';
export type { AlibabaAuthMode, AlibabaSettings } from './settings.js';
export { inspectAlibaba, ALIBABA_SIZES } from './inspect.js';
