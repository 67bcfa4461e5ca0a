import { KmsFault } from '@keyglot/core';
import { createPipeline, type Dialect, type PipelineServices } from '@keyglot/dialect';
import type { AwsSettings } from './authenticate.js';
import { coverageOf } from './coverage.js';
import { AWS_CREDENTIALS } from './credentials.js';
import { createAwsFace } from './face.js';
import { AWS_PROFILE } from './profiles/aws.js';
import { qkmsProfile } from './profiles/qkmsPages.js';
import { bodyTooLarge, createAwsProtocol } from './protocol.js';

/** Largest body of the service's front end; the largest request of the model is far below. */
const BODY_LIMIT_BYTES = 1_048_576;

/**
 * Makes the dialect of AWS KMS and, as a profile of it, QKMS.
 *
 * @example
 * const dialect = createAwsDialect(services, { auth: 'open', account: '000000000000', region: 'us-east-1' });
 *
 * @public
 */
export function createAwsDialect(services: PipelineServices, settings: AwsSettings): Dialect {
  const protocol = createAwsProtocol(services.vault, settings);
  const profiles = [AWS_PROFILE, qkmsProfile(settings.qkms)];
  return {
    name: 'aws',
    bodyLimitBytes: BODY_LIMIT_BYTES,
    handle: createPipeline(protocol, services),
    refuseLargeBody(request) {
      const thrown = bodyTooLarge();
      if (!(thrown instanceof KmsFault)) throw thrown;
      return protocol.refuse(thrown, undefined, undefined, request).response;
    },
    credentials: AWS_CREDENTIALS,
    faces: profiles.map((profile) => createAwsFace(profile, settings)),
    coverage: () => profiles.flatMap(coverageOf),
  };
}
