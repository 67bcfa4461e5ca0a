import {
  ACCEPTS_FOREIGN,
  createTwin,
  fault,
  type LoadedKey,
  type Realm,
  type Scope,
  type Vault,
} from '@keyglot/core';
import {
  type Credential,
  type DialectFace,
  refuseUnused,
  sayFault,
  TransferRefused,
  type Whereabouts,
} from '@keyglot/dialect';
import { DEFAULT_SUBJECT, type YandexSettings } from './authenticate.js';
import type { YandexCall } from './call.js';
import { YANDEX_CREDENTIALS } from './credentials.js';
import { YANDEX_LAYOUT } from './envelope.js';
import { YANDEX_FAULTS } from './faults.js';
import { newId } from './ids.js';
import { inspectYandex, YANDEX_SIZES } from './inspect.js';
import { readMembers } from './json.js';
import { algorithmOf, attributesOf, realmOf, toAttributes } from './key.js';
import { CREATE_KEY_REQUEST, DECRYPT_REQUEST, ENCRYPT_REQUEST } from './messages.js';
import { contextOf, targetVersion, usableTarget } from './operations/shared.js';
import { opening } from './operations/source.js';
import { findKey } from './resolve.js';
import type { Message, Values } from './schema.js';
import { requireValid } from './validate.js';

const ALGORITHM = 'AES_256';
/** Algorithms whose material is what their name says. */
const FULL_SIZE: ReadonlySet<string> = new Set([ALGORITHM, 'AES_256_HSM']);
/** Stands in for the plaintext, which nobody has yet when the members beside it are judged. */
const SOME_PLAINTEXT = 'AA==';

/** What Yandex Cloud KMS shows to the other dialects. @internal */
export function createYandexFace(settings: YandexSettings): DialectFace {
  const callOf = (vault: Vault, scope: Scope, principal: Credential | undefined): YandexCall => ({
    vault,
    settings,
    caller: {
      dialect: 'yandex',
      sandbox: scope.sandbox,
      audit: '',
      subject: principal?.get('serviceAccountId') ?? DEFAULT_SUBJECT,
    },
    scope,
    nowMs: scope.nowMs,
    receivedAtMs: vault.clock.realMs(),
    host: '',
    idempotencyKey: '',
  });
  return {
    dialect: 'yandex',
    credentials: YANDEX_CREDENTIALS,
    ...YANDEX_SIZES,
    rotatesAsymmetric: false,
    realmOf: placeOf,
    findTwinSource(vault, scope, realm, keyId, principal) {
      const key = findIn(realm, callOf(vault, scope, principal), keyId);
      requireFullSize(key);
      return key;
    },
    showKey: ({ record }) => record.wireId,
    readSource(vault, scope, realm, end) {
      const { keyId, keyVersionId, algorithm, ciphertext, context } = end;
      refuseUnused('yandex', { keyVersionId, algorithm });
      const call = callOf(vault, scope, end.principal);
      const given = read<DecryptInput>(DECRYPT_REQUEST, { keyId, ciphertext, aadContext: context });
      const key = findIn(realm, call, given.keyId);
      const { source } = opening(key, given.ciphertext, contextOf(given.aadContext), call);
      return { source, keyId: key.record.wireId };
    },
    readTarget(vault, scope, realm, end) {
      const { keyId, keyVersionId: versionId, algorithm, context } = end;
      refuseUnused('yandex', { algorithm });
      const call = callOf(vault, scope, end.principal);
      const wanted = { keyId, versionId, aadContext: context, plaintext: SOME_PLAINTEXT };
      const given = read<EncryptInput>(ENCRYPT_REQUEST, wanted);
      const found = findIn(realm, call, given.keyId);
      const key = given.versionId ? vault.keys.withVersion(scope, found, given.versionId) : found;
      usableTarget({ key }, given, call);
      return {
        destination: {
          kind: 'symmetric',
          key,
          layout: YANDEX_LAYOUT,
          context: contextOf(given.aadContext),
          options: { version: targetVersion(key, given) },
          requireSize,
        },
        keyId: key.record.wireId,
        write: (blob) => blob.toString('base64'),
      };
    },
    async makeTwin(vault, scope, source, realm, { name, acceptForeignBlobs }) {
      if (realm.tenant === '')
        throw new TransferRefused('account is required: the folder of the key');
      if (source.record.spec !== 'aes-256') {
        throw new TransferRefused(`yandex has no keys of this kind (${source.record.spec})`);
      }
      read(CREATE_KEY_REQUEST, { folderId: realm.tenant, name, defaultAlgorithm: ALGORITHM });
      const attributes = toAttributes({
        ...attributesOf({ attributes: {} }),
        name: name ?? '',
        defaultAlgorithm: ALGORITHM,
        firstAlgorithm: ALGORITHM,
      });
      const draft = {
        realm,
        wireId: newId(vault.entropy),
        usages: ['encrypt'] as const,
        attributes: { ...attributes, [ACCEPTS_FOREIGN]: acceptForeignBlobs },
      };
      return createTwin(vault, source, draft, scope.nowMs);
    },
    say(thrown) {
      const { code, message } = sayFault(YANDEX_FAULTS, thrown, undefined).error;
      return { code, message: message ?? '' };
    },
    inspect: inspectYandex,
  };
}

interface DecryptInput {
  readonly keyId: string;
  readonly aadContext?: Buffer;
  readonly ciphertext: Buffer;
}

interface EncryptInput {
  readonly keyId: string;
  readonly versionId?: string;
  readonly aadContext?: Buffer;
}

/** Reads members as the method with that request would over REST, and refuses them in its words. */
function read<Input>(message: Message, given: { readonly [member: string]: unknown }): Input {
  const present = Object.entries(given).filter(([, value]) => value !== undefined);
  const { values } = readMembers(message, present, false);
  requireValid(message, values);
  // The caller names the members of the message.
  return values as Input;
}

/** As Encrypt; the other members have been judged. */
function requireSize(plaintextBytes: number): void {
  const plaintext = plaintextBytes === 0 ? undefined : Buffer.alloc(plaintextBytes);
  const values: Values = { keyId: '-', plaintext };
  requireValid(ENCRYPT_REQUEST, values);
}

/** Ids name a key whatever its folder; a folder that is named must be the key's. */
function findIn({ tenant }: Realm, call: YandexCall, id: string): LoadedKey {
  const key = findKey(call, id);
  if (tenant !== '' && key.record.realm.tenant !== tenant) throw fault('KeyNotFound', { id });
  return key;
}

/** Without a folder the tenant is empty: there is no default, and only a new key needs one. */
function placeOf({ account, region }: Whereabouts): Realm {
  refuseUnused('yandex', { region });
  if (account === '') throw new TransferRefused('account must not be empty');
  return realmOf(account ?? '');
}

function requireFullSize({ record }: LoadedKey): void {
  const other = record.versions
    .map((version) => algorithmOf(record, version))
    .find((algorithm) => !FULL_SIZE.has(algorithm));
  if (other !== undefined) {
    throw new TransferRefused(`keys of ${other} have no twins: their size is another one`);
  }
}
