import { isUtf8 } from 'node:buffer';
import type { Vault } from '@keyglot/core';
import {
  type Decoded,
  type Evidence,
  type Outcome,
  type Protocol,
  sayFault,
  type WireError,
  type WireRequest,
  type WireResponse,
} from '@keyglot/dialect';
import { anonymous, createAuthenticator, type YandexSettings } from './authenticate.js';
import type { YandexCaller } from './call.js';
import { rowOf } from './coverage.js';
import { grpcNumber, YANDEX_FAULTS, yandexFault } from './faults.js';
import { readMembers, writeJson } from './json.js';
import { REQUEST_INFO, STATUS } from './messages.js';
import { fullName } from './methods.js';
import { isDefault } from './protobuf.js';
import { routeOf } from './route.js';
import { metadataOf, requestIdOf, runOperation, type Served } from './run.js';
import type { Values } from './schema.js';
import { requireValid } from './validate.js';

/** The REST side: what a gRPC-JSON transcoder in front of the service makes of a call. @internal */
export function createRestProtocol(
  vault: Vault,
  settings: YandexSettings,
): Protocol<YandexCaller, Served> {
  const authenticate = createAuthenticator(vault, settings);

  return {
    authenticate(request, scope) {
      // What is no method is refused in front of the service, before anybody looks at tokens.
      const route = routeOf(request.head.method, request.head.path);
      return route === undefined || route.method.anonymous
        ? anonymous(request)
        : authenticate(request, scope);
    },
    decode,
    handle: ({ row, input }, caller, scope, request) =>
      runOperation(vault, settings, row.operation, input, { caller, scope, request }),
    encode(output, row, _caller, request) {
      const { evidence } = row.operation;
      const { response: message } = row.method;
      // Handlers answer with the values of their method's answer.
      const body = message === undefined ? '{}' : writeJson(message, output as Values);
      return { response: answer(200, body, request, evidence), code: '', evidence };
    },
    operationOf({ head }) {
      const route = routeOf(head.method, head.path);
      return route === undefined ? '' : fullName(route.method);
    },
    refuse(thrown, _row, _caller, request): Outcome {
      const { error, evidence } = sayFault(YANDEX_FAULTS, thrown, undefined);
      const body = writeJson(STATUS, statusOf(error, request));
      return {
        response: answer(error.status, body, request, evidence),
        code: error.code,
        evidence,
      };
    },
  };
}

/** The `google.rpc.Status` of an error. @internal */
export function statusOf(error: WireError, request: WireRequest): Values {
  const info = { message: REQUEST_INFO, values: { requestId: requestIdOf(request) } };
  return { code: grpcNumber(error.code), message: error.message ?? '', details: [info] };
}

/** Path, query and body as one message; the path wins over the others. */
function decode(request: WireRequest): Decoded<Served> {
  const { head } = request;
  const route = routeOf(head.method, head.path);
  if (route === undefined) throw yandexFault('PathNotFound', {});
  const { method, binding, variable } = route;
  const operation = rowOf(method);
  if (operation === undefined || method.request === undefined) {
    throw yandexFault('MethodNotFound', { method: fullName(method) });
  }
  const fromQuery = readMembers(method.request, binding.body ? [] : queryOf(head.query), true);
  const fromBody = readMembers(method.request, binding.body ? bodyOf(request.body) : [], false);
  const values: Record<string, unknown> = { ...fromQuery.values, ...fromBody.values };
  const field = method.request.fields.find(({ name }) => name === variable);
  if (field !== undefined && !isDefault(route.value)) values[field.jsonName] = route.value;
  requireValid(method.request, values);
  const ignored = [...fromQuery.ignored, ...fromBody.ignored];
  if (binding.body && head.query !== '') ignored.push('?');
  if (!binding.body && request.body.length > 0) ignored.push('<body>');
  const row = { name: fullName(method), method, operation };
  return { row, input: values, ignored };
}

function queryOf(query: string): Iterable<readonly [string, string]> {
  return query === '' ? [] : new URLSearchParams(query);
}

/** JSON whatever the content type says: published scripts send it as a form. */
function bodyOf(body: Buffer): readonly (readonly [string, unknown])[] {
  if (body.length === 0) return [];
  const parsed = parse(body);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw yandexFault('Transcoding', { message: 'Request body is not a JSON object' });
  }
  return Object.entries(parsed);
}

function parse(body: Buffer): unknown {
  if (!isUtf8(body)) throw notJson();
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw notJson();
  }
}

function notJson(): Error {
  return yandexFault('Transcoding', { message: 'Request body is not valid JSON' });
}

function answer(
  status: number,
  body: string,
  request: WireRequest,
  evidence: Evidence,
): WireResponse {
  const headers = ['Content-Type', 'application/json'];
  headers.push('Content-Length', String(Buffer.byteLength(body)), ...metadataOf(request, evidence));
  return { status, headers, body };
}
