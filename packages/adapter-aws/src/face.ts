import { fault, type Realm, type Scope, type Vault } from '@keyglot/core';
import { type DialectFace, decodeBase64Strict, sayFault } from '@keyglot/dialect';
import { specOf, USAGES } from './algorithms.js';
import type { AwsSettings } from './authenticate.js';
import { type AwsCall, keyArn } from './call.js';
import { AWS_FAULTS, awsFault } from './faults.js';
import { AWS_SIZES, inspectAws } from './inspect.js';
import { layoutOf } from './layouts.js';
import { defaultPolicy } from './operations/policy.js';
import type { Profile } from './profile.js';
import { resolveKey } from './resolve.js';
import { checkSource, resolveSource, SYMMETRIC } from './source.js';
import { checkDestinationKey, destinationEnd, sourceEnd, type WireContext } from './transfer.js';

/** What AWS KMS or QKMS shows to the other dialects. @internal */
export function createAwsFace(profile: Profile, settings: AwsSettings): DialectFace {
  const layout = layoutOf(profile);
  return {
    dialect: profile.name,
    ...AWS_SIZES,
    realmOf: ({ account, region }) => ({
      dialect: profile.name,
      tenant: account ?? settings.account,
      region: profile.realmRegion(region ?? settings.region),
    }),
    findKey: (vault, scope, realm, keyId) =>
      resolveKey(callOf(profile, vault, scope, realm), keyId, 'any'),
    showKey: ({ record }) => profile.arn(record.realm, `key/${record.wireId}`),
    readSource(vault, scope, realm, { keyId, ciphertext, context, algorithm = SYMMETRIC }) {
      const call = callOf(profile, vault, scope, realm);
      const blob = decodeBase64Strict(ciphertext);
      if (blob === undefined) throw fault('CiphertextInvalid', {});
      const input = { blob, keyId, algorithm, permissionOnly: false };
      const found = resolveSource(input, { keyId: 'keyId', action: 'kms:ReEncryptFrom' }, call);
      checkSource(found, input, call);
      return {
        source: sourceEnd(call, found, algorithm, blob, contextOf(context)),
        keyId: keyArn(call, found.key.record),
      };
    },
    readTarget(vault, scope, realm, { keyId, context, algorithm = SYMMETRIC }) {
      const call = callOf(profile, vault, scope, realm);
      if (keyId === undefined) throw awsFault('Validation', { message: 'keyId is required.' });
      const key = resolveKey(call, keyId, 'any');
      const wireContext = contextOf(context);
      checkDestinationKey(call, key, algorithm, wireContext);
      return {
        destination: destinationEnd(call, key, algorithm, wireContext),
        keyId: keyArn(call, key.record),
        write: (blob) => blob.toString('base64'),
      };
    },
    twinOf(vault, source, realm, name) {
      if (name !== undefined) {
        throw fault('Unsupported', { what: 'a name for a key: use CreateAlias afterwards' });
      }
      const usage = source.record.usages.find((one) => usagesOf(source.record.spec).includes(one));
      if (usage === undefined) throw fault('Unsupported', { what: 'a key of this usage' });
      return {
        realm,
        wireId: vault.entropy.uuid(),
        usages: [usage],
        attributes: {
          description: '',
          policy: defaultPolicy(profile, realm),
          bypassPolicyLockoutSafetyCheck: false,
          tags: [],
        },
      };
    },
    say(thrown) {
      const call = { operation: 'ReEncrypt', callerArn: '' };
      const { code, message } = sayFault(AWS_FAULTS, thrown, call).error;
      return { code, message: message ?? '' };
    },
    inspect: inspectAws,
    parse: (ciphertext) => layout.parse(ciphertext),
  };
}

function usagesOf(spec: Parameters<typeof specOf>[0]): readonly string[] {
  return [...specOf(spec).usages.keys()].map((usage) => USAGES[usage]);
}

function callOf(profile: Profile, vault: Vault, scope: Scope, realm: Realm): AwsCall {
  const { tenant: account, region } = realm;
  return {
    vault,
    profile,
    realm,
    scope,
    nowMs: scope.nowMs,
    operation: 'ReEncrypt',
    // The admin token has been judged; it stands above accounts.
    auth: 'open',
    caller: {
      dialect: profile.name,
      sandbox: scope.sandbox,
      audit: '',
      profile,
      account,
      region,
      arn: profile.rootArn(account, region),
      userId: account,
      realm,
    },
  };
}

function contextOf(context: unknown): WireContext {
  if (context === undefined || context === null) return undefined;
  const entries = typeof context === 'object' ? Object.entries(context) : undefined;
  if (entries?.every(([, value]) => typeof value === 'string') !== true) {
    throw awsFault('Serialization', {
      message: 'Start of structure or map found where not expected',
    });
  }
  // Every value was just seen to be a text.
  return context as Record<string, string>;
}
