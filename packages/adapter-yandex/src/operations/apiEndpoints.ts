import type { YandexCall, YandexOperation } from '../call.js';
import { yandexFault } from '../faults.js';
import { free, nothing } from '../resolve.js';
import type { Values } from '../schema.js';
import { documented } from './shared.js';

const SERVICE = 'yandex.cloud.endpoint.ApiEndpointService';

/** What clients of KMS look for, and Terraform's folders; one port serves all of them. */
const IDS = ['endpoint', 'iam', 'kms', 'kms-crypto', 'operation', 'resource-manager'];

const HOST = /^(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/;

/** ApiEndpointService.List. @internal */
export const listEndpoints: YandexOperation<Record<never, never>, Record<never, never>> = {
  service: SERVICE,
  name: 'List',
  evidence: documented('api-design-guide/concepts/endpoints'),
  resolve: nothing,
  actions: free,
  checks: [],
  handle: (_input, _resolved, call) => ({ endpoints: IDS.map((id) => endpoint(id, call)) }),
};

/** ApiEndpointService.Get. @internal */
export const getEndpoint: YandexOperation<
  { readonly apiEndpointId?: string },
  Record<never, never>
> = {
  service: SERVICE,
  name: 'Get',
  evidence: documented('api-design-guide/concepts/endpoints'),
  resolve: nothing,
  actions: free,
  checks: [],
  handle({ apiEndpointId: id = '' }, _resolved, call) {
    if (!IDS.includes(id)) throw yandexFault('EndpointNotFound', { id });
    return endpoint(id, call);
  },
};

/**
 * Addresses have a port and no scheme. The name under which the client came is one that it can reach
 * and that its certificate check accepts.
 */
function endpoint(id: string, { settings, host }: YandexCall): Values {
  const own = HOST.test(host) ? host : 'localhost';
  const address = settings.advertisedAddress ?? (/:\d+$/.test(own) ? own : `${own}:443`);
  return { id, address };
}
