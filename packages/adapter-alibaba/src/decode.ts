import { fault } from '@keyglot/core';
import {
  createValidators,
  type Decoded,
  type ShapeTable,
  type Validator,
  type WireRequest,
} from '@keyglot/dialect';
import type { AnyAlibabaOperation } from './call.js';
import { readMap } from './context.js';
import { EXTRA_OPERATIONS } from './coverage.js';
import { alibabaFault } from './faults.js';
import { model } from './generated/model.js';
import { OPERATIONS } from './operations/index.js';
import { readingOf } from './reading.js';

const STS_VERSION = '2015-04-01';
const MAX_IGNORED = 32;

/** Parameters of the protocol; everything else belongs to the operation. */
const COMMON = new Set([
  'AccessKeyId',
  'Action',
  'BearerToken',
  'Format',
  'SecurityToken',
  'Signature',
  'SignatureMethod',
  'SignatureNonce',
  'SignatureType',
  'SignatureVersion',
  'Timestamp',
  'Version',
]);

/** An action if the API has it, else empty: the journal holds no names that clients made up. @internal */
export function operationNamed(action: string): string {
  return Object.hasOwn(model.operations, action) || EXTRA_OPERATIONS.has(action) ? action : '';
}

interface Route {
  readonly row: AnyAlibabaOperation | undefined;
  readonly members: readonly (readonly [name: string, type: string])[];
  readonly validate: Validator;
}

/** Builds the decoder: method, version, action, then the parameters by the published model. @internal */
export function createDecoder(): (request: WireRequest) => Decoded<AnyAlibabaOperation> {
  const validatorOf = createValidators(model.shapes);
  const rows = new Map(OPERATIONS.map((row) => [row.name, row]));
  const routes = new Map<string, Route>(
    Object.entries(model.operations).map(([name, { input }]) => [
      name,
      {
        row: rows.get(name),
        members: membersOf(model.shapes, input),
        validate: validatorOf(input),
      },
    ]),
  );

  return (request) => {
    const { params, action, version } = readingOf(request);
    const route = routes.get(requireAction(request, action, version));
    if (route === undefined) {
      throw EXTRA_OPERATIONS.has(action)
        ? fault('Unsupported', { what: action })
        : alibabaFault('ActionUnknown', {});
    }
    if (route.row === undefined) throw fault('Unsupported', { what: action });
    const input = collect(params, route.members);
    const result = route.validate(input);
    if (result.ok) {
      return { row: route.row, input: result.value, ignored: ignoredOf(params, route) };
    }
    if (result.kind === 'type') throw invalid(result.path);
    // What is missing wins over what is wrong (inferred).
    const missing = result.violations.find(({ rule }) => rule === 'required');
    if (missing !== undefined) {
      throw alibabaFault('ParameterMissing', { name: String(missing.path[0]) });
    }
    throw invalid(result.violations[0]?.path ?? []);
  };
}

function requireAction({ head }: WireRequest, action: string, version: string): string {
  if (head.method !== 'GET' && head.method !== 'POST') throw alibabaFault('MethodUnsupported', {});
  if (head.path !== '/') throw alibabaFault('ActionUnknown', {});
  if (action === '') throw alibabaFault('ParameterMissing', { name: 'Action' });
  if (version === '') throw alibabaFault('ParameterMissing', { name: 'Version' });
  if (version === STS_VERSION) throw fault('Unsupported', { what: 'STS' });
  if (version !== model.version) throw alibabaFault('VersionUnknown', {});
  return action;
}

function membersOf(shapes: ShapeTable, input: string): Route['members'] {
  const shape = shapes[input];
  if (shape?.type !== 'structure') throw new TypeError(`${input} is no structure`);
  return Object.entries(shape.members).map(([name, of]) => [name, shapes[of]?.type ?? '']);
}

/** The parameters as the model types them. An empty one is the same as none (inferred). */
function collect(
  params: ReadonlyMap<string, string>,
  members: Route['members'],
): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const [name, type] of members) {
    if (type === 'map') {
      const map = readMap(params, name);
      if (map !== undefined) input[name] = map;
      continue;
    }
    const text = params.get(name);
    if (text === undefined || text === '') continue;
    if (type === 'integer') input[name] = readInteger(name, text);
    else if (type === 'boolean') input[name] = readBoolean(name, text);
    else input[name] = name === 'DryRun' ? text.toLowerCase() : text;
  }
  return input;
}

function readInteger(name: string, text: string): number {
  if (!/^[+-]?\d{1,15}$/.test(text)) throw invalid([name]);
  return Number(text);
}

/** In any case: one of the official clients writes `True`. */
function readBoolean(name: string, text: string): boolean {
  const lower = text.toLowerCase();
  if (lower !== 'true' && lower !== 'false') throw invalid([name]);
  return lower === 'true';
}

function ignoredOf(params: ReadonlyMap<string, string>, { members }: Route): readonly string[] {
  const ignored: string[] = [];
  for (const name of params.keys()) {
    if (COMMON.has(name) || members.some((member) => isPartOf(name, member))) continue;
    ignored.push(name);
    if (ignored.length === MAX_IGNORED) break;
  }
  return ignored;
}

function isPartOf(name: string, [member, type]: Route['members'][number]): boolean {
  return name === member || (type === 'map' && name.startsWith(`${member}.`));
}

function invalid(path: readonly (string | number)[]): Error {
  return alibabaFault('ParameterInvalid', { name: String(path[0] ?? '') });
}
