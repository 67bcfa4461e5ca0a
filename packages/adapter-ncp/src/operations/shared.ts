import {
  type Context,
  changeKey,
  type KeyChange,
  type KeyRecord,
  type LoadedKey,
  NO_CONTEXT,
} from '@keyglot/core';
import type { Evidence } from '@keyglot/dialect';
import { attributesOf } from '../attributes.js';
import type { InputForm, NcpCall } from '../call.js';
import { pageOf } from '../codec.js';
import { invalid } from '../faults.js';
import type { OperationName } from '../routes.js';
import { requireState, type StateRow } from '../states.js';

/** Evidence of an operation that is known from its page. @internal */
export function documentedOperation(name: OperationName): Evidence {
  return { mark: 'documented', date: '2026-11-24', source: pageOf(name, '2.0') };
}

/** Evidence of an operation whose page leaves open what matters most. @internal */
export function inferredOperation(name: OperationName): Evidence {
  return { ...documentedOperation(name), mark: 'inferred' };
}

/** A JSON body of one form. @internal */
export function body(shape: string): InputForm {
  return { from: 'body', shape: () => shape };
}

/** An operation without input; a body is not looked at. @internal */
export const NO_INPUT: InputForm = Object.freeze({ from: 'nothing', shape: () => 'Nothing' });

/** Changes a key; its state is judged again under its lock. @internal */
export async function change(
  call: NcpCall,
  key: LoadedKey,
  row: StateRow,
  decide: (current: KeyRecord) => KeyChange,
): Promise<KeyRecord> {
  const changed = await changeKey(call.vault, key.record, call.nowMs, (current) => {
    requireState(current, row);
    return decide(current);
  });
  return changed.record;
}

/** How a key encrypts: what the context is, and whether the same input gives the same ciphertext. @internal */
export interface SealingWay {
  readonly convergent: boolean;
  readonly context: Context;
}

/**
 * Reads the `context` of a request: needed by convergent keys, meaningless for all others.
 *
 * @throws KmsFault RequestInvalid
 * @see https://guide.ncloud-docs.com/docs/en/kms-info
 * @internal
 */
export function sealingWay(
  { record }: LoadedKey,
  context: Buffer | undefined,
  call: NcpCall,
): SealingWay {
  if (attributesOf(record).isConvergent) {
    if (context === undefined) throw invalid('a convergent key needs a context');
    return { convergent: true, context: { kind: 'bytes', bytes: context } };
  }
  if (context !== undefined) {
    if (call.settings.refuseUnusedContext === true) {
      throw invalid('the key is not convergent and takes no context');
    }
    call.ignore('context');
  }
  return { convergent: false, context: NO_CONTEXT };
}

/** Applies `one` to a single value or to each of a list; a list fails as a whole. @internal */
export function each<Item, Result>(
  given: Item | readonly Item[],
  one: (item: Item) => Result | Promise<Result>,
): Result | readonly Result[] | Promise<Result | readonly Result[]> {
  if (!isList(given)) return one(given);
  const results = given.map(one);
  return results.some((result) => result instanceof Promise)
    ? Promise.all(results)
    : // None of them is a promise.
      (results as Result[]);
}

/** The values of a request, single or list. @internal */
export function listOf<Item>(given: Item | readonly Item[]): readonly Item[] {
  return isList(given) ? given : [given];
}

function isList<Item>(given: Item | readonly Item[]): given is readonly Item[] {
  return Array.isArray(given);
}

/** `data` with one member, and that member's old name for arrays of the API 1.0. @internal */
export function oneOrMany(
  call: NcpCall,
  member: string,
  value: unknown,
): { readonly [member: string]: unknown } {
  const legacy =
    call.route.api === '1.0' && call.settings.legacyListNames === true && Array.isArray(value);
  return legacy ? { [member]: value, [`${member}List`]: value } : { [member]: value };
}

/** Answers now or later. @internal */
export function afterwards<Value, Result>(
  value: Value | Promise<Value>,
  next: (value: Value) => Result,
): Result | Promise<Result> {
  return value instanceof Promise ? value.then(next) : next(value);
}
