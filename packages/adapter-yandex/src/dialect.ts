import { createPipeline, type Dialect, type PipelineServices } from '@keyglot/dialect';
import type { YandexSettings } from './authenticate.js';
import { coverage } from './coverage.js';
import { YANDEX_CREDENTIALS } from './credentials.js';
import { YANDEX_LAYOUT } from './envelope.js';
import { createYandexFace } from './face.js';
import { yandexFault } from './faults.js';
import { idOf } from './ids.js';
import { createRestProtocol } from './rest.js';
import { createRpcProtocol } from './rpc.js';

/** Envoy's usual buffer, which the transcoder in front of the service is. */
const BODY_LIMIT_BYTES = 1_048_576;

/**
 * Makes the dialect of Yandex Cloud KMS, for REST and gRPC.
 *
 * @example
 * const dialect = createYandexDialect(services, { auth: 'open' });
 *
 * @public
 */
export function createYandexDialect(services: PipelineServices, settings: YandexSettings): Dialect {
  const { vault } = services;
  vault.namings.set('yandex', (_key, _number, fingerprint) => idOf(fingerprint));
  vault.layouts.set('yandex', YANDEX_LAYOUT);
  const rest = createRestProtocol(vault, settings);
  return {
    name: 'yandex',
    bodyLimitBytes: BODY_LIMIT_BYTES,
    handle: createPipeline(rest, services),
    refuseLargeBody: (request) =>
      rest.refuse(yandexFault('BodyTooLarge', {}), undefined, undefined, request).response,
    credentials: YANDEX_CREDENTIALS,
    coverage,
    faces: [createYandexFace(settings)],
    rpc: {
      messageLimitBytes: BODY_LIMIT_BYTES,
      handle: createPipeline(createRpcProtocol(vault, settings), services),
    },
  };
}
