import type { Json } from '@keyglot/core';
import { awsFault } from '../faults.js';
import type { Profile } from '../profile.js';
import { type Condition, membersOf, parseCondition } from './condition.js';
import { type Principal, parsePrincipal } from './principal.js';

/** What an element names, or with `negated` everything else. @internal */
export interface Selection<Item> {
  readonly negated: boolean;
  readonly items: readonly Item[];
}

/** One statement of a key policy. @internal */
export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly principals: Selection<Principal>;
  readonly actions: Selection<string>;
  readonly resources: Selection<string>;
  readonly condition: Condition | undefined;
}

const VERSIONS: readonly (Json | undefined)[] = [undefined, '2012-10-17', '2008-10-17'];
const ELEMENTS = new Set(['Version', 'Id', 'Statement']);
const STATEMENT_ELEMENTS = new Set([
  ...['Sid', 'Effect', 'Principal', 'NotPrincipal', 'Action', 'NotAction'],
  ...['Resource', 'NotResource', 'Condition'],
]);

/**
 * Reads a key policy, and refuses what the service refuses.
 *
 * @throws KmsFault PolicyUnreadable, PolicyMalformed, PolicyArnInvalid, PolicyOverlyPermissive
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
 * @internal
 */
export function parsePolicy(text: string, profile: Profile, region: string): readonly Statement[] {
  const document = elementsOf(parseJson(text), ELEMENTS);
  const id = document.get('Id');
  if (id !== undefined && typeof id !== 'string') throw unreadable();
  if (!VERSIONS.includes(document.get('Version'))) throw unreadable();
  const list = document.get('Statement');
  const statements: readonly (Json | undefined)[] = Array.isArray(list) ? list : [list];
  if (statements.length === 0) throw unreadable();
  const read = statements.map((one) => elementsOf(one, STATEMENT_ELEMENTS));
  requireDistinctIds(read);
  return read.map((one) => parseStatement(one, profile, region));
}

/** The value of a policy's text. @throws KmsFault PolicyUnreadable @internal */
export function parseJson(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable();
  }
}

type Elements = ReadonlyMap<string, Json>;

function parseStatement(elements: Elements, profile: Profile, region: string): Statement {
  const effect = elements.get('Effect');
  if (effect !== 'Allow' && effect !== 'Deny') throw unreadable();
  const condition = elements.get('Condition');
  return {
    effect,
    principals: principalsOf(elements, profile, region),
    actions: textsOf(elements, 'Action'),
    resources: textsOf(elements, 'Resource'),
    condition: condition === undefined ? undefined : parseCondition(condition),
  };
}

function principalsOf(elements: Elements, profile: Profile, region: string): Selection<Principal> {
  const [negated, value] = either(elements, 'Principal');
  if (value === '*') return { negated, items: [{ kind: 'everyone' }] };
  const items = (value === undefined ? [] : membersOf(value)).flatMap(([type, named]) =>
    textList(named).map((text) => parsePrincipal(type, text, profile, region)),
  );
  if (items.length === 0) {
    throw awsFault('PolicyMalformed', {
      message: 'Policy contains a statement with no principal.',
    });
  }
  return { negated, items };
}

function textsOf(elements: Elements, name: 'Action' | 'Resource'): Selection<string> {
  const [negated, value] = either(elements, name);
  const items = value === undefined ? [] : textList(value);
  if (items.length === 0) {
    throw awsFault('PolicyMalformed', { message: `Missing required field ${name}` });
  }
  return { negated, items };
}

/** An element or its negation: a statement has one of them. */
function either(elements: Elements, name: string): [negated: boolean, value: Json | undefined] {
  const [value, negated] = [elements.get(name), elements.get(`Not${name}`)];
  if (value !== undefined && negated !== undefined) throw unreadable();
  return [negated !== undefined, value ?? negated];
}

function textList(value: Json): readonly string[] {
  const list: readonly Json[] = Array.isArray(value) ? value : [value];
  return list.map((text) => {
    if (typeof text !== 'string') throw unreadable();
    return text;
  });
}

function elementsOf(value: Json | undefined, known: ReadonlySet<string>): Elements {
  const members = membersOf(value);
  if (members.some(([name]) => !known.has(name))) throw unreadable();
  return new Map(members);
}

function requireDistinctIds(statements: readonly Elements[]): void {
  const ids = statements.map((one) => one.get('Sid') ?? '');
  if (ids.some((id) => typeof id !== 'string')) throw unreadable();
  const named = ids.filter((id) => id !== '');
  if (new Set(named).size < named.length) throw unreadable();
}

function unreadable(): Error {
  return awsFault('PolicyUnreadable', {});
}
