import { KmsFault } from '@keyglot/core';
import type { Evidence, FaultCell, FaultTable, WireError } from '@keyglot/dialect';

/** Faults that only this dialect has. @internal */
export interface YandexFaults {
  Unauthenticated: { readonly message: string };
  /** One line for each problem, in the service's format. */
  Validation: { readonly problems: readonly string[] };
  /** The transcoder or the server could not read the request. */
  Transcoding: { readonly message: string };
  VersionNotFound: { readonly keyId: string; readonly versionId: string };
  VersionStateInvalid: { readonly versionId: string; readonly state: string };
  VersionNotScheduled: { readonly versionId: string };
  PrimaryVersion: { readonly versionId: string };
  DeletionProtected: { readonly id: string };
  OperationNotFound: { readonly id: string };
  EndpointNotFound: { readonly id: string };
  /** An operation of the published interface that is not served, or a name that it does not have. */
  MethodNotFound: { readonly method: string };
  /** No method has this path. */
  PathNotFound: Record<never, never>;
  BodyTooLarge: Record<never, never>;
}

/** Makes a fault of this dialect, with its details checked. @internal */
export function yandexFault<Code extends keyof YandexFaults>(
  code: Code,
  details: YandexFaults[Code],
): KmsFault<Code, YandexFaults[Code]> {
  return new KmsFault(code, details);
}

interface GrpcCode {
  readonly number: number;
  readonly http: number;
}

/** https://yandex.cloud/en/docs/api-design-guide/concepts/errors */
const CODES = {
  INVALID_ARGUMENT: { number: 3, http: 400 },
  NOT_FOUND: { number: 5, http: 404 },
  ALREADY_EXISTS: { number: 6, http: 409 },
  PERMISSION_DENIED: { number: 7, http: 403 },
  RESOURCE_EXHAUSTED: { number: 8, http: 429 },
  FAILED_PRECONDITION: { number: 9, http: 400 },
  ABORTED: { number: 10, http: 409 },
  UNIMPLEMENTED: { number: 12, http: 501 },
  INTERNAL: { number: 13, http: 500 },
  UNAVAILABLE: { number: 14, http: 503 },
  UNAUTHENTICATED: { number: 16, http: 401 },
} as const satisfies { readonly [name: string]: GrpcCode };

type CodeName = keyof typeof CODES;

/** The number of a status that a cell named. @internal */
export function grpcNumber(code: string): number {
  return isCode(code) ? CODES[code].number : CODES.INTERNAL.number;
}

function isCode(name: string): name is CodeName {
  return Object.hasOwn(CODES, name);
}

const DATE = '2026-11-24';
const ERRORS = 'https://yandex.cloud/en/docs/api-design-guide/concepts/errors';
const STATES = 'https://yandex.cloud/en/docs/kms/concepts/version';
const recorded = (source: string): Evidence => ({ mark: 'recorded', date: DATE, source });
const documented = (source: string): Evidence => ({ mark: 'documented', date: DATE, source });
/** Status from the page, text of ours: no message of KMS itself was ever published. */
const inferred = (source: string): Evidence => ({ mark: 'inferred', date: DATE, source });

const LONGEST_ECHO = 200;

/** Names that have no limit of their own are not echoed whole: a header of gRPC carries the text. */
function cut(name: string): string {
  return name.length <= LONGEST_ECHO ? name : `${name.slice(0, LONGEST_ECHO)}...`;
}

function cell<Details>(
  code: CodeName,
  evidence: Evidence,
  text: (details: Details) => string,
): FaultCell<Details, undefined> {
  const status = CODES[code].http;
  return { evidence, say: (details): WireError => ({ status, code, message: text(details) }) };
}

/**
 * How Yandex Cloud KMS says each fault. `code` is the name of the gRPC status; the HTTP status follows
 * from it, but for a body that the transcoder does not take.
 *
 * @internal
 */
export const YANDEX_FAULTS: FaultTable<YandexFaults, undefined> = {
  Unauthenticated: cell('UNAUTHENTICATED', documented(ERRORS), ({ message }) => message),
  Validation: cell(
    'INVALID_ARGUMENT',
    recorded('https://github.com/GoogleCloudPlatform/terraformer/issues/565'),
    ({ problems }) => ['Validation failed:', ...problems.map((one) => `  - ${one}`)].join('\n'),
  ),
  Transcoding: cell('INVALID_ARGUMENT', inferred(ERRORS), ({ message }) => message),
  KeyNotFound: cell('NOT_FOUND', inferred(ERRORS), ({ id }) => `Symmetric key ${id} not found`),
  VersionNotFound: cell(
    'NOT_FOUND',
    inferred(ERRORS),
    ({ keyId, versionId }) => `Version ${versionId} of symmetric key ${keyId} not found`,
  ),
  OperationNotFound: cell(
    'NOT_FOUND',
    inferred(ERRORS),
    ({ id }) => `Operation ${cut(id)} not found`,
  ),
  EndpointNotFound: cell(
    'NOT_FOUND',
    inferred(ERRORS),
    ({ id }) => `Endpoint ${cut(id)} not found`,
  ),
  PathNotFound: cell('NOT_FOUND', inferred(ERRORS), () => 'Not found'),
  AliasNotFound: cell('NOT_FOUND', inferred(ERRORS), ({ name }) => `${name} not found`),
  KeyDisabled: cell(
    'FAILED_PRECONDITION',
    inferred(STATES),
    ({ id }) => `Symmetric key ${id} is not active`,
  ),
  KeyStateInvalid: cell(
    'FAILED_PRECONDITION',
    inferred(STATES),
    ({ id }) => `Symmetric key ${id} is not active`,
  ),
  VersionStateInvalid: cell(
    'FAILED_PRECONDITION',
    inferred(STATES),
    ({ versionId }) => `Symmetric key version ${versionId} is not active`,
  ),
  VersionNotScheduled: cell(
    'FAILED_PRECONDITION',
    inferred(STATES),
    ({ versionId }) => `Symmetric key version ${versionId} is not scheduled for destruction`,
  ),
  PrimaryVersion: cell(
    'FAILED_PRECONDITION',
    inferred(STATES),
    ({ versionId }) => `Symmetric key version ${versionId} is primary and cannot be destroyed`,
  ),
  DeletionProtected: cell(
    'FAILED_PRECONDITION',
    inferred('https://yandex.cloud/en/docs/kms/concepts/key'),
    ({ id }) => `Symmetric key ${id} has deletion protection enabled`,
  ),
  // One text for everything that can be wrong with a ciphertext.
  CiphertextInvalid: cell('INVALID_ARGUMENT', inferred(STATES), () => 'Invalid ciphertext'),
  KeyMismatch: cell('INVALID_ARGUMENT', inferred(STATES), () => 'Invalid ciphertext'),
  KeyUsageInvalid: cell(
    'INVALID_ARGUMENT',
    inferred(ERRORS),
    ({ id }) => `Key ${id} cannot be used for this operation`,
  ),
  AlgorithmIncompatible: cell(
    'INVALID_ARGUMENT',
    inferred(ERRORS),
    ({ algorithm }) => `Algorithm ${algorithm} cannot be used with this key`,
  ),
  SignatureInvalid: cell('INVALID_ARGUMENT', inferred(ERRORS), () => 'Invalid signature'),
  MacInvalid: cell('INVALID_ARGUMENT', inferred(ERRORS), () => 'Invalid MAC'),
  PlaintextTooLarge: cell(
    'INVALID_ARGUMENT',
    inferred(ERRORS),
    ({ limitBytes }) => `Validation failed:\n  - plaintext: Field length must be <=${limitBytes}`,
  ),
  DigestLengthInvalid: cell(
    'INVALID_ARGUMENT',
    inferred(ERRORS),
    () => 'Validation failed:\n  - hash: Invalid length',
  ),
  IdentifierMalformed: cell(
    'INVALID_ARGUMENT',
    inferred(ERRORS),
    ({ id }) => `Invalid identifier ${id}`,
  ),
  PageTokenInvalid: cell(
    'INVALID_ARGUMENT',
    inferred(ERRORS),
    () => 'Validation failed:\n  - page_token: Invalid page token',
  ),
  InputInvalid: cell('INVALID_ARGUMENT', inferred(ERRORS), ({ reason }) => reason),
  AlreadyExists: cell('ALREADY_EXISTS', inferred(ERRORS), ({ id }) => `${id} already exists`),
  LimitExceeded: cell(
    'RESOURCE_EXHAUSTED',
    inferred('https://yandex.cloud/en/docs/kms/concepts/limits'),
    ({ what, limit }) => `The limit of ${limit} ${what} has been reached`,
  ),
  Conflict: cell(
    'ABORTED',
    inferred(ERRORS),
    () => 'The resource is being changed by another request',
  ),
  MethodNotFound: cell(
    'UNIMPLEMENTED',
    inferred('https://grpc.io/docs/guides/status-codes/'),
    ({ method }) => `Method not found: ${cut(method)}`,
  ),
  Unsupported: cell('UNIMPLEMENTED', inferred(ERRORS), ({ what }) => `${what} is not supported`),
  AccessDenied: cell(
    'PERMISSION_DENIED',
    recorded('https://github.com/yc-actions/yc-sls-container-deploy/issues/535'),
    () => 'Permission denied',
  ),
  BodyTooLarge: {
    // The transcoder buffers whole requests: Envoy's answer to one that is larger than its buffer.
    evidence: inferred(
      'https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/buffer_filter',
    ),
    say: () => ({ status: 413, code: 'RESOURCE_EXHAUSTED', message: 'Payload Too Large' }),
  },
  Unavailable: cell('UNAVAILABLE', documented(ERRORS), () => 'Service is unavailable'),
  Internal: cell('INTERNAL', documented(ERRORS), () => 'Internal error'),
};
