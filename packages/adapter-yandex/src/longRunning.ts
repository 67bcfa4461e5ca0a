import { createHash } from 'node:crypto';
import { KmsFault } from '@keyglot/core';
import type { YandexCall } from './call.js';
import { yandexFault } from './faults.js';
import { newId } from './ids.js';
import { OPERATION } from './messages.js';
import { parseMessage, serializeMessage } from './protobuf.js';
import type { Message, Values } from './schema.js';

const KIND = 'yandex-operation';
const INDEX = 'idempotency';

/** What a change has done. @internal */
export interface Change {
  readonly metadata: Message;
  readonly metadataValues: Values;
  readonly response: Message;
  readonly responseValues: Values;
}

/** Which change it is. @internal */
export interface ChangeName {
  /** Name of the method, because one idempotency key may be sent with several. */
  readonly method: string;
  /** Text of the operation. */
  readonly description: string;
  /** Wire id of the key, when there is one already. */
  readonly keyId: string;
}

/** Changes under way, by idempotency entry: a second one with the same key waits for the first. */
const underWay = new WeakMap<YandexCall['vault'], Map<string, Promise<Values>>>();

/**
 * Makes a change and remembers it as an operation that is done at once, as the recorded ones of KMS
 * are: there `modifiedAt` is microseconds after `createdAt`. With an idempotency key that was sent
 * before, the former operation is the answer and nothing is done.
 *
 * @see https://yandex.cloud/en/docs/api-design-guide/concepts/idempotency
 * @internal
 */
export function runChange(
  call: YandexCall,
  name: ChangeName,
  make: () => Promise<Change>,
): Promise<Values> {
  if (call.idempotencyKey === '') return makeOnce(call, name, '', make);
  const digest = createHash('sha256').update(call.idempotencyKey).digest('hex');
  const entry = `${name.method} ${call.caller.subject} ${digest}`;
  const at = `${call.scope.sandbox} ${entry}`;
  const running = underWay.get(call.vault) ?? new Map<string, Promise<Values>>();
  underWay.set(call.vault, running);
  const known = running.get(at);
  if (known !== undefined) return known;
  const done = findOrMake(call, name, entry, make).finally(() => running.delete(at));
  running.set(at, done);
  return done;
}

/**
 * Finds an operation.
 *
 * @throws KmsFault OperationNotFound
 * @throws Miss
 * @internal
 */
export function findOperation(call: YandexCall, id: string): Values {
  const { sandbox } = call.scope;
  const found = call.vault.resources.byId(call.scope, sandbox, KIND, id);
  if (found === undefined) throw yandexFault('OperationNotFound', { id });
  return operationIn(found.record.body);
}

async function findOrMake(
  call: YandexCall,
  name: ChangeName,
  entry: string,
  make: () => Promise<Change>,
): Promise<Values> {
  const former = await byEntry(call, entry);
  if (former !== undefined) return former;
  try {
    return await makeOnce(call, name, entry, make);
  } catch (error) {
    // Another replica has finished the same request in between.
    const raced = error instanceof KmsFault && error.code === 'AlreadyExists';
    const winner = raced ? await byEntry(call, entry) : undefined;
    if (winner === undefined) throw error;
    return winner;
  }
}

async function byEntry(call: YandexCall, entry: string): Promise<Values | undefined> {
  const index = { name: INDEX, value: entry };
  const found = await call.vault.store.findResource(call.scope.sandbox, KIND, index);
  return found && operationIn(found.body);
}

async function makeOnce(
  call: YandexCall,
  { description, keyId }: ChangeName,
  entry: string,
  make: () => Promise<Change>,
): Promise<Values> {
  const change = await make();
  const at = new Date(call.nowMs);
  const operation: Values = {
    id: newId(call.vault.entropy),
    description,
    createdAt: at,
    createdBy: call.caller.subject,
    modifiedAt: at,
    done: true,
    metadata: { message: change.metadata, values: change.metadataValues },
    response: { message: change.response, values: change.responseValues },
  };
  await call.vault.resources.write({
    sandbox: call.scope.sandbox,
    kind: KIND,
    id: String(operation['id']),
    parent: keyId,
    body: { operation: serializeMessage(OPERATION, operation).toString('base64') },
    version: 1,
    index: entry === '' ? [] : [{ name: INDEX, value: entry }],
  });
  return operation;
}

function operationIn(body: { readonly [name: string]: unknown }): Values {
  return parseMessage(OPERATION, Buffer.from(String(body['operation']), 'base64')).values;
}
