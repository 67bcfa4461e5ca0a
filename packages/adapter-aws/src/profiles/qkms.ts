import type { ParsedArn, Profile } from '../profile.js';
import { qkmsModel } from '../qkms/model.js';
import { parseAwsArn, resourceOf } from './aws.js';

/** The one region that the documentation of the service family names. */
const REGION = 'q-world-1';

// Operations that have no page under https://docs.quilibrium.com/docs/api/q-kms/ and are not in the
// vendor's client, which has GenerateRandom.
const UNDOCUMENTED = new Set([
  'ConnectCustomKeyStore',
  'CreateCustomKeyStore',
  'DeleteCustomKeyStore',
  'DescribeCustomKeyStores',
  'DisconnectCustomKeyStore',
  'UpdateCustomKeyStore',
  'GetKeyLastUsage',
  'ListKeyRotations',
  'RotateKeyOnDemand',
  'Encapsulate',
  'Decapsulate',
]);

/**
 * QKMS, where it differs from AWS KMS.
 *
 * @see https://docs.quilibrium.com/docs/api/q-kms/
 * @internal
 */
export const QKMS_PROFILE: Profile = Object.freeze<Profile>({
  name: 'qkms',
  title: 'QKMS',
  // Its own client lets the user write any.
  isRegion: (name) => name !== '',
  // Its ARNs carry no region, so a key must be the same key whatever region a client signs for.
  realmRegion: () => REGION,
  // No list of its regions is published.
  replicates: () => true,
  arn: ({ tenant }, resource) => `arn:verenc:${tenant}:${resource}`,
  parseArn: (text) => parseVerencArn(text) ?? parseAwsArn(text),
  rootArn: (account) => `arn:verenc:${account}:root`,
  // Its key policies name principals in both forms.
  iamArn: (principal) => principal.replace(/^arn:verenc:/, 'arn:aws:iam::'),
  model: qkmsModel,
  has: (operation) => !UNDOCUMENTED.has(operation),
  // Its GenerateMac page writes the target TrentService.GenerateMAC.
  targetAliases: new Map([['GenerateMAC', 'GenerateMac']]),
  // QuilibriumNetwork/qkms-sdk, packages/core/src/client.ts
  badCredentialsCode: 'NotAuthorizedException',
  // Typed error handling of AWS's SDKs reads AWS's names.
  codeOf: (_operation, code) => code,
  decorate: decorateQkms,
  // Its one region is not in China, and it has no operation for ML-KEM.
  offers: (keySpec) => keySpec !== 'SM2' && !keySpec.startsWith('ML_KEM_'),
  // Its DeriveSharedSecret page.
  usageAliases: new Map([['DERIVE_SHARED_SECRET', 'KEY_AGREEMENT']]),
  describesTags: true,
  // Its GetParametersForImport and ImportKeyMaterial pages.
  wrappingAlgorithms: new Set(['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256']),
  wantsExpirationModel: true,
  // Its ReEncrypt page: "source and destination must be symmetric encryption keys".
  reEncryptsAsymmetric: false,
});

function parseVerencArn(text: string): ParsedArn | undefined {
  const [arn, partition, account, ...rest] = text.split(':');
  if (arn !== 'arn' || partition !== 'verenc' || !account) return undefined;
  return resourceOf(rest.join(':'), partition, undefined, account);
}

/** The pages contradict each other in the spelling of these members, so both spellings are sent. */
function decorateQkms(operation: string, output: Record<string, unknown>): Record<string, unknown> {
  if (operation === 'GenerateMac') return { ...output, MAC: output['Mac'] };
  if (operation === 'GenerateDataKeyPair') {
    return { ...output, PrivateKey: output['PrivateKeyPlaintext'] };
  }
  // Their pages show no members of an answer.
  if (operation === 'ImportKeyMaterial' || operation === 'DeleteImportedKeyMaterial') return {};
  // The table of its GetKeyRotationStatus page has this member alone.
  if (operation === 'GetKeyRotationStatus') {
    return { KeyRotationEnabled: output['KeyRotationEnabled'] };
  }
  const name = operation === 'ReplicateKey' ? 'ReplicaKeyMetadata' : 'KeyMetadata';
  // Their AWS form is an object made by keyMetadata.
  const metadata = output[name] as Record<string, unknown> | undefined;
  if (metadata === undefined) return output;
  const account = metadata['AWSAccountId'];
  return { ...output, [name]: { ...metadata, AccountId: account, QAccountId: account } };
}
