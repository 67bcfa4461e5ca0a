import type { Vault } from '@keyglot/core';
import {
  type Decoded,
  type Protocol,
  type RpcAnswer,
  sayFault,
  type WireRequest,
} from '@keyglot/dialect';
import { anonymous, createAuthenticator, type YandexSettings } from './authenticate.js';
import type { YandexCaller } from './call.js';
import { rowOf } from './coverage.js';
import { grpcNumber, YANDEX_FAULTS, yandexFault } from './faults.js';
import { STATUS } from './messages.js';
import { fullName } from './methods.js';
import { type Parsed, parseMessage, serializeMessage } from './protobuf.js';
import { statusOf } from './rest.js';
import { methodOf } from './route.js';
import { metadataOf, runOperation, type Served } from './run.js';
import type { Message, Values } from './schema.js';
import { requireValid } from './validate.js';

/** The gRPC side, from the same rows as REST. @internal */
export function createRpcProtocol(
  vault: Vault,
  settings: YandexSettings,
): Protocol<YandexCaller, Served, RpcAnswer> {
  const authenticate = createAuthenticator(vault, settings);

  return {
    authenticate(request, scope) {
      const method = methodOf(request.head.path);
      return method === undefined || method.anonymous
        ? anonymous(request)
        : authenticate(request, scope);
    },
    decode,
    handle: ({ row, input }, caller, scope, request) =>
      runOperation(vault, settings, row.operation, input, { caller, scope, request }),
    encode(output, row, _caller, request) {
      const { evidence } = row.operation;
      const { response: type } = row.method;
      // Handlers answer with the values of their method's answer.
      const message = type === undefined ? EMPTY : serializeMessage(type, output as Values);
      const metadata = metadataOf(request, evidence);
      const response = { ...SUCCESS, metadata, message };
      return { response, code: '', evidence };
    },
    operationOf: ({ head }) => head.path.slice(1),
    refuse(thrown, _row, _caller, request) {
      const { error, evidence } = sayFault(YANDEX_FAULTS, thrown, undefined);
      const response: RpcAnswer = {
        status: error.status,
        grpcStatus: grpcNumber(error.code),
        grpcMessage: error.message ?? '',
        details: serializeMessage(STATUS, statusOf(error, request)),
        metadata: metadataOf(request, evidence),
        message: EMPTY,
      };
      return { response, code: error.code, evidence };
    },
  };
}

const EMPTY = Buffer.alloc(0);
const SUCCESS = { status: 200, grpcStatus: 0, grpcMessage: '', details: undefined };

function decode(request: WireRequest): Decoded<Served> {
  const { path } = request.head;
  const method = methodOf(path);
  const operation = method && rowOf(method);
  if (method?.request === undefined || operation === undefined) {
    throw yandexFault('MethodNotFound', { method: path.slice(1) });
  }
  const { values, unknown } = parse(method.request, request.body);
  requireValid(method.request, values);
  return { row: { name: fullName(method), method, operation }, input: values, ignored: unknown };
}

function parse(message: Message, body: Buffer): Parsed {
  try {
    return parseMessage(message, body);
  } catch {
    throw yandexFault('Transcoding', { message: 'Request message is not valid' });
  }
}
