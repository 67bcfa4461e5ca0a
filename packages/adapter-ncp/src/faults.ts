import { KmsFault } from '@keyglot/core';
import type { Evidence, FaultCell, FaultTable, WireError } from '@keyglot/dialect';

/** Faults that only this dialect has. @internal */
export interface NcpFaults {
  UnknownUri: Record<never, never>;
  /** Not UTF-8, or otherwise not readable for the gateway in front of the service. */
  BadRequest: Record<never, never>;
  BodyTooLarge: Record<never, never>;
  /** Missing or wrong account signature. */
  AuthenticationFailed: Record<never, never>;
  /** Missing, expired or foreign token. */
  TokenRefused: Record<never, never>;
  /** `what` is for the log only: the service does not say it. */
  RequestInvalid: { readonly what: string };
  /** Illegal change of a state, or a thing in the wrong one. */
  StatusInvalid: Record<never, never>;
  VersionNotFound: Record<never, never>;
  /** The source address is not on the key's list. */
  AddressRefused: Record<never, never>;
}

/** Makes a fault of this dialect, with its details checked. @internal */
export function ncpFault<Code extends keyof NcpFaults>(
  code: Code,
  details: NcpFaults[Code],
): KmsFault<Code, NcpFaults[Code]> {
  return new KmsFault(code, details);
}

/** A request that the service calls `Invalid request`. @internal */
export function invalid(what: string): KmsFault<'RequestInvalid', { readonly what: string }> {
  return ncpFault('RequestInvalid', { what });
}

const DATE = '2026-11-24';
const GATEWAY_PAGE = 'https://api.ncloud-docs.com/docs/en/ai-application-service-apigateway';
const KMS_PAGE = 'https://api.ncloud-docs.com/docs/en/security-kms-overview';

const documented = (source: string): Evidence => ({ mark: 'documented', date: DATE, source });
const inferred = (source: string): Evidence => ({ mark: 'inferred', date: DATE, source });

function cell(evidence: Evidence, error: WireError): FaultCell<unknown, undefined> {
  return { evidence, say: () => error };
}

/** An error of the gateway in front of the service: numeric code, own envelope. */
function gateway(status: number, code: string, message: string): FaultCell<unknown, undefined> {
  return cell(documented(GATEWAY_PAGE), { status, code, message });
}

/** Codes and texts are documented; their HTTP statuses and when they come are inferred. */
function service(status: number, code: string, message: string): FaultCell<unknown, undefined> {
  return cell(inferred(KMS_PAGE), { status, code, message });
}

const INVALID_REQUEST = service(400, 'INVALID_REQUEST', 'Invalid request');
const INVALID_STATUS = service(422, 'UNPROCESSABLE_ENTITY', 'Invalid status');
const FORBIDDEN = service(403, 'FORBIDDEN', 'Forbidden');
const UNAUTHORIZED = service(401, 'UNAUTHORIZED', 'Unauthorized');
const UNKNOWN_URI = gateway(404, '300', 'Not Found Exception');

// Neither code is known; the sister product spells a missing thing NOT_EXIST_… See GAPS.md.
const NOT_FOUND = service(404, 'NOT_FOUND', 'Not found');
const CONFLICT = service(409, 'CONFLICT', 'Conflict');

/**
 * How the service says each fault. It has one text for each code and names nothing.
 *
 * @internal
 */
export const NCP_FAULTS: FaultTable<NcpFaults, undefined> = {
  UnknownUri: UNKNOWN_URI,
  BadRequest: gateway(400, '100', 'Bad Request Exception'),
  BodyTooLarge: gateway(413, '430', 'Request Entity Too Large'),
  AuthenticationFailed: gateway(401, '200', 'Authentication Failed'),
  TokenRefused: UNAUTHORIZED,
  RequestInvalid: INVALID_REQUEST,
  StatusInvalid: INVALID_STATUS,
  VersionNotFound: NOT_FOUND,
  AddressRefused: FORBIDDEN,
  KeyNotFound: NOT_FOUND,
  AliasNotFound: NOT_FOUND,
  KeyDisabled: INVALID_STATUS,
  KeyStateInvalid: INVALID_STATUS,
  KeyUsageInvalid: INVALID_REQUEST,
  KeyMismatch: INVALID_REQUEST,
  AlgorithmIncompatible: INVALID_REQUEST,
  CiphertextInvalid: INVALID_REQUEST,
  SignatureInvalid: INVALID_REQUEST,
  MacInvalid: INVALID_REQUEST,
  PlaintextTooLarge: INVALID_REQUEST,
  DigestLengthInvalid: INVALID_REQUEST,
  AlreadyExists: CONFLICT,
  IdentifierMalformed: NOT_FOUND,
  PageTokenInvalid: INVALID_REQUEST,
  LimitExceeded: gateway(429, '400', 'Quota Exceeded'),
  Conflict: CONFLICT,
  Unsupported: UNKNOWN_URI,
  InputInvalid: INVALID_REQUEST,
  AccessDenied: FORBIDDEN,
  Unavailable: gateway(503, '500', 'Endpoint Error'),
  Internal: service(500, 'INTERNAL_SERVER_ERROR', 'Server internal error'),
};
