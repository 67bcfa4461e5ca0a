export type { CoreFault, CoreFaults } from './faults.js';
export { fault, KmsFault } from './faults.js';
export type { Context } from './model/context.js';
export { NO_CONTEXT } from './model/context.js';
export type { BlankEnvelope, Envelope, EnvelopeLayout } from './model/envelope.js';
export type { Json } from './model/json.js';
export type {
  AliasRecord,
  KeyOrigin,
  KeyRecord,
  KeyState,
  KeyUsage,
  KeyVersion,
  Locator,
  MaterialRecord,
  Realm,
} from './model/key.js';
export { isGone } from './model/key.js';
export type { ResourceIndexEntry, ResourceRecord } from './model/resource.js';
export type { Clock } from './ports/clock.js';
export type { Entropy } from './ports/entropy.js';
export type {
  KeyChange,
  KeyRef,
  NewKey,
  NewVersion,
  Page,
  RootKeyRecord,
  Store,
  StoredKey,
} from './ports/store.js';
export { refKey } from './ports/store.js';
export { Secret } from './secret.js';
export type { KeySpec, KeySpecId } from './suites/keySpecs.js';
export { KEY_SPECS } from './suites/keySpecs.js';
export type {
  AsymmetricEncryptionSuite,
  MacSuite,
  PreparedMaterial,
  SignatureSuite,
  Suite,
} from './suites/suite.js';
