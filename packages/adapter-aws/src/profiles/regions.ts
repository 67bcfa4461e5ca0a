/** A partition of AWS: its name, how its regions begin, and those that have KMS. */
interface Partition {
  readonly name: string;
  readonly prefix: string;
  readonly regions: readonly string[];
}

/**
 * Partitions and regions of the endpoints file of the published SDKs.
 *
 * @see https://github.com/boto/botocore/blob/1.43.107/botocore/data/endpoints.json
 */
const PARTITIONS: readonly Partition[] = [
  { name: 'aws-cn', prefix: 'cn-', regions: ['cn-north-1', 'cn-northwest-1'] },
  { name: 'aws-us-gov', prefix: 'us-gov-', regions: ['us-gov-east-1', 'us-gov-west-1'] },
  { name: 'aws-eusc', prefix: 'eusc-', regions: ['eusc-de-east-1'] },
  { name: 'aws-iso', prefix: 'us-iso-', regions: ['us-iso-east-1', 'us-iso-west-1'] },
  { name: 'aws-iso-b', prefix: 'us-isob-', regions: ['us-isob-east-1', 'us-isob-west-1'] },
  { name: 'aws-iso-e', prefix: 'eu-isoe-', regions: ['eu-isoe-west-1'] },
  { name: 'aws-iso-f', prefix: 'us-isof-', regions: ['us-isof-east-1', 'us-isof-south-1'] },
];

const COMMERCIAL: Partition = {
  name: 'aws',
  prefix: '',
  regions: [
    'af-south-1',
    'ap-east-1',
    'ap-east-2',
    'ap-northeast-1',
    'ap-northeast-2',
    'ap-northeast-3',
    'ap-south-1',
    'ap-south-2',
    'ap-southeast-1',
    'ap-southeast-2',
    'ap-southeast-3',
    'ap-southeast-4',
    'ap-southeast-5',
    'ap-southeast-6',
    'ap-southeast-7',
    'ca-central-1',
    'ca-west-1',
    'eu-central-1',
    'eu-central-2',
    'eu-north-1',
    'eu-south-1',
    'eu-south-2',
    'eu-west-1',
    'eu-west-2',
    'eu-west-3',
    'il-central-1',
    'me-central-1',
    'me-south-1',
    'mx-central-1',
    'sa-east-1',
    'us-east-1',
    'us-east-2',
    'us-west-1',
    'us-west-2',
  ],
};

function partition(region: string): Partition {
  const found = PARTITIONS.find(({ prefix }) => region.startsWith(prefix));
  return found ?? COMMERCIAL;
}

/** Partition of a region, the first part of its ARNs. @internal */
export function partitionOf(region: string): string {
  return partition(region).name;
}

/** Whether KMS is in `other`, and `other` in the partition of `region`. @internal */
export function isRegionBeside(region: string, other: string): boolean {
  return partition(region).regions.includes(other);
}
