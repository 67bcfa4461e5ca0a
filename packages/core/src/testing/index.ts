export type { Openssl } from './openssl.js';
export { openOpenssl } from './openssl.js';
export type { OpenedStore } from './storeContract.js';
export { storeContract } from './storeContract.js';
export type { KeyOptions } from './storeFixtures.js';
export {
  faultOf,
  newAlias,
  newKey,
  newResource,
  newVersion,
  outcomes,
  REALM,
} from './storeFixtures.js';
