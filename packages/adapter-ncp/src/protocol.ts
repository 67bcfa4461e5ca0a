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
import { createAuthenticator, TOKEN_HEADER } from './authenticate.js';
import type { AnyNcpOperation, Data, NcpCall, NcpCaller } from './call.js';
import { answer, createDecoder, errorBody, pageOf, successBody } from './codec.js';
import { NCP_LAYOUT } from './envelope.js';
import { NCP_FAULTS, ncpFault } from './faults.js';
import { OPERATIONS } from './operations/index.js';
import { versionWireId } from './rotation.js';
import { runOperation } from './run.js';
import type { NcpSettings } from './settings.js';

/** The NCP dialect's steps of the pipeline. @internal */
export function createNcpProtocol(
  vault: Vault,
  settings: NcpSettings,
): Protocol<NcpCaller, AnyNcpOperation> {
  const authenticate = createAuthenticator(vault, settings);
  const decode = createDecoder(OPERATIONS);
  vault.namings.set('ncp', (_key, _number, fingerprint) => versionWireId(fingerprint));
  vault.layouts.set('ncp', NCP_LAYOUT);
  return {
    authenticate,
    decode,
    handle({ row, input, ignored }, caller, scope, request) {
      const { account = settings.account, region, route } = caller;
      const call: NcpCall = {
        vault: vault.sandboxes.in(scope.sandbox),
        settings,
        caller,
        route,
        scope,
        nowMs: scope.nowMs,
        realm: { dialect: 'ncp', tenant: account, region },
        tokenText: header(request.head, TOKEN_HEADER) ?? '',
        ignore(member) {
          // Made by our own decoder, and handed to the journal after the answer. A handler may run twice.
          const list = ignored as string[];
          if (!list.includes(member)) list.push(member);
        },
      };
      return runOperation(row, input, call);
    },
    encode(output, row, { route }, request) {
      const evidence = { ...row.evidence, source: pageOf(row.name, route.api) };
      // Handlers answer with the members of `data`, or null.
      const body = successBody(route.api, output as Data);
      return { response: answer(200, body, shown(request, evidence)), code: '', evidence };
    },
    refuse(thrown, _row, _caller, request) {
      const { error, evidence } = sayFault(NCP_FAULTS, thrown, undefined);
      const response = answer(error.status, errorBody(error), shown(request, evidence));
      return { response, code: error.code, evidence };
    },
  };
}

/** The fault of a body that is larger than any operation takes. @internal */
export function bodyTooLarge(): KmsFault {
  return ncpFault('BodyTooLarge', {});
}

function shown(request: WireRequest, evidence: Evidence): string | undefined {
  return header(request.head, EVIDENCE_HEADER) === undefined ? undefined : evidenceText(evidence);
}
