import type { KmsFault, Vault } from '@keyglot/core';
import {
  EVIDENCE_HEADER,
  type Evidence,
  evidenceText,
  header,
  type Protocol,
  sayFault,
  type WireRequest,
} from '@keyglot/dialect';
import { createAuthenticator } from './authenticate.js';
import type { AlibabaCall, AlibabaCaller, AnyAlibabaOperation, Output } from './call.js';
import { createDecoder, operationNamed } from './decode.js';
import { ALIBABA_LAYOUT } from './envelope.js';
import { ALIBABA_FAULTS, alibabaFault } from './faults.js';
import { readingOf } from './reading.js';
import { runOperation } from './run.js';
import type { AlibabaSettings } from './settings.js';
import { refusal, success, type WireStyle } from './wire.js';

/** The steps of the pipeline for the RPC protocol, API version 2016-01-20. @internal */
export function createAlibabaProtocol(
  vault: Vault,
  settings: AlibabaSettings,
): Protocol<AlibabaCaller, AnyAlibabaOperation> {
  const authenticate = createAuthenticator(vault, settings);
  const decode = createDecoder();
  vault.namings.set('alibaba', ({ sandbox }) => vault.sandboxes.in(sandbox).entropy.uuid());
  vault.layouts.set('alibaba', ALIBABA_LAYOUT);

  const style = (request: WireRequest, operation: string, evidence: Evidence): WireStyle => ({
    format: readingOf(request).format,
    root: settings.xmlRoot === 'Response' && operation !== '' ? `${operation}Response` : 'KMS',
    requestId: request.requestId,
    evidence:
      header(request.head, EVIDENCE_HEADER) === undefined ? undefined : evidenceText(evidence),
  });

  return {
    authenticate(request, scope) {
      if (readingOf(request).broken) throw alibabaFault('ParametersUnreadable', {});
      return authenticate(request, scope);
    },
    decode: (request) => decode(request),
    handle({ row, input }, caller, scope) {
      const call: AlibabaCall = {
        vault: vault.sandboxes.in(scope.sandbox),
        caller,
        settings,
        realm: caller.realm,
        scope,
        nowMs: scope.nowMs,
        operation: row.name,
      };
      return runOperation(row, input, call);
    },
    encode(output, row, _caller, request) {
      const { evidence } = row;
      // Handlers answer with members or nothing.
      const members = output as Output;
      const response = success(members, style(request, row.name, evidence));
      return { response, code: '', evidence };
    },
    operationOf: (request) => operationNamed(readingOf(request).action),
    refuse(thrown, row, _caller, request) {
      const operation = row?.name ?? readingOf(request).action;
      const { error, evidence } = sayFault(ALIBABA_FAULTS, thrown, { operation });
      const host = header(request.head, 'host') ?? '';
      // A name that the client made up is no name of an element.
      const response = refusal(error, host, style(request, row?.name ?? '', evidence));
      return { response, code: error.code, evidence };
    },
  };
}

/** The fault of a body that is larger than any operation takes. @internal */
export function bodyTooLarge(): KmsFault {
  return alibabaFault('BodyTooLarge', {});
}
