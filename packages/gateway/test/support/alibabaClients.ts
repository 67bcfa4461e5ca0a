import { createRequire } from 'node:module';
import type { Gateway } from '../../src/index.js';
import type { Members, Params } from './alibabaGateway.js';

/** How an official client is pointed at the gateway. */
export interface AlibabaCredentials {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken?: string;
}

/** An official client, changed in nothing but endpoint and credentials. */
export interface AlibabaClient {
  readonly name: string;
  request(action: string, params: Params): Promise<Members>;
}

// The clients are CommonJS, and their own types do not hold under the flags of this repository.
const load = createRequire(import.meta.url);

interface PopCore {
  readonly RPCClient: new (
    config: object,
  ) => {
    request(action: string, params: Params, options: object): Promise<Members>;
  };
}

type Model = new (map?: object) => object;

interface OpenApi {
  readonly default: new (
    config: object,
  ) => {
    callApi(params: object, request: object, runtime: object): Promise<{ readonly body: Members }>;
  };
  readonly Config: Model;
  readonly Params: Model;
  readonly OpenApiRequest: Model;
}

interface Generated {
  readonly names?: () => Readonly<Record<string, string>>;
  new (map: object): object;
}

/** All clients, named after what they send. */
export function alibabaClients(
  { url, port }: Gateway,
  credentials: AlibabaCredentials,
): readonly AlibabaClient[] {
  return [
    popCore(url, credentials, 'POST'),
    popCore(url, credentials, 'GET'),
    openApi(port, credentials, 'v3'),
    openApi(port, credentials, 'v2'),
    kms(port, credentials),
  ];
}

/** Signature 1.0, all parameters in a form or in the query. */
function popCore(
  endpoint: string,
  credentials: AlibabaCredentials,
  method: 'GET' | 'POST',
): AlibabaClient {
  const { RPCClient } = load('@alicloud/pop-core') as PopCore;
  const client = new RPCClient({ endpoint, apiVersion: '2016-01-20', ...credentials });
  return {
    name: `pop-core ${method}`,
    request: (action, params) =>
      client.request(action, { RegionId: 'cn-hangzhou', ...params }, { method }),
  };
}

/** The generic client of the current generation: ACS3-HMAC-SHA256, or 1.0 by its option `v2`. */
function openApi(
  port: number,
  credentials: AlibabaCredentials,
  signature: 'v3' | 'v2',
): AlibabaClient {
  const sdk = load('@alicloud/openapi-client') as OpenApi;
  const { RuntimeOptions } = load('@alicloud/tea-util') as { readonly RuntimeOptions: Model };
  const client = new sdk.default(
    new sdk.Config({
      ...credentials,
      endpoint: `127.0.0.1:${port}`,
      protocol: 'HTTP',
      ...(signature === 'v2' ? { signatureAlgorithm: 'v2' } : {}),
    }),
  );
  return {
    name: `openapi-client ${signature}`,
    async request(action, query) {
      const params = new sdk.Params({
        action,
        version: '2016-01-20',
        protocol: 'HTTP',
        pathname: '/',
        method: 'POST',
        authType: 'AK',
        style: 'RPC',
        reqBodyType: 'formData',
        bodyType: 'json',
      });
      const request = new sdk.OpenApiRequest({ query });
      return (await client.callApi(params, request, new RuntimeOptions({}))).body;
    },
  };
}

/** The generated client on npm: signature 1.0 in the query, context members as parameters. */
function kms(port: number, credentials: AlibabaCredentials): AlibabaClient {
  const sdk = load('@alicloud/kms20160120') as Readonly<Record<string, unknown>>;
  const Client = sdk['default'] as new (
    config: object,
  ) => Readonly<Record<string, (request: object) => Promise<unknown>>>;
  const rpc = load('@alicloud/kms20160120/package.json') as { readonly version: string };
  const client = new Client({
    ...credentials,
    regionId: 'cn-hangzhou',
    type: credentials.securityToken === undefined ? 'access_key' : 'sts',
    endpoint: `127.0.0.1:${port}`,
    protocol: 'http',
  });
  const methodOf = (action: string): string =>
    `${action.charAt(0).toLowerCase()}${action.slice(1)}`;
  return {
    name: `kms20160120 ${rpc.version}`,
    async request(action, params) {
      const Request = sdk[`${action}Request`] as Generated;
      const wire = Object.entries(Request.names?.() ?? {});
      const map = Object.fromEntries(
        Object.entries(params).map(([name, value]) => {
          const member = wire.find(([, spelled]) => spelled === name)?.[0];
          if (member === undefined) throw new Error(`${action} has no ${name} in this client`);
          return [member, name === 'EncryptionContext' ? JSON.parse(value) : value];
        }),
      );
      return wireForm(await client[methodOf(action)]?.(new Request(map)));
    },
  };
}

/** An answer of the generated client under the names of the wire. */
function wireForm(value: unknown): Members {
  return unnamed(value) as Members;
}

function unnamed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unnamed);
  if (typeof value !== 'object' || value === null) return value;
  const { names } = value.constructor as { readonly names?: () => Record<string, string> };
  const wire = names?.() ?? {};
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, of]) => of !== undefined)
      .map(([member, of]) => [wire[member] ?? member, unnamed(of)]),
  );
}
