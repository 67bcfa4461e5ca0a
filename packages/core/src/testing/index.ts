export type { OpenedStore } from './storeContract.js';
export { storeContract } from './storeContract.js';
