import { type Context, NO_CONTEXT } from '@keyglot/core';
import { pairsOf } from '@keyglot/dialect';
import { alibabaFault } from './faults.js';

/** Longest context on the wire, in characters of its JSON. */
const MAX_LENGTH = 8_192;

/** The encryption context of a request; an empty one is the same as none (inferred). @internal */
export function contextOf(map: Readonly<Record<string, string>> | undefined): Context {
  const pairs = pairsOf(map);
  return pairs.length === 0 ? NO_CONTEXT : { kind: 'pairs', pairs };
}

/**
 * Reads a parameter that holds a JSON object of texts. One generation of clients sends its members as
 * parameters of their own instead, `<name>.<member>`. `null` and the empty text stand for nothing.
 *
 * @throws KmsFault ParameterInvalid
 * @internal
 */
export function readMap(
  params: ReadonlyMap<string, string>,
  name: string,
): Readonly<Record<string, string>> | undefined {
  const text = params.get(name) ?? '';
  const flat = flattened(params, name);
  if (text === '') return flat;
  if (flat !== undefined || text.length > MAX_LENGTH) throw invalid(name);
  return mapOf(parsed(text, name), name);
}

/** A JSON value as a context: an object of texts, or nothing. */
function mapOf(value: unknown, name: string): Readonly<Record<string, string>> | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value !== 'object' || Array.isArray(value)) throw invalid(name);
  const entries = Object.entries(value);
  if (entries.some(([, one]) => typeof one !== 'string')) throw invalid(name);
  return Object.fromEntries(entries);
}

function parsed(json: string, name: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw invalid(name);
  }
}

function flattened(
  params: ReadonlyMap<string, string>,
  name: string,
): Readonly<Record<string, string>> | undefined {
  const prefix = `${name}.`;
  const found: [string, string][] = [];
  let length = 0;
  for (const [member, value] of params) {
    if (!member.startsWith(prefix)) continue;
    found.push([member.slice(prefix.length), value]);
    length += member.length - prefix.length + value.length;
  }
  if (found.length === 0) return undefined;
  if (length > MAX_LENGTH) throw invalid(name);
  return Object.fromEntries(found);
}

function invalid(name: string): Error {
  return alibabaFault('ParameterInvalid', { name });
}
