import {
  type CreateKeyCommandInput,
  type KMSClient,
  ReplicateKeyCommand,
} from '@aws-sdk/client-kms';
import { ACCOUNT, type MadeKey, makeKey } from './awsGateway.js';

/** Regions of the tests; keys are made in the first one. */
export const [HOME, AWAY, THIRD] = ['us-east-1', 'eu-west-1', 'ap-southeast-2'] as const;

/** ARN of a key of the usual account. */
export const arnIn = (region: string, id: string): string =>
  `arn:aws:kms:${region}:${ACCOUNT}:key/${id}`;

/** A primary key in the client's region with replica keys in others. */
export async function makeReplicated(
  client: KMSClient,
  regions: readonly string[],
  input: CreateKeyCommandInput = {},
): Promise<MadeKey> {
  const key = await makeKey(client, { ...input, MultiRegion: true });
  for (const ReplicaRegion of regions) {
    await client.send(new ReplicateKeyCommand({ KeyId: key.id, ReplicaRegion }));
  }
  return key;
}

/** Headers of a plain request that comes from a region; the signature is anybody's. */
export function inRegion(region: string) {
  return {
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=test/20231114/${region}/kms/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
      'x-amz-date': '20231114T221320Z',
    },
  };
}
