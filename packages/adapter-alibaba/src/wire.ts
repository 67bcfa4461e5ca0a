import type { WireError, WireResponse } from '@keyglot/dialect';
import type { Format } from './reading.js';

/** How an answer is to be written. @internal */
export interface WireStyle {
  readonly format: Format;
  /** Root element of XML. */
  readonly root: string;
  readonly requestId: string;
  readonly evidence: string | undefined;
}

/** An answer of an operation: its members and the request id. @internal */
export function success(
  members: Readonly<Record<string, unknown>> | undefined,
  style: WireStyle,
): WireResponse {
  return answer(200, { ...members, RequestId: style.requestId }, style);
}

/**
 * A refusal: the members of the KMS pages together with those of the RPC gateway, because the clients'
 * error types read either.
 *
 * @see https://www.alibabacloud.com/help/doc-detail/69008.htm
 * @internal
 */
export function refusal(error: WireError, host: string, style: WireStyle): WireResponse {
  const { status, code, message = '' } = error;
  const query = `q=${encodeURIComponent(code)}&product=Kms&requestId=${style.requestId}`;
  return answer(
    status,
    {
      HttpStatus: status,
      RequestId: style.requestId,
      HostId: host,
      Code: code,
      Message: message,
      Recommend: `https://api.aliyun.com/troubleshoot?${query}`,
    },
    style,
  );
}

function answer(
  status: number,
  members: Readonly<Record<string, unknown>>,
  { format, root, requestId, evidence }: WireStyle,
): WireResponse {
  const body =
    format === 'xml'
      ? `<?xml version="1.0" encoding="UTF-8"?>${element(root, members)}`
      : JSON.stringify(members);
  const headers = [
    'Content-Type',
    // One client compares the XML type letter by letter.
    format === 'xml' ? 'text/xml;charset=utf-8' : 'application/json;charset=utf-8',
    'Content-Length',
    String(Buffer.byteLength(body)),
    'x-acs-request-id',
    requestId,
  ];
  if (evidence !== undefined) headers.push('x-keyglot-evidence', evidence);
  return { status, headers, body };
}

/** A value as elements: a list repeats the name, an object holds its members. */
function element(name: string, value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map((one) => element(name, one)).join('');
  const inside =
    typeof value === 'object'
      ? Object.entries(value)
          .map(([member, of]) => element(member, of))
          .join('')
      : xmlText(String(value));
  return `<${name}>${inside}</${name}>`;
}

/** Control characters have no place in XML 1.0; they go out as references, so that nothing is lost. */
function xmlText(text: string): string {
  return text.replace(NEEDS_ESCAPE, (character) => `&#${character.charCodeAt(0)};`);
}

const NEEDS_ESCAPE = /[&<>"']|[^\t\n\u0020-\ud7ff\ue000-\ufffd\ud800-\udfff]/g;
