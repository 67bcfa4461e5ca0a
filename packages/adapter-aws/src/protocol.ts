import { fault, type Vault } from '@keyglot/core';
import {
  EVIDENCE_HEADER,
  type Evidence,
  evidenceText,
  header,
  type Protocol,
  sayFault,
  type WireRequest,
} from '@keyglot/dialect';
import { type AwsSettings, createAuthenticator } from './authenticate.js';
import type { AnyAwsOperation, AwsCall, AwsCaller } from './call.js';
import { createDecoder, requireProtocol, targetOperation } from './decode.js';
import { doDueWork } from './dueWork.js';
import { AWS_FAULTS, awsFault } from './faults.js';
import { layoutOf } from './layouts.js';
import { AWS_PROFILE } from './profiles/aws.js';
import { QKMS_PROFILE } from './profiles/qkms.js';
import { runOperation } from './run.js';
import { callerIdentity, stsAction, stsError } from './sts.js';
import { jsonAnswer, jsonError } from './wire.js';

/** A row of the JSON protocol, or the one action of the query protocol. @internal */
export type Row =
  | { readonly protocol: 'json'; readonly name: string; readonly operation: AnyAwsOperation }
  | { readonly protocol: 'query'; readonly name: string };

/** The AWS dialect's steps of the pipeline: JSON 1.1 for KMS, the query protocol for STS. @internal */
export function createAwsProtocol(vault: Vault, settings: AwsSettings): Protocol<AwsCaller, Row> {
  const authenticate = createAuthenticator(vault, settings);
  for (const profile of [AWS_PROFILE, QKMS_PROFILE]) {
    const { name } = profile;
    vault.namings.set(name, (_key, _number, fingerprint) => fingerprint.toString('hex'));
    vault.duties.set(name, doDueWork);
    vault.layouts.set(name, layoutOf(profile));
  }
  const decodeJson = createDecoder();

  return {
    authenticate(request, scope) {
      if (queryAction(request) !== undefined) return authenticate(request, scope, 'sts', '');
      requireProtocol(request);
      return authenticate(request, scope, 'kms', targetOperation(request));
    },
    decode(request, caller) {
      const action = queryAction(request);
      if (action === undefined) {
        const { row, input, ignored } = decodeJson(request, caller);
        return { row: { protocol: 'json', name: row.name, operation: row }, input, ignored };
      }
      if (action !== 'GetCallerIdentity') throw awsFault('UnknownOperation', {});
      return { row: { protocol: 'query', name: action }, input: undefined, ignored: [] };
    },
    handle({ row, input }, caller, scope, { requestId }) {
      if (row.protocol === 'query') return undefined;
      const call: AwsCall = {
        vault: vault.sandboxes.in(scope.sandbox),
        caller,
        profile: caller.profile,
        realm: caller.realm,
        scope,
        nowMs: scope.nowMs,
        operation: row.name,
        requestId,
        auth: settings.auth,
      };
      return runOperation(row.operation, input, call);
    },
    encode(output, row, caller, request) {
      if (row.protocol === 'query') {
        return callerIdentity(caller, request.requestId, (shown) => shownEvidence(request, shown));
      }
      const { evidence } = row.operation;
      // Handlers of the JSON protocol answer with an object or nothing.
      const members = output as Record<string, unknown> | undefined;
      const body =
        members === undefined ? '' : JSON.stringify(caller.profile.decorate(row.name, members));
      const shown = shownEvidence(request, evidence);
      return { response: jsonAnswer(200, body, request.requestId, shown), code: '', evidence };
    },
    operationOf: (request) => queryAction(request) ?? targetOperation(request),
    refuse(thrown, row, caller, request) {
      const action = queryAction(request);
      if (action !== undefined) {
        return stsError(thrown, action, request.requestId, (shown) =>
          shownEvidence(request, shown),
        );
      }
      const operation = row?.name ?? targetOperation(request);
      const said = sayFault(AWS_FAULTS, thrown, { operation, callerArn: caller?.arn ?? '' });
      const shown = shownEvidence(request, said.evidence);
      const code = caller?.profile.codeOf(operation, said.error.code) ?? said.error.code;
      const response = jsonError({ ...said.error, code }, request.requestId, shown);
      return { response, code, evidence: said.evidence };
    },
  };
}

/** What a request of the query protocol asks for; the target header marks the JSON protocol. */
function queryAction(request: WireRequest): string | undefined {
  if (header(request.head, 'x-amz-target') !== undefined) return undefined;
  return stsAction(request);
}

function shownEvidence(request: WireRequest, evidence: Evidence): string | undefined {
  return header(request.head, EVIDENCE_HEADER) === undefined ? undefined : evidenceText(evidence);
}

/** The fault of a body that is larger than any operation takes. @internal */
export function bodyTooLarge(): Error {
  return awsFault('BodyTooLarge', {});
}

/** The fault of a request that could not be served at all. @internal */
export function unavailable(what: string): Error {
  return fault('Unavailable', { what });
}
