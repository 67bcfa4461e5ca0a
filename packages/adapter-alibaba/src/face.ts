import { fault, type LoadedKey, type Realm, type Scope, type Vault } from '@keyglot/core';
import { type DialectFace, decodeBase64Strict, sayFault, type TransferEnd } from '@keyglot/dialect';
import { coreUsage, SPECS, type SpecRow } from './algorithms.js';
import type { AlibabaCall } from './call.js';
import { contextOf, mapOf } from './context.js';
import { ALIBABA_LAYOUT } from './envelope.js';
import { ALIBABA_FAULTS, alibabaFault } from './faults.js';
import { ALIBABA_SIZES, inspectAlibaba } from './inspect.js';
import { resolveKey } from './resolve.js';
import { rotated } from './rotation.js';
import { type AlibabaSettings, DEFAULT_ACCOUNT } from './settings.js';
import { checkDestination, checkSource, type From, openedSource, resolveBlob } from './source.js';

const OPERATION = 'ReEncrypt';

/** What Alibaba Cloud KMS shows to the other dialects. @internal */
export function createAlibabaFace(settings: AlibabaSettings): DialectFace {
  const callOf = (vault: Vault, scope: Scope, realm: Realm): AlibabaCall => ({
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
      account: realm.tenant,
      realm,
      dedicated: false,
    },
  });
  return {
    dialect: 'alibaba',
    ...ALIBABA_SIZES,
    realmOf: ({ account, region }) => ({
      dialect: 'alibaba',
      tenant: account ?? settings.account ?? DEFAULT_ACCOUNT,
      region: region ?? settings.region,
    }),
    findKey: (vault, scope, realm, keyId) => resolveKey(callOf(vault, scope, realm), keyId, 'any'),
    showKey: ({ record }) => record.wireId,
    readSource(vault, scope, realm, end) {
      const call = callOf(vault, scope, realm);
      const from = fromOf(call, end);
      const context = mapOf(end.context, 'EncryptionContext');
      checkSource(from, context);
      const source = openedSource(call, from, end.ciphertext, context);
      return { source, keyId: from.key.record.wireId };
    },
    readTarget(vault, scope, realm, { keyId, context, algorithm }) {
      const call = callOf(vault, scope, realm);
      if (keyId === undefined) throw alibabaFault('ParameterMissing', { name: 'KeyId' });
      if (algorithm !== undefined) throw fault('Unsupported', { what: 'an algorithm here' });
      const key = rotated(call, resolveKey(call, keyId, 'any'));
      checkDestination(key);
      return {
        destination: {
          kind: 'symmetric',
          key,
          layout: ALIBABA_LAYOUT,
          context: contextOf(mapOf(context, 'EncryptionContext')),
        },
        keyId: key.record.wireId,
        write: (blob) => blob.toString('base64'),
      };
    },
    twinOf(vault, source, realm, name) {
      if (name !== undefined) {
        throw fault('Unsupported', { what: 'a name for a key: use CreateAlias afterwards' });
      }
      const { row, usage } = rowOf(source);
      return {
        realm,
        wireId: vault.entropy.uuid(),
        usages: [usage],
        attributes: {
          keySpec: row.name,
          description: '',
          protectionLevel: row.hardwareOnly ? 'HSM' : 'SOFTWARE',
          rotationSeconds: 0,
          tags: [],
        },
      };
    },
    say(thrown) {
      const { code, message } = sayFault(ALIBABA_FAULTS, thrown, { operation: OPERATION }).error;
      return { code, message: message ?? '' };
    },
    inspect: inspectAlibaba,
    parse: (ciphertext) => ALIBABA_LAYOUT.parse(ciphertext),
  };
}

/** A ciphertext names its key version; a public-key one does not, so its key must have only one. */
function fromOf(
  call: AlibabaCall,
  { keyId, algorithm, ciphertext }: TransferEnd & { readonly ciphertext: string },
): From {
  if (algorithm === undefined) {
    const found = resolveBlob(call, ciphertext);
    if (keyId !== undefined && resolveKey(call, keyId, 'any').record.id !== found.key.record.id) {
      throw fault('KeyMismatch', { id: keyId });
    }
    return { kind: 'symmetric', ...found };
  }
  if (keyId === undefined) throw alibabaFault('ParameterMissing', { name: 'KeyId' });
  const key = resolveKey(call, keyId, 'any');
  const [version, ...more] = key.record.versions;
  if (version === undefined || more.length > 0) {
    throw fault('Unsupported', { what: 'a public-key ciphertext of a key with several versions' });
  }
  if (decodeBase64Strict(ciphertext) === undefined) throw fault('CiphertextInvalid', {});
  return { kind: 'asymmetric', key, version, algorithm };
}

function rowOf({ record }: LoadedKey): {
  readonly row: SpecRow;
  readonly usage: ReturnType<typeof coreUsage>;
} {
  const row = SPECS.find(({ spec }) => spec === record.spec);
  const usage = [...(row?.usages.keys() ?? [])]
    .map(coreUsage)
    .find((one) => record.usages.includes(one));
  if (row === undefined || usage === undefined) {
    throw fault('Unsupported', { what: 'a key of this kind' });
  }
  return { row, usage };
}
