import type { Scope, Vault } from '@keyglot/core';
import {
  EVIDENCE_HEADER,
  type Evidence,
  evidenceText,
  header,
  type WireRequest,
} from '@keyglot/dialect';
import type { YandexSettings } from './authenticate.js';
import type { AnyYandexOperation, YandexCaller } from './call.js';
import type { Method } from './methods.js';
import type { Values } from './schema.js';

/** A method with the row that serves it. @internal */
export interface Served {
  readonly name: string;
  readonly method: Method;
  readonly operation: AnyYandexOperation;
}

const REQUEST_ID = /^[A-Za-z0-9-]{1,64}$/;

/**
 * Runs one operation: resolve, check, act. Roles are not evaluated yet: every caller that is let in may
 * do everything.
 *
 * @internal
 */
export function runOperation(
  vault: Vault,
  settings: YandexSettings,
  operation: AnyYandexOperation,
  input: unknown,
  who: { readonly caller: YandexCaller; readonly scope: Scope; readonly request: WireRequest },
): Values | Promise<Values> {
  const { caller, scope, request } = who;
  const call = {
    vault: vault.sandboxes.in(scope.sandbox),
    settings,
    caller,
    scope,
    nowMs: scope.nowMs,
    receivedAtMs: request.receivedAtMs,
    host: header(request.head, 'host') ?? '',
    idempotencyKey: header(request.head, 'idempotency-key') ?? '',
  };
  // Validated against the method's own message, which the row's input type repeats.
  const typed = input as never;
  // Handed only to the row that made it.
  const resolved = operation.resolve(typed, call) as never;
  for (const check of operation.checks) check(resolved, typed, call);
  return operation.handle(typed, resolved, call);
}

/** The id that clients are told: their own when they sent one. @internal */
export function requestIdOf(request: WireRequest): string {
  const given = header(request.head, 'x-request-id');
  return given !== undefined && REQUEST_ID.test(given) ? given : request.requestId;
}

/** Names and values of what every answer carries beside its body. @internal */
export function metadataOf(request: WireRequest, evidence: Evidence): string[] {
  const metadata = ['x-request-id', requestIdOf(request), 'x-server-trace-id', request.requestId];
  if (header(request.head, EVIDENCE_HEADER) !== undefined) {
    metadata.push(EVIDENCE_HEADER, evidenceText(evidence));
  }
  return metadata;
}
