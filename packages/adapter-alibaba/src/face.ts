import {
  type AsymmetricEncryptionSuite,
  createTwin,
  fault,
  type KeyUsage,
  type KeyVersion,
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
  type TransferEnd,
  TransferRefused,
  type TransferTarget,
  type Whereabouts,
} from '@keyglot/dialect';
import { coreUsage, isSymmetric, SPECS, type SpecRow, specOf } from './algorithms.js';
import { accountOf } from './authenticate.js';
import type { AlibabaCall } from './call.js';
import { requireAlgorithm, requireAsymmetric } from './checks.js';
import { contextOf, readMap } from './context.js';
import { ALIBABA_CREDENTIALS } from './credentials.js';
import { ALIBABA_LAYOUT } from './envelope.js';
import { ALIBABA_FAULTS, alibabaFault } from './faults.js';
import { ALIBABA_SIZES, inspectAlibaba } from './inspect.js';
import { requireVersion, resolveKey } from './resolve.js';
import { rotated } from './rotation.js';
import { requireOwner } from './run.js';
import type { AlibabaSettings } from './settings.js';
import { checkDestination, checkSource, type From, openedSource, resolveBlob } from './source.js';
import { requireState, USE } from './states.js';

const OPERATION = 'ReEncrypt';
const ACCOUNT = /^\d{16}$/;
const REGION = /^[a-z0-9-]{1,64}$/;
/** The spec whose keys have the 256 bits that their name says. */
const FULL_SIZE = 'Aliyun_AES_256';

/** What Alibaba Cloud KMS shows to the other dialects. @internal */
export function createAlibabaFace(settings: AlibabaSettings): DialectFace {
  const callOf = (
    vault: Vault,
    scope: Scope,
    realm: Realm,
    principal: Credential | undefined,
  ): AlibabaCall => ({
    vault,
    settings,
    realm,
    scope,
    nowMs: scope.nowMs,
    operation: OPERATION,
    caller: {
      dialect: 'alibaba',
      sandbox: scope.sandbox,
      audit: '',
      account: principal ? accountOf(principal, settings) : realm.tenant,
      realm,
      dedicated: false,
    },
  });
  return {
    dialect: 'alibaba',
    credentials: ALIBABA_CREDENTIALS,
    ...ALIBABA_SIZES,
    rotatesAsymmetric: true,
    realmOf: (where, principal) => realmOf(settings, where, principal),
    findTwinSource(vault, scope, realm, keyId, principal) {
      const key = resolveOwn(callOf(vault, scope, realm, principal), keyId);
      const { name, spec } = specOf(key.record);
      if (spec === 'aes-256' && name !== FULL_SIZE) {
        throw new TransferRefused(`keys of ${name} have no twins: their size is another one`);
      }
      return key;
    },
    showKey: ({ record }) => record.wireId,
    readSource(vault, scope, realm, end) {
      const call = callOf(vault, scope, realm, end.principal);
      const from = fromOf(call, end);
      requireOwner(from.key, OPERATION, call);
      const context = wireContext(end.context);
      checkSource(from, context);
      const source = openedSource(call, from, end.ciphertext, context);
      return { source, keyId: from.key.record.wireId };
    },
    readTarget(vault, scope, realm, end) {
      const call = callOf(vault, scope, realm, end.principal);
      if (end.keyId === undefined) throw missing('KeyId');
      const key = rotated(call, resolveOwn(call, end.keyId));
      const destination =
        isAsymmetricEnd(end) || !isSymmetric(key.record)
          ? asymmetricDestination(call, key, end)
          : symmetricDestination(key, end);
      return {
        destination,
        keyId: key.record.wireId,
        write: (blob) => blob.toString('base64'),
      };
    },
    async makeTwin(vault, scope, source, realm, { name, acceptForeignBlobs }) {
      refuseUnused('alibaba', { name });
      if (acceptForeignBlobs) {
        throw new TransferRefused(
          'alibaba cannot accept foreign ciphertexts: its Decrypt names no key and answers with a text',
        );
      }
      const { row, usage } = rowOf(source);
      const attributes = {
        keySpec: row.name,
        description: '',
        protectionLevel: row.hardwareOnly ? 'HSM' : 'SOFTWARE',
        rotationSeconds: 0,
        tags: [],
      };
      const draft = { realm, wireId: vault.entropy.uuid(), usages: [usage], attributes };
      return createTwin(vault, source, draft, scope.nowMs);
    },
    say(thrown) {
      const { code, message } = sayFault(ALIBABA_FAULTS, thrown, { operation: OPERATION }).error;
      return { code, message: message ?? '' };
    },
    inspect: inspectAlibaba,
  };
}

function realmOf(
  settings: AlibabaSettings,
  { account, region }: Whereabouts,
  principal: Credential | undefined,
): Realm {
  const tenant = account ?? accountOf(principal, settings);
  if (!ACCOUNT.test(tenant)) throw new TransferRefused('account must be 16 digits');
  if (region !== undefined && !REGION.test(region)) {
    throw new TransferRefused('alibaba has no region of this name');
  }
  return { dialect: 'alibaba', tenant, region: region ?? settings.region };
}

function resolveOwn(call: AlibabaCall, keyId: string): LoadedKey {
  const key = resolveKey(call, keyId, 'any');
  requireOwner(key, OPERATION, call);
  return key;
}

/** A public-key ciphertext is named by three parameters; a symmetric one names its key version itself. */
function isAsymmetricEnd({ algorithm, keyVersionId }: TransferEnd): boolean {
  return algorithm !== undefined || keyVersionId !== undefined;
}

function fromOf(call: AlibabaCall, end: TransferEnd & { readonly ciphertext: string }): From {
  const { keyId } = end;
  const named = keyId === undefined ? undefined : resolveKey(call, keyId, 'any');
  if (isAsymmetricEnd(end) || (named !== undefined && !isSymmetric(named.record))) {
    if (named === undefined) throw missing('KeyId');
    return { kind: 'asymmetric', ...asymmetricEnd(call, named, end) };
  }
  const found = resolveBlob(call, end.ciphertext);
  if (named !== undefined && named.record.id !== found.key.record.id) {
    throw fault('KeyMismatch', { id: named.record.wireId });
  }
  return { kind: 'symmetric', ...found };
}

interface AsymmetricEnd {
  readonly key: LoadedKey;
  readonly version: KeyVersion;
  readonly algorithm: string;
}

/** What AsymmetricEncrypt and AsymmetricDecrypt need beside the key. */
function asymmetricEnd(
  call: AlibabaCall,
  named: LoadedKey,
  { algorithm, keyVersionId }: TransferEnd,
): AsymmetricEnd {
  if (keyVersionId === undefined) throw missing('KeyVersionId');
  if (algorithm === undefined) throw missing('Algorithm');
  return { ...requireVersion(call, named, keyVersionId), algorithm };
}

function symmetricDestination(key: LoadedKey, end: TransferEnd): TransferTarget['destination'] {
  checkDestination(key);
  const context = contextOf(wireContext(end.context));
  return { kind: 'symmetric', key, layout: ALIBABA_LAYOUT, context, requireSize };
}

function asymmetricDestination(
  call: AlibabaCall,
  named: LoadedKey,
  end: TransferEnd,
): TransferTarget['destination'] {
  const { key, version, algorithm } = asymmetricEnd(call, named, end);
  requireAsymmetric(key.record, 'ENCRYPT/DECRYPT');
  requireState(key.record, USE);
  const suite: AsymmetricEncryptionSuite = call.vault.suites.encryptionSuite(
    requireAlgorithm(key.record, algorithm),
  );
  if (wireContext(end.context) !== undefined) throw invalid('EncryptionContext');
  const loaded = key.byWireId(version.wireId);
  if (loaded === undefined) throw fault('Internal', { what: 'a version without material' });
  return {
    kind: 'asymmetric',
    key,
    suite,
    version: loaded,
    tooLarge(limitBytes) {
      throw fault('PlaintextTooLarge', { algorithm, spec: key.record.spec, limitBytes });
    },
  };
}

/** As Encrypt: an empty text is none. */
function requireSize(plaintextBytes: number): void {
  if (plaintextBytes === 0) throw missing('Plaintext');
  if (plaintextBytes > ALIBABA_SIZES.maxPlaintextBytes) throw invalid('Plaintext');
}

/** On the wire a context is the JSON of an object, and its limits count that. */
function wireContext(context: unknown): Readonly<Record<string, string>> | undefined {
  if (context === undefined) return undefined;
  const name = 'EncryptionContext';
  return readMap(new Map([[name, JSON.stringify(context)]]), name);
}

function missing(name: string): Error {
  return alibabaFault('ParameterMissing', { name });
}

function invalid(name: string): Error {
  return alibabaFault('ParameterInvalid', { name });
}

function rowOf({ record }: LoadedKey): { readonly row: SpecRow; readonly usage: KeyUsage } {
  const row = SPECS.find(({ spec }) => spec === record.spec);
  const usage = [...(row?.usages.keys() ?? [])]
    .map(coreUsage)
    .find((one) => record.usages.includes(one));
  if (row === undefined || usage === undefined) {
    throw new TransferRefused(`alibaba has no keys of this kind (${record.spec})`);
  }
  return { row, usage };
}
