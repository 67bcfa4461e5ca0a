import type { KmsFault } from '@keyglot/core';
import {
  type Evidence,
  type EvidenceMark,
  header,
  type Outcome,
  sayFault,
  type WireRequest,
  type WireResponse,
} from '@keyglot/dialect';
import type { AwsCaller } from './call.js';
import { AWS_FAULTS } from './faults.js';
import { answer } from './wire.js';

/** Version of the STS query protocol, which marks a request as STS. @internal */
export const STS_VERSION = '2011-06-15';

/** The code of such a refusal is recorded, its text is not. */
function markOf(fault: string): EvidenceMark {
  return fault.endsWith('Inferred') ? 'inferred' : 'recorded';
}

const EVIDENCE: Evidence = {
  mark: 'documented',
  date: '2026-11-24',
  source: 'https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html',
};
const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';

/** The action of a query request, or undefined when the request is none of STS. @internal */
export function stsAction(request: WireRequest): string | undefined {
  const query = new URLSearchParams(request.head.query);
  const type = (header(request.head, 'content-type') ?? '').toLowerCase();
  const form = type.startsWith('application/x-www-form-urlencoded');
  const body = new URLSearchParams(form ? request.body.toString('utf8') : '');
  const get = (name: string): string | null => body.get(name) ?? query.get(name);
  return get('Version') === STS_VERSION ? (get('Action') ?? '') : undefined;
}

/** Writes the evidence of an answer for its header, when the request asks for it. @internal */
export type ShowEvidence = (evidence: Evidence) => string | undefined;

/** The answer of GetCallerIdentity, which tools call to see who they are. @internal */
export function callerIdentity(caller: AwsCaller, requestId: string, show: ShowEvidence): Outcome {
  const body =
    `<GetCallerIdentityResponse xmlns="${NAMESPACE}"><GetCallerIdentityResult>` +
    `<Arn>${xmlText(caller.arn)}</Arn><UserId>${xmlText(caller.userId)}</UserId>` +
    `<Account>${xmlText(caller.account)}</Account></GetCallerIdentityResult>` +
    `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>` +
    '</GetCallerIdentityResponse>';
  const response = xml(200, body, requestId, show(EVIDENCE));
  return { response, code: '', evidence: EVIDENCE };
}

/** Codes and statuses of the query protocol where they are not those of the JSON protocol. */
const ERRORS: ReadonlyMap<string, { readonly code: string; readonly evidence: Evidence }> = new Map(
  [
    [
      'UnrecognizedClient',
      'InvalidClientTokenId',
      'https://github.com/aws-azure-login/aws-azure-login/issues/251',
    ],
    [
      'SignatureMismatch',
      'SignatureDoesNotMatch',
      'https://github.com/hashicorp/terraform/issues/23701',
    ],
    [
      'SignatureRefused',
      'SignatureDoesNotMatch',
      'https://github.com/hashicorp/terraform/issues/23701',
    ],
    [
      'SignatureRefusedInferred',
      'SignatureDoesNotMatch',
      'https://github.com/hashicorp/terraform/issues/23701',
    ],
    ['TokenExpired', 'ExpiredToken', 'https://github.com/aws/aws-sdk-java-v2/issues/1649'],
  ].map(([fault = '', code = '', source = '']) => [
    fault,
    { code, evidence: { mark: markOf(fault), date: EVIDENCE.date, source } },
  ]),
);

/** An error of the query protocol. @internal */
export function stsError(
  thrown: KmsFault,
  action: string,
  requestId: string,
  show: ShowEvidence,
): Outcome {
  const said = sayFault(AWS_FAULTS, thrown, { operation: action, callerArn: '' });
  const own = ERRORS.get(thrown.code);
  const evidence = own?.evidence ?? said.evidence;
  const unknown = thrown.code === 'UnknownOperation';
  const code = unknown ? 'InvalidAction' : (own?.code ?? said.error.code.replace(/Exception$/, ''));
  const message = unknown
    ? `Could not find operation ${action} for version ${STS_VERSION}`
    : (said.error.message ?? '');
  const status = said.error.status >= 500 ? said.error.status : unknown ? 400 : 403;
  const body =
    `<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>Sender</Type><Code>${code}</Code>` +
    `<Message>${xmlText(message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
  return { response: xml(status, body, requestId, show(evidence)), code, evidence };
}

function xml(
  status: number,
  body: string,
  requestId: string,
  evidence: string | undefined,
): WireResponse {
  return answer(status, body, 'text/xml', requestId, evidence);
}

const ESCAPES: { readonly [character: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** Characters that XML 1.0 cannot hold in any form are left out. */
function xmlText(text: string): string {
  return text.replace(
    /[&<>"]|[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu,
    (found) => {
      return ESCAPES[found] ?? '';
    },
  );
}
