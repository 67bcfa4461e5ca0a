import {
  ACCEPTS_FOREIGN,
  createTwin,
  type KeyUsage,
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
import { SPECS, USAGES } from './algorithms.js';
import { type AwsSettings, accountOf, arnOf } from './authenticate.js';
import { type AwsCall, keyArn } from './call.js';
import { AWS_CREDENTIALS } from './credentials.js';
import { AWS_FAULTS, awsFault } from './faults.js';
import type { DecryptRequest, EncryptRequest } from './generated/inputs.js';
import { model } from './generated/model.js';
import { AWS_SIZES, inspectAws } from './inspect.js';
import { defaultPolicy } from './operations/policy.js';
import type { Profile } from './profile.js';
import { resolveKey } from './resolve.js';
import { requireAccount } from './run.js';
import { checkSource, resolveSource, SYMMETRIC } from './source.js';
import { checkDestinationKey, destinationEnd, sourceEnd } from './transfer.js';
import { serializationMessage, validationMessage } from './validation.js';

const ACCOUNT = /^\d{12}$/;
/** Stands in for the plaintext, which nobody has yet when the members beside it are judged. */
const SOME_PLAINTEXT = 'AA==';

/** What AWS KMS or QKMS shows to the other dialects. @internal */
export function createAwsFace(profile: Profile, settings: AwsSettings): DialectFace {
  const { name: dialect } = profile;
  const read = createReader();
  const callOf = callsOf(profile, settings);
  return {
    dialect,
    credentials: AWS_CREDENTIALS,
    ...AWS_SIZES,
    rotatesAsymmetric: false,
    realmOf: (where, principal) => realmOf(profile, settings, where, principal),
    findTwinSource(vault, scope, realm, keyId, principal) {
      const call = callOf(vault, scope, realm, principal);
      const key = resolveKey(call, keyId, 'any', 'kms:DescribeKey');
      requireAccount(call, key, 'kms:DescribeKey');
      return key;
    },
    showKey: ({ record }) => profile.arn(record.realm, `key/${record.wireId}`),
    readSource(vault, scope, realm, end) {
      const { keyId, keyVersionId, ciphertext, context, algorithm } = end;
      refuseUnused(dialect, { keyVersionId });
      const call = callOf(vault, scope, realm, end.principal);
      const request: DecryptRequest = read('DecryptRequest', {
        CiphertextBlob: ciphertext,
        KeyId: keyId,
        EncryptionContext: context,
        EncryptionAlgorithm: algorithm,
      });
      const { CiphertextBlob: blob, EncryptionAlgorithm: name = SYMMETRIC } = request;
      const input = { blob, keyId, algorithm: name, permissionOnly: false };
      const found = resolveSource(input, { keyId: 'keyId', action: 'kms:ReEncryptFrom' }, call);
      // A ciphertext leads to its key whatever the account; the one that was named must be the key's.
      if (keyId === undefined && found.key.record.realm.tenant !== realm.tenant) {
        throw awsFault('CiphertextKeyUnreachable', {});
      }
      requireAccount(call, found.key, 'kms:ReEncryptFrom');
      checkSource(found, input, call);
      return {
        source: sourceEnd(call, found, name, blob, request.EncryptionContext),
        keyId: keyArn(call, found.key.record),
      };
    },
    readTarget(vault, scope, realm, end) {
      const { keyId, keyVersionId, context, algorithm } = end;
      refuseUnused(dialect, { keyVersionId });
      const call = callOf(vault, scope, realm, end.principal);
      const request: EncryptRequest = read('EncryptRequest', {
        KeyId: keyId,
        Plaintext: SOME_PLAINTEXT,
        EncryptionContext: context,
        EncryptionAlgorithm: algorithm,
      });
      const key = resolveKey(call, request.KeyId, 'any', 'kms:ReEncryptTo');
      requireAccount(call, key, 'kms:ReEncryptTo');
      const { EncryptionAlgorithm: name = SYMMETRIC, EncryptionContext: wireContext } = request;
      checkDestinationKey(call, key, name, wireContext);
      return {
        destination: destinationEnd(call, key, name, wireContext),
        keyId: keyArn(call, key.record),
        write: (blob) => blob.toString('base64'),
      };
    },
    async makeTwin(vault, scope, source, realm, { name, acceptForeignBlobs }) {
      refuseUnused(dialect, { name });
      const usages = [usageOf(profile, source, realm)];
      const attributes = {
        description: '',
        policy: defaultPolicy(profile, realm),
        tags: [],
        [ACCEPTS_FOREIGN]: acceptForeignBlobs,
      };
      const draft = { realm, wireId: vault.entropy.uuid(), usages, attributes };
      return createTwin(vault, source, draft, scope.nowMs);
    },
    say(thrown, principal) {
      const account = homeOf(principal, settings);
      const callerArn = arnOf(profile, principal, account, settings.region);
      const call = { operation: 'ReEncrypt', callerArn };
      const { code, message } = sayFault(AWS_FAULTS, thrown, call).error;
      return { code, message: message ?? '' };
    },
    inspect: inspectAws,
  };
}

/** Identifiers of QKMS have no region, so naming one could only mislead. */
function realmOf(
  profile: Profile,
  settings: AwsSettings,
  { account, region }: Whereabouts,
  principal: Credential | undefined,
): Realm {
  const tenant = account ?? homeOf(principal, settings);
  const { name: dialect } = profile;
  if (!ACCOUNT.test(tenant)) throw new TransferRefused('account must be 12 digits');
  if (dialect === 'qkms') refuseUnused(dialect, { region });
  if (region !== undefined && !profile.isRegion(region)) {
    throw new TransferRefused(`${dialect} has no region of this name`);
  }
  return { dialect, tenant, region: profile.realmRegion(region ?? settings.region) };
}

/** Account of a principal, or the configured one. */
function homeOf(principal: Credential | undefined, settings: AwsSettings): string {
  return accountOf(principal, principal?.get('accessKeyId') ?? '', settings);
}

/** Keys have exactly one usage: the first of the source's that AWS knows for the material. */
function usageOf({ name, offers }: Profile, { record }: LoadedKey, realm: Realm): KeyUsage {
  const row = SPECS.find(({ spec }) => spec === record.spec);
  const known = row !== undefined && offers(row.name, realm.region) ? [...row.usages.keys()] : [];
  const usage = record.usages.find((one) => known.some((wire) => USAGES[wire] === one));
  if (usage === undefined) {
    throw new TransferRefused(`${name} has no keys of this kind (${record.spec})`);
  }
  return usage;
}

type Read = <Input>(shape: string, given: { readonly [member: string]: unknown }) => Input;

/** Reads members as the operation with that input would, and refuses them in its words. */
function createReader(): Read {
  const validatorOf = createValidators(model.shapes);
  return <Input>(shape: string, given: { readonly [member: string]: unknown }) => {
    const present = Object.entries(given).filter(([, value]) => value !== undefined);
    const result = validatorOf(shape)(Object.fromEntries(present));
    // The caller names the type that is generated from the shape.
    if (result.ok) return result.value as Input;
    if (result.kind === 'type') {
      throw awsFault('Serialization', { message: serializationMessage(result) });
    }
    throw awsFault('Validation', { message: validationMessage(result.violations) });
  };
}

/** A call like that of ReEncrypt: by the principal, or by the owner of every key when nobody is named. */
function callsOf(profile: Profile, settings: AwsSettings) {
  return (vault: Vault, scope: Scope, realm: Realm, principal: Credential | undefined): AwsCall => {
    const account = principal ? homeOf(principal, settings) : realm.tenant;
    return {
      vault,
      profile,
      realm,
      scope,
      nowMs: scope.nowMs,
      operation: 'ReEncrypt',
      requestId: '',
      auth: principal ? settings.auth : 'open',
      caller: {
        dialect: profile.name,
        sandbox: scope.sandbox,
        audit: '',
        profile,
        account,
        region: realm.region,
        arn: arnOf(profile, principal, account, realm.region),
        userId: principal?.get('arn') ? principal.get('accessKeyId') : account,
        realm: { ...realm, tenant: account },
      },
    };
  };
}
