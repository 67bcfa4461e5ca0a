import { KEY_SPECS, createKey as make, type Vault } from '@keyglot/core';
import { type SpecRow, specAttributes, specByName, USAGES, type WireUsage } from '../algorithms.js';
import type { AwsCall, AwsOperation } from '../call.js';
import { awsFault } from '../faults.js';
import type { CreateKeyRequest } from '../generated/inputs.js';
import { keyMetadata } from '../metadata.js';
import { firstOfItsId } from '../multiRegion.js';
import { type Parties, requireParties } from '../qkms/parties.js';
import { noKey, onNothing } from '../resolve.js';
import { defaultPolicy, requirePolicy } from './policy.js';
import { documentedOperation } from './shared.js';
import { requireTags, storedTags } from './tags.js';

type Input = CreateKeyRequest & Parties;

/** CreateKey. Evidence of the defaults and texts: https://github.com/floci-io/floci/pull/3968 @internal */
export const createKey: AwsOperation<Input, Record<never, never>> = {
  name: 'CreateKey',
  evidence: documentedOperation('CreateKey'),
  crossAccount: false,
  resolve: noKey,
  // https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html
  actions: (input, resolved, call) => [
    ...onNothing(input, resolved, call),
    ...(input.Tags === undefined ? [] : [{ name: 'kms:TagResource', resource: '*' }]),
  ],
  checks: [requireParties, refuseWhatIsMissing],
  async handle(input, _resolved, call) {
    const { row, usage } = specAndUsage(input, call);
    if (input.Origin === 'EXTERNAL') requireImportable(row);
    requireTags(input.Tags ?? []);
    const policy = input.Policy ?? defaultPolicy(call.profile, call.realm);
    requirePolicy(policy, input.BypassPolicyLockoutSafetyCheck, call);
    const { vault, scope, realm } = call;
    const key = await make(
      vault,
      {
        sandbox: scope.sandbox,
        realm,
        wireId: input.MultiRegion === true ? multiRegionId(vault) : vault.entropy.uuid(),
        spec: row.spec,
        usages: [USAGES[usage]],
        attributes: {
          ...specAttributes(row),
          description: input.Description ?? '',
          policy,
          tags: storedTags(input.Tags ?? []),
          ...(input.MultiRegion === true ? firstOfItsId(realm.region) : {}),
        },
        versionWireId: (fingerprint) => fingerprint.toString('hex'),
        origin: input.Origin === 'EXTERNAL' ? 'imported' : 'generated',
      },
      call.nowMs,
    );
    return { KeyMetadata: keyMetadata(call, key.record) };
  },
};

function specAndUsage(
  input: Input,
  { profile, realm }: AwsCall,
): { readonly row: SpecRow; readonly usage: WireUsage } {
  // Text of local-kms: https://github.com/nsmithuk/local-kms/blob/e4d9425/src/handler/create_key.go
  if (input.KeySpec !== undefined && input.CustomerMasterKeySpec !== undefined) {
    throw awsFault('ValidationInferred', {
      message:
        'You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated.',
    });
  }
  const name = input.KeySpec ?? input.CustomerMasterKeySpec ?? 'SYMMETRIC_DEFAULT';
  if (input.KeyUsage === undefined && name !== 'SYMMETRIC_DEFAULT') {
    throw awsFault('Validation', {
      message:
        'You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.',
    });
  }
  const row = specByName(name);
  if (row === undefined || !profile.offers(name, realm.region)) {
    // Recorded for SM2 alone.
    throw awsFault(name === 'SM2' ? 'SpecUnsupported' : 'SpecUnsupportedInferred', {
      message: `KeySpec ${name} is not supported in this Region`,
    });
  }
  const given = input.KeyUsage ?? 'ENCRYPT_DECRYPT';
  const usage = profile.usageAliases.get(given) ?? given;
  if (!isUsageOf(row, usage)) {
    throw awsFault('Validation', {
      message: `KeyUsage ${usage} is not compatible with KeySpec ${name}`,
    });
  }
  return { row, usage };
}

/** https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html */
function multiRegionId({ entropy }: Vault): string {
  return `mrk-${entropy.bytes(16).toString('hex')}`;
}

/** The documentation tells of symmetric, HMAC, RSA, ECC and SM2 keys; the text is LocalStack's. */
function requireImportable({ name, spec }: SpecRow): void {
  if (IMPORTABLE.has(KEY_SPECS[spec].family)) return;
  // Recorded: https://github.com/radkawar/stackd/blob/9dc356f/testdata/aws/kms/imports_families.json
  throw awsFault('Validation', {
    message: `KeySpec ${name} is not supported for Origin EXTERNAL`,
  });
}

/** https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys.html */
const IMPORTABLE: ReadonlySet<string> = new Set(['aes', 'hmac', 'rsa', 'ec', 'ed25519', 'sm2']);

function isUsageOf(row: SpecRow, usage: string): usage is WireUsage {
  // The set is asked for any text; its own type knows only the usages.
  return (row.usages as ReadonlyMap<string, unknown>).has(usage);
}

/** Custom key stores are not there yet; refused as in a Region without them. */
function refuseWhatIsMissing(_resolved: object, input: Input): void {
  if (input.CustomKeyStoreId !== undefined) {
    throw awsFault('CustomKeyStoreNotFound', { id: input.CustomKeyStoreId });
  }
  if (input.Origin === 'AWS_CLOUDHSM' || input.Origin === 'EXTERNAL_KEY_STORE') {
    throw awsFault('ValidationInferred', {
      message: `CustomKeyStoreId is required when Origin is ${input.Origin}.`,
    });
  }
  if (input.XksKeyId !== undefined) {
    throw awsFault('ValidationInferred', {
      message: 'XksKeyId is only valid when Origin is EXTERNAL_KEY_STORE.',
    });
  }
}
