export type { AuthMode, YandexSettings } from './authenticate.js';
export { hasYandexMark, isYandexHost, isYandexPath } from './claim.js';
export { describeFaults, describeOperations } from './describe.js';
export { createYandexDialect } from './dialect.js';
export { inspectYandex, YANDEX_SIZES } from './inspect.js';
