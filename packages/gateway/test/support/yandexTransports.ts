import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import loader, { type MessageTypeDefinition, type MethodDefinition } from '@grpc/proto-loader';
import type { YandexGateway } from './yandexGateway.js';

/** Members of a message in their JSON form; what proto3 cannot tell from absence is left out. */
export type Members = { readonly [name: string]: unknown };

/** What a call came to. */
export type Outcome =
  | { readonly code: 0; readonly value: Members }
  | { readonly code: number; readonly message: string };

/** One way to call the service; requests have the same form for all. */
export interface Transport {
  readonly name: 'REST' | 'gRPC';
  /** @param method for instance `SymmetricCryptoService/Encrypt` */
  call(method: string, request: Members, headers?: Record<string, string>): Promise<Outcome>;
  close(): void;
}

const PROTO_FOLDER = fileURLToPath(new URL('../../../adapter-yandex/proto', import.meta.url));
const PACKAGES: { readonly [service: string]: string } = {
  SymmetricCryptoService: 'yandex.cloud.kms.v1',
  SymmetricKeyService: 'yandex.cloud.kms.v1',
  OperationService: 'yandex.cloud.operation',
  ApiEndpointService: 'yandex.cloud.endpoint',
  IamTokenService: 'yandex.cloud.iam.v1',
};

/** https://yandex.cloud/en/docs/api-design-guide/concepts/errors */
const HTTP_STATUS: { readonly [code: number]: number } = {
  3: 400,
  5: 404,
  6: 409,
  7: 403,
  8: 429,
  9: 400,
  10: 409,
  12: 501,
  14: 503,
  16: 401,
};

/** Verb and path of each method; `{x}` is taken out of the request. */
const PATHS: { readonly [method: string]: readonly [verb: string, path: string] } = {
  'SymmetricCryptoService/Encrypt': ['POST', '/kms/v1/keys/{keyId}:encrypt'],
  'SymmetricCryptoService/Decrypt': ['POST', '/kms/v1/keys/{keyId}:decrypt'],
  'SymmetricCryptoService/ReEncrypt': ['POST', '/kms/v1/keys/{keyId}:reEncrypt'],
  'SymmetricCryptoService/GenerateDataKey': ['POST', '/kms/v1/keys/{keyId}:generateDataKey'],
  'SymmetricKeyService/Create': ['POST', '/kms/v1/keys'],
  'SymmetricKeyService/Get': ['GET', '/kms/v1/keys/{keyId}'],
  'SymmetricKeyService/List': ['GET', '/kms/v1/keys'],
  'SymmetricKeyService/ListVersions': ['GET', '/kms/v1/keys/{keyId}/versions'],
  'SymmetricKeyService/Update': ['PATCH', '/kms/v1/keys/{keyId}'],
  'SymmetricKeyService/Delete': ['DELETE', '/kms/v1/keys/{keyId}'],
  'SymmetricKeyService/Rotate': ['POST', '/kms/v1/keys/{keyId}:rotate'],
  'SymmetricKeyService/SetPrimaryVersion': ['POST', '/kms/v1/keys/{keyId}:setPrimaryVersion'],
  'SymmetricKeyService/ScheduleVersionDestruction': [
    'POST',
    '/kms/v1/keys/{keyId}:scheduleVersionDestruction',
  ],
  'SymmetricKeyService/CancelVersionDestruction': [
    'POST',
    '/kms/v1/keys/{keyId}:cancelVersionDestruction',
  ],
  'SymmetricKeyService/ListOperations': ['GET', '/kms/v1/keys/{keyId}/operations'],
  'OperationService/Get': ['GET', '/operations/{operationId}'],
  'OperationService/Cancel': ['GET', '/operations/{operationId}:cancel'],
  'ApiEndpointService/List': ['GET', '/endpoints'],
  'ApiEndpointService/Get': ['GET', '/endpoints/{apiEndpointId}'],
  'IamTokenService/Create': ['POST', '/iam/v1/tokens'],
};

/** What every client sends; without it a path like `/kms/v1/keys` could be another provider's. */
const ANY_TOKEN = 'Bearer any';

/** Calls over HTTP/1.1 and JSON. Every error must have the documented envelope and status. */
export function restTransport({ send }: YandexGateway): Transport {
  return {
    name: 'REST',
    async call(method, request, more = {}) {
      const headers = { authorization: ANY_TOKEN, ...more };
      const [verb, template] = PATHS[method] ?? ['POST', '/'];
      const rest = new Map(Object.entries(request));
      let path = template.replace(/\{(\w+)\}/, (_, name: string) => {
        const value = rest.get(name);
        rest.delete(name);
        return encodeURIComponent(String(value));
      });
      const inQuery = verb === 'GET' || verb === 'DELETE';
      if (inQuery && rest.size > 0) {
        const query = [...rest].map(([name, value]): [string, string] => [name, String(value)]);
        path += `?${new URLSearchParams(query)}`;
      }
      const body = inQuery ? '' : JSON.stringify(Object.fromEntries(rest));
      const answer = await send({ method: verb, path, headers, body });
      const value = JSON.parse(answer.text);
      if (answer.status === 200) return { code: 0, value: withoutDefaults(value) };
      const { code, message, details } = value;
      const requestId = answer.headers['x-request-id'];
      const info = { '@type': 'type.googleapis.com/google.rpc.RequestInfo', requestId };
      if (answer.status !== HTTP_STATUS[code] || !same(details, [info])) {
        throw new Error(`not an error of the service: ${answer.status} ${answer.text}`);
      }
      return { code, message };
    },
    close: () => undefined,
  };
}

const definitions = loader.loadSync(
  ['kms.proto', 'operation.proto', 'endpoint.proto', 'iam.proto', 'rpc.proto'],
  { includeDirs: [PROTO_FOLDER], longs: String, enums: String, bytes: Buffer, oneofs: false },
);

/** Calls over plaintext gRPC. Every error must carry the same status in its details. */
export function grpcTransport(
  { gateway }: YandexGateway,
  credentials: grpc.ChannelCredentials = grpc.credentials.createInsecure(),
  host = '127.0.0.1',
): Transport {
  const client = new grpc.Client(`${host}:${gateway.port}`, credentials);
  return {
    name: 'gRPC',
    call(method, request, more = {}) {
      const headers = { authorization: ANY_TOKEN, ...more };
      const [service = '', name = ''] = method.split('/');
      const definition = methodDefinition(service, name);
      const metadata = new grpc.Metadata();
      for (const [header, value] of Object.entries(headers)) metadata.set(header, value);
      return new Promise((resolve, reject) => {
        client.makeUnaryRequest<object, object>(
          definition?.path ?? `/${PACKAGES[service] ?? ''}.${method}`,
          definition?.requestSerialize ?? (() => Buffer.alloc(0)),
          definition?.responseDeserialize ?? (() => ({})),
          protoForm(request),
          metadata,
          (error, value) => {
            if (error === null) resolve({ code: 0, value: withoutDefaults(jsonForm(value ?? {})) });
            else if (sameStatus(error)) resolve({ code: error.code, message: error.details });
            else reject(error);
          },
        );
      });
    },
    close: () => client.close(),
  };
}

function methodDefinition(
  service: string,
  name: string,
): MethodDefinition<object, object> | undefined {
  const found = definitions[`${PACKAGES[service]}.${service}`];
  return found !== undefined && !('format' in found) ? found[name] : undefined;
}

function messageDefinition(name: string): MessageTypeDefinition<object, object> {
  const found = definitions[name];
  if (found === undefined || !('deserialize' in found)) throw new Error(`no message ${name}`);
  return found as MessageTypeDefinition<object, object>;
}

/** The status in the details has the same code and text, and says which request it was. */
function sameStatus(error: grpc.ServiceError): boolean {
  const [bytes] = error.metadata.get('grpc-status-details-bin');
  if (!Buffer.isBuffer(bytes)) return false;
  const status = jsonForm(messageDefinition('google.rpc.Status').deserialize(bytes));
  const requestId = error.metadata.get('x-request-id')[0];
  const info = { '@type': 'type.googleapis.com/google.rpc.RequestInfo', requestId };
  return same(status, { code: error.code, message: error.details, details: [info] });
}

/** JSON's form of a request as the generated code of gRPC takes it. */
function protoForm(request: Members): object {
  const out = new Map<string, unknown>();
  for (const [name, value] of Object.entries(request)) {
    if (/Period$/.test(name)) out.set(name, durationForm(String(value)));
    else if (name === 'updateMask') out.set(name, { paths: maskForm(String(value)) });
    else out.set(name, value);
  }
  return Object.fromEntries(out);
}

function maskForm(text: string): string[] {
  const paths = text === '' ? [] : text.split(',');
  return paths.map((path) => path.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
}

function durationForm(text: string): object {
  const [seconds = '0', decimals = ''] = text.replace('s', '').split('.');
  return { seconds, nanos: Number(decimals.padEnd(9, '0')) };
}

/** What the generated code gave, in JSON's form. */
function jsonForm(value: unknown): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value ?? {}).map(([name, member]) => [name, jsonValue(name, member)]),
  );
}

function jsonValue(name: string, value: unknown): unknown {
  if (Buffer.isBuffer(value)) return value.toString('base64');
  if (Array.isArray(value)) return value.map((one) => jsonValue(name, one));
  if (typeof value !== 'object' || value === null) return value;
  if ('type_url' in value && 'value' in value) {
    const url = String(value.type_url);
    const type = messageDefinition(url.slice(url.lastIndexOf('/') + 1));
    return { '@type': url, ...jsonForm(type.deserialize(value.value as Buffer)) };
  }
  if (/(?:At)$/.test(name)) return timestampText(value);
  if (/Period$/.test(name)) return `${'seconds' in value ? value.seconds : 0}s`;
  return jsonForm(value);
}

function timestampText(value: object): string {
  const seconds = Number('seconds' in value ? value.seconds : 0);
  const nanos = Number('nanos' in value ? value.nanos : 0);
  return new Date(seconds * 1_000 + nanos / 1e6).toISOString().replace('.000Z', 'Z');
}

function withoutDefaults(value: object): Members {
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => {
      const shown = Array.isArray(member)
        ? member.map((one) => (isRecord(one) ? withoutDefaults(one) : one))
        : isRecord(member)
          ? withoutDefaults(member)
          : member;
      const absent =
        shown === '' || shown === false || (Array.isArray(shown) && shown.length === 0);
      return absent ? [] : [[name, shown]];
    }),
  );
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
