import { isUtf8 } from 'node:buffer';
import {
  createValidators,
  type WireError,
  type WireRequest,
  type WireResponse,
} from '@keyglot/dialect';
import type { AnyNcpOperation, Data, InputForm, NcpCaller } from './call.js';
import { invalid, ncpFault } from './faults.js';
import { SHAPES } from './model.js';
import { type Api, type OperationName, ROUTES, type RouteRow } from './routes.js';

type Members = { readonly [member: string]: unknown };

/** A request, as far as it could be read. @internal */
export interface DecodedRequest {
  readonly row: AnyNcpOperation;
  readonly input: unknown;
  readonly ignored: string[];
}

/**
 * Builds the decoder: JSON whatever the content type says, because the documentation's own curl lines
 * send none; for the list a query.
 *
 * @internal
 */
export function createDecoder(
  rows: readonly AnyNcpOperation[],
): (request: WireRequest, caller: NcpCaller) => DecodedRequest {
  const validatorOf = createValidators(SHAPES);
  const byName = new Map(rows.map((row) => [row.name, row]));

  return (request, { route, region }) => {
    const row = byName.get(route.name);
    // Known to the reference and not answered yet: as an address that the service does not have.
    if (row === undefined) throw ncpFault('UnknownUri', {});
    const { input } = row;
    const given = read(request, input);
    const members = input.normalise?.(given) ?? given;
    const result = validatorOf(input.shape(members, region))(members);
    if (!result.ok) throw invalid(`the input of ${row.name} breaks a rule`);
    return { row, input: result.value, ignored: [...result.ignored] };
  };
}

function read(request: WireRequest, { from }: InputForm): Members {
  if (from === 'nothing') return {};
  return from === 'query' ? queryMembers(request.head.query) : bodyMembers(request.body);
}

function bodyMembers(body: Buffer): Members {
  if (body.length === 0) return {};
  if (!isUtf8(body)) throw ncpFault('BadRequest', {});
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    throw invalid('the body is no JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid('the body is no JSON object');
  }
  // Just found to be one.
  return value as Members;
}

/** The members of a query; digits are numbers, and of a repeated name the first counts. */
function queryMembers(query: string): Members {
  const members = new Map<string, string | number>();
  for (const [name, value] of new URLSearchParams(query)) {
    if (!members.has(name)) members.set(name, /^\d{1,9}$/.test(value) ? Number(value) : value);
  }
  return Object.fromEntries(members);
}

/** The success envelope: API 1.0 has a `msg` more. @internal */
export function successBody(api: Api, data: Data): string {
  return JSON.stringify(
    api === '1.0' ? { code: 'SUCCESS', msg: '', data } : { code: 'SUCCESS', data },
  );
}

const GATEWAY_CODE = /^\d{3}$/;

/**
 * The error envelopes: that of the gateway for numeric codes, else that of the service. Both APIs use
 * both.
 *
 * @see https://api.ncloud-docs.com/docs/en/ai-application-service-apigateway
 * @internal
 */
export function errorBody({ code, message }: WireError): string {
  if (GATEWAY_CODE.test(code)) {
    return JSON.stringify({ error: { errorCode: code, message: message ?? '' } });
  }
  return JSON.stringify({ code, msg: message ?? '', data: null });
}

/** An answer. No request id is sent: nothing says that the service has one. @internal */
export function answer(status: number, body: string, evidence: string | undefined): WireResponse {
  const headers = [
    'Content-Type',
    'application/json;charset=UTF-8',
    'Content-Length',
    String(Buffer.byteLength(body)),
  ];
  if (evidence !== undefined) headers.push('x-keyglot-evidence', evidence);
  return { status, headers, body };
}

/** Address of the page that an operation was taken from. @internal */
export function pageOf(name: OperationName, api: Api): string {
  const { page, page1 }: RouteRow = ROUTES[name];
  return `https://api.ncloud-docs.com/docs/en/${api === '1.0' ? (page1 ?? page) : page}`;
}
