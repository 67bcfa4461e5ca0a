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
export type { KeyUse } from './model/keyUse.js';
export type { ResourceIndexEntry, ResourceRecord } from './model/resource.js';
export type { Clock } from './ports/clock.js';
export type { Entropy } from './ports/entropy.js';
export type { Journal, JournalEntry } from './ports/journal.js';
export type {
  AliasReading,
  DueKey,
  GroupChange,
  IndexedResource,
  KeyChange,
  KeyPage,
  KeyRef,
  NewKey,
  NewVersion,
  Page,
  RootKeyRecord,
  Store,
  StoredKey,
  VersionChange,
} from './ports/store.js';
export { refKey } from './ports/store.js';
export { createSystemClock } from './ports/systemClock.js';
export { createSystemEntropy } from './ports/systemEntropy.js';
export { Secret } from './secret.js';
export { createMemoryStore } from './store/memory.js';
export type { KeySpec, KeySpecId } from './suites/keySpecs.js';
export { KEY_SPECS } from './suites/keySpecs.js';
export type { Suites } from './suites/registry.js';
export { takesDigests } from './suites/registry.js';
export type {
  AgreementSuite,
  AsymmetricEncryptionSuite,
  DigestSignatureSuite,
  Encapsulation,
  EncapsulationSuite,
  MacSuite,
  PreparedMaterial,
  SignatureSuite,
  Suite,
} from './suites/suite.js';
export { createAlias, deleteAlias, moveAlias } from './vault/aliases.js';
export { changeKey } from './vault/changeKey.js';
export type { KeyDraft, MadeVersion } from './vault/createKey.js';
export { bareVersion, createKey } from './vault/createKey.js';
export { decrypt } from './vault/decrypt.js';
export type { PlaceFilter } from './vault/directory.js';
export { KeyDirectory } from './vault/directory.js';
export type { Duty } from './vault/due.js';
export type { SealOptions } from './vault/encrypt.js';
export { encrypt } from './vault/encrypt.js';
export type { ForeignBlob } from './vault/foreign.js';
export { ACCEPTS_FOREIGN, findForeign, fitsLayout } from './vault/foreign.js';
export type { DataKey } from './vault/generateDataKey.js';
export { generateDataKey } from './vault/generateDataKey.js';
export type { DataKeyPair } from './vault/generateDataKeyPair.js';
export { generateDataKeyPair } from './vault/generateDataKeyPair.js';
export type {
  ImportableMaterial,
  WrappingKey,
  WrappingScheme,
} from './vault/importMaterial.js';
export { createWrappingKey, readImport, unwrapMaterial } from './vault/importMaterial.js';
export type { KeyResourceDraft } from './vault/keyResources.js';
export { attachResource, detachResource } from './vault/keyResources.js';
export { FLUSH_MS, KeyUses } from './vault/keyUses.js';
export type { ConvergentKey, LoadedKey, LoadedVersion } from './vault/loadedKey.js';
export type { Destination, Source } from './vault/reEncrypt.js';
export { reEncrypt } from './vault/reEncrypt.js';
export type { RepeatingSandboxes } from './vault/repeating.js';
export { resetSandbox } from './vault/resetSandbox.js';
export type { OpenedResource, ResourceDraft } from './vault/resources.js';
export { ResourceDirectory } from './vault/resources.js';
export type { RootKey } from './vault/rootKey.js';
export { createRootKey, ROOT_KEY_BYTES } from './vault/rootKey.js';
export type { Rotation } from './vault/rotateKey.js';
export { rotateKey } from './vault/rotateKey.js';
export type { ClockMove, SandboxClock } from './vault/sandboxClock.js';
export { moveClock, readClock } from './vault/sandboxClock.js';
export type { MissingSandbox } from './vault/sandboxes.js';
export { createSandbox, listSandboxes, openScope } from './vault/sandboxes.js';
export { MAIN_SANDBOX, SYSTEM_SANDBOX } from './vault/sandboxNames.js';
export type { Scope } from './vault/scope.js';
export { Miss, withLoads } from './vault/scope.js';
export { openToken, sealToken } from './vault/sealedToken.js';
export { settle } from './vault/settle.js';
export { tick } from './vault/tick.js';
export { changeTwins } from './vault/twinGroup.js';
export type { TwinAgreement, TwinDraft } from './vault/twins.js';
export { createTwin } from './vault/twins.js';
export type { Vault, VaultOptions, VersionNaming } from './vault/vault.js';
export { openVault } from './vault/vault.js';
