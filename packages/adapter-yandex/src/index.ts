export type { AuthMode, YandexSettings } from './authenticate.js';
export { describeFaults, describeOperations } from './describe.js';
export { createYandexDialect } from './dialect.js';
export { inspectYandex, YANDEX_SIZES } from './inspect.js';
