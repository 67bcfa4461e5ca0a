import { model } from '../generated/model.js';
import type { ParsedArn, Profile } from '../profile.js';
import { isRegionBeside, partitionOf } from './regions.js';

const REGION = /^([a-z]+-){2,3}\d+$/;

/** AWS KMS itself. @internal */
export const AWS_PROFILE: Profile = Object.freeze<Profile>({
  name: 'aws',
  title: 'AWS KMS',
  isRegion: (name) => REGION.test(name),
  realmRegion: (region) => region,
  replicates: isRegionBeside,
  arn: ({ region, tenant }, resource) =>
    `arn:${partitionOf(region)}:kms:${region}:${tenant}:${resource}`,
  parseArn: parseAwsArn,
  rootArn: (account, region) => `arn:${partitionOf(region)}:iam::${account}:root`,
  iamArn: (principal) => principal,
  model,
  has: () => true,
  targetAliases: new Map(),
  badCredentialsCode: undefined,
  codeOf: (_operation, code) => code,
  decorate: (_operation, output) => output,
  // https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html
  offers(keySpec, region) {
    const inChina = partitionOf(region) === 'aws-cn';
    // "Encapsulate is not available in China Regions."
    return keySpec.startsWith('ML_KEM_') ? !inChina : keySpec !== 'SM2' || inChina;
  },
  usageAliases: new Map(),
  describesTags: false,
  wrappingAlgorithms: undefined,
  wantsExpirationModel: false,
  reEncryptsAsymmetric: true,
});

/** Takes an ARN of the form `arn:<partition>:kms:<region>:<account>:<kind>/<id>` apart. @internal */
export function parseAwsArn(text: string): ParsedArn | undefined {
  const [arn, partition, service, region, account, ...rest] = text.split(':');
  const resource = rest.join(':');
  if (arn !== 'arn' || service !== 'kms' || !region || !account) return undefined;
  if (partition !== partitionOf(region)) return undefined;
  return resourceOf(resource, partition, region, account);
}

/** The kind and id of the last part of an ARN. @internal */
export function resourceOf(
  resource: string,
  partition: string,
  region: string | undefined,
  account: string,
): ParsedArn | undefined {
  if (resource.startsWith('alias/')) {
    return { partition, region, account, kind: 'alias', id: resource };
  }
  if (!resource.startsWith('key/')) return undefined;
  return { partition, region, account, kind: 'key', id: resource.slice('key/'.length) };
}
