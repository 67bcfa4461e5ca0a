import * as messages from './messages.js';
import type { Message } from './schema.js';

/** Where a method is found over REST. @internal */
export interface HttpBinding {
  readonly verb: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** With `{name}` for the one variable segment. */
  readonly path: string;
  /** Whether the body holds the message's members; else the query does. */
  readonly body: boolean;
}

/** One method of the published interface. Messages are there when the method is served. @internal */
export interface Method {
  readonly service: string;
  readonly name: string;
  readonly http: readonly HttpBinding[];
  readonly request: Message | undefined;
  readonly response: Message | undefined;
  /** Whether the official clients call it without a token. */
  readonly anonymous: boolean;
}

const KMS = 'yandex.cloud.kms.v1';
const KEYS = '/kms/v1/keys';
const KEY = `${KEYS}/{key_id}`;

interface Rest {
  readonly request?: Message;
  readonly response?: Message;
  readonly anonymous?: true;
}

function method(service: string, name: string, http: readonly HttpBinding[], rest: Rest): Method {
  const { request, response, anonymous = false } = rest;
  return { service, name, http, request, response, anonymous };
}

const get = (path: string): HttpBinding => ({ verb: 'GET', path, body: false });
const post = (path: string): HttpBinding => ({ verb: 'POST', path, body: true });
const patch = (path: string): HttpBinding => ({ verb: 'PATCH', path, body: true });
const remove = (path: string): HttpBinding => ({ verb: 'DELETE', path, body: false });

function symmetricCrypto(name: string, request: Message, response: Message): Method {
  const verb = name.charAt(0).toLowerCase() + name.slice(1);
  return method(`${KMS}.SymmetricCryptoService`, name, [post(`${KEY}:${verb}`)], {
    request,
    response,
  });
}

function symmetricKey(
  name: string,
  http: HttpBinding,
  request: Message,
  response: Message,
): Method {
  return method(`${KMS}.SymmetricKeyService`, name, [http], { request, response });
}

function accessBindings(service: string, base: string): readonly Method[] {
  const resource = `${base}/{resource_id}`;
  return [
    method(service, 'ListAccessBindings', [get(`${resource}:listAccessBindings`)], {}),
    method(service, 'SetAccessBindings', [post(`${resource}:setAccessBindings`)], {}),
    method(service, 'UpdateAccessBindings', [post(`${resource}:updateAccessBindings`)], {}),
  ];
}

function asymmetric(family: 'encryption' | 'signature'): readonly Method[] {
  const capital = family === 'encryption' ? 'Encryption' : 'Signature';
  const packageName = `${KMS}.asymmetric${family}`;
  const keys = `${packageName}.Asymmetric${capital}KeyService`;
  const crypto = `${packageName}.Asymmetric${capital}CryptoService`;
  const base = `/kms/v1/asymmetric${capital}Keys`;
  const key = `${base}/{key_id}`;
  const uses = family === 'encryption' ? ['decrypt'] : ['sign', 'signHash'];
  return [
    method(keys, 'Create', [post(base)], {}),
    method(keys, 'Get', [get(key)], {}),
    method(keys, 'List', [get(base)], {}),
    method(keys, 'Update', [patch(key)], {}),
    method(keys, 'Delete', [remove(key)], {}),
    method(keys, 'ListOperations', [get(`${key}/operations`)], {}),
    ...accessBindings(keys, base),
    ...uses.map((use) =>
      method(crypto, use.charAt(0).toUpperCase() + use.slice(1), [post(`${key}:${use}`)], {}),
    ),
    method(crypto, 'GetPublicKey', [get(`${key}/publicKey`)], {}),
  ];
}

/**
 * Every method of the services that clients of KMS call.
 *
 * @see https://github.com/yandex-cloud/cloudapi
 * @internal
 */
export const METHODS: readonly Method[] = Object.freeze([
  symmetricCrypto('Encrypt', messages.ENCRYPT_REQUEST, messages.ENCRYPT_RESPONSE),
  symmetricCrypto('Decrypt', messages.DECRYPT_REQUEST, messages.DECRYPT_RESPONSE),
  symmetricCrypto('ReEncrypt', messages.RE_ENCRYPT_REQUEST, messages.RE_ENCRYPT_RESPONSE),
  symmetricCrypto(
    'GenerateDataKey',
    messages.GENERATE_DATA_KEY_REQUEST,
    messages.GENERATE_DATA_KEY_RESPONSE,
  ),
  symmetricKey('Create', post(KEYS), messages.CREATE_KEY_REQUEST, messages.OPERATION),
  symmetricKey('Get', get(KEY), messages.GET_KEY_REQUEST, messages.SYMMETRIC_KEY),
  symmetricKey('List', get(KEYS), messages.LIST_KEYS_REQUEST, messages.LIST_KEYS_RESPONSE),
  symmetricKey(
    'ListVersions',
    get(`${KEY}/versions`),
    messages.LIST_VERSIONS_REQUEST,
    messages.LIST_VERSIONS_RESPONSE,
  ),
  symmetricKey('Update', patch(KEY), messages.UPDATE_KEY_REQUEST, messages.OPERATION),
  symmetricKey('Delete', remove(KEY), messages.DELETE_KEY_REQUEST, messages.OPERATION),
  symmetricKey(
    'SetPrimaryVersion',
    post(`${KEY}:setPrimaryVersion`),
    messages.SET_PRIMARY_REQUEST,
    messages.OPERATION,
  ),
  symmetricKey(
    'ScheduleVersionDestruction',
    post(`${KEY}:scheduleVersionDestruction`),
    messages.SCHEDULE_DESTRUCTION_REQUEST,
    messages.OPERATION,
  ),
  symmetricKey(
    'CancelVersionDestruction',
    post(`${KEY}:cancelVersionDestruction`),
    messages.CANCEL_DESTRUCTION_REQUEST,
    messages.OPERATION,
  ),
  // The one POST whose binding has no body.
  symmetricKey(
    'Rotate',
    { ...post(`${KEY}:rotate`), body: false },
    messages.ROTATE_KEY_REQUEST,
    messages.OPERATION,
  ),
  method(`${KMS}.SymmetricKeyService`, 'ListOperations', [get(`${KEY}/operations`)], {}),
  ...accessBindings(`${KMS}.SymmetricKeyService`, KEYS),
  ...asymmetric('encryption'),
  ...asymmetric('signature'),
  method('yandex.cloud.operation.OperationService', 'Get', [get('/operations/{operation_id}')], {
    request: messages.GET_OPERATION_REQUEST,
    response: messages.OPERATION,
  }),
  method(
    'yandex.cloud.operation.OperationService',
    'Cancel',
    // The interface says GET, the design guide POST.
    [get('/operations/{operation_id}:cancel'), post('/operations/{operation_id}:cancel')],
    {},
  ),
  method('yandex.cloud.endpoint.ApiEndpointService', 'Get', [get('/endpoints/{api_endpoint_id}')], {
    request: messages.GET_ENDPOINT_REQUEST,
    response: messages.API_ENDPOINT,
    anonymous: true,
  }),
  method('yandex.cloud.endpoint.ApiEndpointService', 'List', [get('/endpoints')], {
    request: messages.LIST_ENDPOINTS_REQUEST,
    response: messages.LIST_ENDPOINTS_RESPONSE,
    anonymous: true,
  }),
  method('yandex.cloud.iam.v1.IamTokenService', 'Create', [post('/iam/v1/tokens')], {
    request: messages.CREATE_TOKEN_REQUEST,
    response: messages.CREATE_TOKEN_RESPONSE,
    anonymous: true,
  }),
  method(
    'yandex.cloud.iam.v1.IamTokenService',
    'CreateForServiceAccount',
    [post('/iam/v1/tokens:createForServiceAccount')],
    {},
  ),
  method('yandex.cloud.iam.v1.IamTokenService', 'Revoke', [post('/iam/v1/tokens:revoke')], {}),
]);

/** `yandex.cloud.kms.v1.SymmetricCryptoService/Encrypt`: what gRPC calls a method. @internal */
export function fullName({ service, name }: Pick<Method, 'service' | 'name'>): string {
  return `${service}/${name}`;
}

/** `SymmetricCryptoService/Encrypt`, with the package where two share a service's name. @internal */
export function shortName({ service, name }: Pick<Method, 'service' | 'name'>): string {
  return `${service.slice(service.lastIndexOf('.') + 1)}/${name}`;
}
