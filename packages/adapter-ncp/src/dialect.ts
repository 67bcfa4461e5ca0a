import { createPipeline, type Dialect, type PipelineServices } from '@keyglot/dialect';
import { coverage } from './coverage.js';
import { NCP_CREDENTIALS } from './credentials.js';
import { createNcpFace } from './face.js';
import { bodyTooLarge, createNcpProtocol } from './protocol.js';
import type { NcpSettings } from './settings.js';

/** A list of 32 KB in 1,024 items is far below; the service's own limit is not documented. */
const BODY_LIMIT_BYTES = 1_048_576;

/**
 * Makes the dialect of NAVER Cloud Platform KMS, API 1.0 and API 2.0.
 *
 * @example
 * const dialect = createNcpDialect(services, { auth: 'open', account: '000000000000' });
 *
 * @public
 */
export function createNcpDialect(services: PipelineServices, settings: NcpSettings): Dialect {
  const protocol = createNcpProtocol(services.vault, settings);
  return {
    name: 'ncp',
    bodyLimitBytes: BODY_LIMIT_BYTES,
    handle: createPipeline(protocol, services),
    refuseLargeBody: (request) =>
      protocol.refuse(bodyTooLarge(), undefined, undefined, request).response,
    credentials: NCP_CREDENTIALS,
    coverage,
    faces: [createNcpFace(settings)],
  };
}
