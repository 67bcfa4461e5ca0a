import { header, type RequestHead, type WireRequest } from '@keyglot/dialect';

/** Format of an answer. @internal */
export type Format = 'json' | 'xml';

/** What every step needs of a request, read once. @internal */
export interface Reading {
  /** Query and form together; the first value of a name counts. */
  readonly params: ReadonlyMap<string, string>;
  /** Names and values of the query alone, decoded, in the order sent. */
  readonly query: readonly (readonly [name: string, value: string])[];
  /** Whether names or values could not be decoded. */
  readonly broken: boolean;
  readonly action: string;
  readonly version: string;
  readonly format: Format;
}

const MAX_PARAMETERS = 1_000;
const FORM = 'application/x-www-form-urlencoded';

/** Reads the parameters of a request; remembers what it read. Never throws. @internal */
export function readingOf(request: WireRequest): Reading {
  let reading = known.get(request);
  if (reading === undefined) {
    reading = read(request);
    known.set(request, reading);
  }
  return reading;
}

/** Whether the header carries a signature of the third generation. @internal */
export function isHeaderSigned(head: RequestHead): boolean {
  return /^ACS\d-/.test(header(head, 'authorization') ?? '');
}

const known = new WeakMap<WireRequest, Reading>();

function read({ head, body }: WireRequest): Reading {
  const query = decodePairs(head.query);
  const isForm = (header(head, 'content-type') ?? '').trim().toLowerCase().startsWith(FORM);
  const form = isForm && body.length > 0 ? decodePairs(body.toString('latin1')) : NONE;
  const params = new Map<string, string>();
  for (const [name, value] of query ?? NONE) if (!params.has(name)) params.set(name, value);
  for (const [name, value] of form ?? NONE) if (!params.has(name)) params.set(name, value);
  const named = header(head, 'x-acs-action');
  const dated = header(head, 'x-acs-version');
  // Clients of the older generation send the headers too; there the signed parameters count.
  const byHeader = isHeaderSigned(head);
  return {
    params,
    query: query ?? NONE,
    broken: query === undefined || form === undefined,
    action: (byHeader ? named : (params.get('Action') ?? named)) ?? '',
    version: (byHeader ? dated : (params.get('Version') ?? dated)) ?? '',
    format: formatOf(params.get('Format'), header(head, 'accept')),
  };
}

const NONE: readonly (readonly [string, string])[] = [];

/** The pairs of a query or form, or undefined when they are too many, not UTF-8 or wrongly escaped. */
function decodePairs(text: string): (readonly [string, string])[] | undefined {
  const pairs: (readonly [string, string])[] = [];
  if (text === '') return pairs;
  try {
    for (const part of text.split('&', MAX_PARAMETERS + 1)) {
      if (part === '') continue;
      const mark = part.indexOf('=');
      const name = mark < 0 ? part : part.slice(0, mark);
      pairs.push([decodeText(name), mark < 0 ? '' : decodeText(part.slice(mark + 1))]);
    }
  } catch {
    return undefined;
  }
  return pairs.length > MAX_PARAMETERS ? undefined : pairs;
}

const BEYOND_ASCII = /[\u0080-\u00ff]/;
const EACH_BEYOND_ASCII = /[\u0080-\u00ff]/g;

/** Also takes bytes that a client left unescaped, given as latin1. */
function decodeText(text: string): string {
  if (BEYOND_ASCII.test(text)) {
    return decodeText(
      text.replace(EACH_BEYOND_ASCII, (byte) => `%${byte.charCodeAt(0).toString(16)}`),
    );
  }
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  return spaced.includes('%') ? decodeURIComponent(spaced) : spaced;
}

/** `Format` first, in any case; then a header that asks for XML before anything else; else JSON. */
function formatOf(parameter: string | undefined, accept: string | undefined): Format {
  if (parameter !== undefined && parameter !== '') {
    return parameter.toUpperCase() === 'XML' ? 'xml' : 'json';
  }
  return /^\s*(?:application|text)\/xml\b/i.test(accept ?? '') ? 'xml' : 'json';
}
