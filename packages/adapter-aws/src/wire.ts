import type { WireError, WireResponse } from '@keyglot/dialect';

/** Names of the errors whose text member has a capital letter, as recorded. */
const CAPITAL_MESSAGE = new Set(['AccessDeniedException', 'SerializationException']);

/** An answer of the JSON protocol; operations without output answer with an empty body. @internal */
export function jsonAnswer(
  status: number,
  body: string,
  requestId: string,
  evidence: string | undefined,
): WireResponse {
  return answer(status, body, 'application/x-amz-json-1.1', requestId, evidence);
}

/**
 * An error of the JSON protocol. The bare name goes into the body, because boto3 reads it only there;
 * `x-amzn-query-error` is never sent, because it would hide the name from boto3.
 *
 * @internal
 */
export function jsonError(
  error: WireError,
  requestId: string,
  evidence: string | undefined,
): WireResponse {
  if (error.status === 404) {
    // What the same stack answers to requests outside its protocol; recorded on DynamoDB.
    const body = '<UnknownOperationException/>\n';
    return answer(404, body, 'application/xml', requestId, evidence);
  }
  const member = CAPITAL_MESSAGE.has(error.code) ? 'Message' : 'message';
  const body =
    error.message === undefined
      ? { __type: error.code }
      : { __type: error.code, [member]: error.message };
  return jsonAnswer(error.status, JSON.stringify(body), requestId, evidence);
}

/** Headers of KMS, recorded in https://github.com/erlcloud/erlcloud/issues/644 @internal */
export function answer(
  status: number,
  body: string,
  contentType: string,
  requestId: string,
  evidence: string | undefined,
): WireResponse {
  const headers = [
    'x-amzn-RequestId',
    requestId,
    'Cache-Control',
    'no-cache, no-store, must-revalidate, private',
    'Expires',
    '0',
    'Pragma',
    'no-cache',
    'Content-Type',
    contentType,
    'Content-Length',
    String(Buffer.byteLength(body)),
  ];
  if (evidence !== undefined) headers.push('x-keyglot-evidence', evidence);
  return { status, headers, body };
}
