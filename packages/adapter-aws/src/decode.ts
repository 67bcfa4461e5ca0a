import { isUtf8 } from 'node:buffer';
import { fault } from '@keyglot/core';
import {
  createValidators,
  header,
  type Shape,
  type Validator,
  type WireRequest,
} from '@keyglot/dialect';
import type { AnyAwsOperation, AwsCaller } from './call.js';
import { awsFault } from './faults.js';
import { OPERATIONS } from './operations/index.js';
import type { Profile } from './profile.js';
import { serializationMessage, validationMessage } from './validation.js';

const TARGET_PREFIX = 'TrentService.';
const JSON_TYPES = new Set([
  'application/x-amz-json-1.1',
  'application/x-amz-json-1.0',
  'application/json',
]);

interface Route {
  readonly row: AnyAwsOperation | undefined;
  readonly members: ReadonlySet<string>;
  readonly validate: Validator;
}

/** A request of the JSON protocol, as far as it could be read. @internal */
export interface DecodedJson {
  readonly row: AnyAwsOperation;
  readonly input: unknown;
  readonly ignored: readonly string[];
}

/** Operation named by the target header, without its prefix; empty when there is none. @internal */
export function targetOperation(request: WireRequest): string {
  const target = header(request.head, 'x-amz-target') ?? '';
  return target.startsWith(TARGET_PREFIX) ? target.slice(TARGET_PREFIX.length) : '';
}

/**
 * Builds the decoder of the JSON protocol: target, body, schema.
 *
 * @internal
 */
export function createDecoder(): (request: WireRequest, caller: AwsCaller) => DecodedJson {
  const tables = new Map<Profile, ReadonlyMap<string, Route>>();
  const routesOf = (profile: Profile): ReadonlyMap<string, Route> => {
    const routes = tables.get(profile) ?? createRoutes(profile);
    tables.set(profile, routes);
    return routes;
  };

  return (request, { profile }) => {
    const spelled = targetOperation(request);
    const name = profile.targetAliases.get(spelled) ?? spelled;
    const route = profile.has(name) ? routesOf(profile).get(name) : undefined;
    if (route === undefined) throw awsFault('UnknownOperation', {});
    if (route.row === undefined) throw fault('Unsupported', { what: name });
    const result = route.validate(parse(request.body));
    if (result.ok) {
      const { value, ignored } = result;
      const input = ignored.length === 0 ? value : onlyKnown(value, route.members);
      return { row: route.row, input, ignored };
    }
    if (result.kind === 'type') {
      throw awsFault('Serialization', { message: serializationMessage(result) });
    }
    throw awsFault('Validation', { message: validationMessage(result.violations) });
  };
}

function createRoutes({ model }: Profile): ReadonlyMap<string, Route> {
  const validatorOf = createValidators(model.shapes);
  const rows = new Map(OPERATIONS.map((row) => [row.name, row]));
  return new Map(
    Object.entries(model.operations).map(([name, { input }]) => {
      const members = membersOf(model.shapes[input]);
      return [name, { row: rows.get(name), members, validate: validatorOf(input) }];
    }),
  );
}

function membersOf(found: Shape | undefined): ReadonlySet<string> {
  return new Set(found?.type === 'structure' ? Object.keys(found.members) : []);
}

/**
 * What is ignored must not be there for anybody to read: an operation without `DryRun` has none,
 * whatever a client sends, and nobody has validated it.
 */
function onlyKnown(
  value: Record<string, unknown>,
  members: ReadonlySet<string>,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([name]) => members.has(name)));
}

/**
 * Refuses anything but a POST of JSON, which the layer in front of the service does before it looks at
 * signatures; recorded on DynamoDB: https://github.com/architect/dynalite
 *
 * @throws KmsFault NotThisProtocol
 * @internal
 */
export function requireProtocol(request: WireRequest): void {
  const { head, body } = request;
  const type = (header(head, 'content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (head.method !== 'POST' || (body.length > 0 && !JSON_TYPES.has(type ?? ''))) {
    throw awsFault('NotThisProtocol', {});
  }
}

function parse(body: Buffer): unknown {
  if (body.length === 0) return {};
  if (!isUtf8(body)) throw awsFault('Serialization', { message: undefined });
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw awsFault('Serialization', { message: undefined });
  }
}
