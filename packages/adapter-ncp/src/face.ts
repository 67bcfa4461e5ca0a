import {
  ACCEPTS_FOREIGN,
  createTwin,
  fault,
  type KeyRecord,
  type LoadedKey,
  type Realm,
  type Scope,
  type Vault,
} from '@keyglot/core';
import {
  type Credential,
  createValidators,
  type DialectFace,
  refuseUnused,
  sayFault,
  TransferRefused,
  type Whereabouts,
} from '@keyglot/dialect';
import { KEY_TYPES, type KeyTypeRow } from './algorithms.js';
import { attributesOf, DEFAULT_PERIOD_DAYS } from './attributes.js';
import type { NcpCall } from './call.js';
import { state, usage } from './checks.js';
import { NCP_CREDENTIALS } from './credentials.js';
import { textOf } from './envelope.js';
import { invalid, NCP_FAULTS } from './faults.js';
import { newKeyTag, REGION_NAMES, regionOf } from './ids.js';
import { inspectNcp, NCP_SIZES } from './inspect.js';
import { currentVersion } from './keyView.js';
import { SHAPES } from './model.js';
import { withName } from './names.js';
import { destinationOf, openingOf, readCiphertexts, requireSizes } from './operations/sealing.js';
import { type SealingWay, sealingWay } from './operations/shared.js';
import { resolveKey } from './resolve.js';
import { ROUTES } from './routes.js';
import { requireOwner } from './run.js';
import type { NcpSettings } from './settings.js';
import { ENABLED } from './states.js';

const DIALECT = 'ncp';
const OPERATION = 'Re-encrypt';
const GOVERNMENT = 'gov';
/** Stands in for the plaintext, which nobody has yet when the members beside it are judged. */
const SOME_PLAINTEXT = 'AA==';

/** What NAVER Cloud KMS shows to the other dialects. @internal */
export function createNcpFace(settings: NcpSettings): DialectFace {
  const validatorOf = createValidators(SHAPES);

  /** Reads members as an operation of API 2.0 would, and refuses them in its words. */
  const read = <Input>(shape: string, given: { readonly [member: string]: unknown }): Input => {
    const present = Object.entries(given).filter(([, value]) => value !== undefined);
    const result = validatorOf(shape)(Object.fromEntries(present));
    if (!result.ok) throw invalid(`a member breaks a rule of ${shape}`);
    // The caller names the members of the shape.
    return result.value as Input;
  };

  return {
    dialect: DIALECT,
    credentials: NCP_CREDENTIALS,
    ...NCP_SIZES,
    rotatesAsymmetric: true,
    realmOf: (where, principal) => realmOf(settings, where, principal),
    findTwinSource(vault, scope, realm, keyId, principal) {
      const key = findOwn(callOf(settings, vault, scope, realm, keyId, principal));
      if (attributesOf(key.record).isConvergent) {
        throw new TransferRefused('a convergent key has no twins');
      }
      return key;
    },
    showKey: ({ record }) => record.wireId,
    readSource(vault, scope, realm, end) {
      const { keyId, keyVersionId, algorithm, context, ciphertext } = end;
      refuseUnused(DIALECT, { keyVersionId, algorithm });
      if (keyId === undefined) {
        throw new TransferRefused('keyId is required: ciphertexts of ncp do not name their key');
      }
      const call = callOf(settings, vault, scope, realm, keyId, end.principal);
      const given = read<{ ciphertext: string; context?: Buffer }>('Open', { ciphertext, context });
      const key = usable(call);
      const way = wayOf(key, given.context, call);
      const [named] = readCiphertexts(call, key, [given.ciphertext]);
      if (named === undefined) throw fault('Internal', { what: 'a ciphertext that was not read' });
      return { source: openingOf(call, key, way, named), keyId: key.record.wireId };
    },
    readTarget(vault, scope, realm, end) {
      const { keyId, keyVersionId, algorithm, context } = end;
      refuseUnused(DIALECT, { keyVersionId, algorithm });
      if (keyId === undefined) throw new TransferRefused('keyId is required');
      const call = callOf(settings, vault, scope, realm, keyId, end.principal);
      const given = read<{ context?: Buffer }>('Encrypt', { plaintext: SOME_PLAINTEXT, context });
      const key = usable(call);
      const destination = destinationOf(call, key, wayOf(key, given.context, call));
      const number = currentVersion(key.record);
      return {
        destination:
          destination.kind === 'asymmetric'
            ? destination
            : { ...destination, requireSize: (bytes) => requireSize(key, bytes) },
        keyId: key.record.wireId,
        write: (payload) => textOf(number, payload),
      };
    },
    async makeTwin(vault, scope, source, realm, { name, acceptForeignBlobs }) {
      const type = typeOf(source);
      if (name === undefined) {
        throw new TransferRefused('name is required: every key of ncp has one');
      }
      read('UpdateKeyName', { keyName: name });
      const wireId = newKeyTag(vault.entropy);
      const attributes = {
        keyName: name,
        memo: '',
        isConvergent: false,
        protectionType: realm.region === GOVERNMENT ? '' : 'BASIC',
        isAutoRotation: false,
        rotationPeriod: DEFAULT_PERIOD_DAYS,
        nextRotationDate: null,
        [ACCEPTS_FOREIGN]: acceptForeignBlobs,
      };
      const check = (group: readonly KeyRecord[]): void => requireTold(group, acceptForeignBlobs);
      const draft = { realm, wireId, usages: type.usages, attributes, check };
      return withName(vault, scope, { realm, name, keyTag: wireId }, () =>
        createTwin(vault, source, draft, scope.nowMs),
      );
    },
    say(thrown) {
      const { code, message } = sayFault(NCP_FAULTS, thrown, undefined).error;
      return { code, message: message ?? '' };
    },
    inspect: inspectNcp,
  };
}

function realmOf(
  settings: NcpSettings,
  where: Whereabouts,
  principal: Credential | undefined,
): Realm {
  const { account = homeOf(principal, settings), region = regionOf('') } = where;
  if (account === '') throw new TransferRefused('account must not be empty');
  if (!REGION_NAMES.has(region)) {
    throw new TransferRefused(`region must be one of ${[...REGION_NAMES].join(', ')}`);
  }
  return { dialect: DIALECT, tenant: account, region };
}

/** Account of a principal, or the configured one. */
function homeOf(principal: Credential | undefined, settings: NcpSettings): string {
  return principal?.get('account') || settings.account;
}

/** A call like that of the account's own Re-encrypt. */
function callOf(
  settings: NcpSettings,
  vault: Vault,
  scope: Scope,
  realm: Realm,
  keyTag: string,
  principal: Credential | undefined,
): NcpCall {
  const route = {
    name: OPERATION,
    api: '2.0',
    row: ROUTES[OPERATION],
    keyTag,
    version: '',
  } as const;
  return {
    vault,
    settings,
    route,
    scope,
    nowMs: scope.nowMs,
    realm,
    tokenText: '',
    ignore: (member) => refuseUnused(DIALECT, { [member]: true }),
    caller: {
      dialect: DIALECT,
      sandbox: scope.sandbox,
      audit: '',
      route,
      account: principal ? homeOf(principal, settings) : realm.tenant,
      accessKey: principal?.get('accessKey') ?? '',
      token: undefined,
      region: realm.region,
      baseUrl: '',
    },
  };
}

function findOwn(call: NcpCall): LoadedKey {
  const key = resolveKey(call);
  requireOwner(key, call);
  return key;
}

/** In the order of the operations. */
function usable(call: NcpCall): LoadedKey {
  const key = findOwn(call);
  state(ENABLED)({ key }, undefined, call);
  usage('encrypt')({ key }, undefined, call);
  return key;
}

/** The service takes a context for any key and binds it for convergent ones only; here it is refused then. */
function wayOf(key: LoadedKey, context: Buffer | undefined, call: NcpCall): SealingWay {
  if (context !== undefined && !attributesOf(key.record).isConvergent) {
    throw new TransferRefused('only a convergent key of ncp binds a context');
  }
  return sealingWay(key, context, call);
}

function requireSize(key: LoadedKey, plaintextBytes: number): void {
  if (plaintextBytes === 0) throw invalid('an empty plaintext');
  requireSizes(key, [plaintextBytes]);
}

function typeOf({ record }: LoadedKey): KeyTypeRow {
  const type = Object.values(KEY_TYPES).find(({ spec }) => spec === record.spec);
  if (type === undefined) {
    throw new TransferRefused(`ncp has no keys of this kind (${record.spec})`);
  }
  return type;
}

/** Ciphertexts name a version number only, so two keys of one group cannot refuse each other's. */
function requireTold(group: readonly KeyRecord[], acceptForeignBlobs: boolean): void {
  if (acceptForeignBlobs || group.every(({ realm }) => realm.dialect !== DIALECT)) return;
  throw new TransferRefused(
    'two keys of ncp over one material open each other’s ciphertexts: say acceptForeignBlobs true',
  );
}
