import { createPipeline, type Dialect, type PipelineServices } from '@keyglot/dialect';
import { describeOperations } from './coverage.js';
import { ALIBABA_CREDENTIALS } from './credentials.js';
import { createAlibabaFace } from './face.js';
import { bodyTooLarge, createAlibabaProtocol } from './protocol.js';
import type { AlibabaSettings } from './settings.js';

/** Far above the largest request of the API; the service's own limit is not known. */
const BODY_LIMIT_BYTES = 1_048_576;

/**
 * Makes the dialect of Alibaba Cloud KMS.
 *
 * @example
 * const dialect = createAlibabaDialect(services, { auth: 'open', region: 'cn-hangzhou' });
 *
 * @public
 */
export function createAlibabaDialect(
  services: PipelineServices,
  settings: AlibabaSettings,
): Dialect {
  const protocol = createAlibabaProtocol(services.vault, settings);
  return {
    name: 'alibaba',
    bodyLimitBytes: BODY_LIMIT_BYTES,
    handle: createPipeline(protocol, services),
    refuseLargeBody: (request) =>
      protocol.refuse(bodyTooLarge(), undefined, undefined, request).response,
    credentials: ALIBABA_CREDENTIALS,
    coverage: describeOperations,
    faces: [createAlibabaFace(settings)],
  };
}
