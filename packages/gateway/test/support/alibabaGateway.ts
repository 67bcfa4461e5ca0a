import { type Clock, changeKey, createSystemClock, type KeyState, withLoads } from '@keyglot/core';
import { type Gateway, type StartOptions, startGateway } from '../../src/index.js';
import { MEMORY_OPTIONS } from './gatewayOptions.js';
import { createHttpClient, type PlainAnswer, type PlainRequest } from './httpClient.js';
import { createTestClock, type TestClock } from './testClock.js';

export const ACCOUNT = '1000000000000000';
export const REGION = 'us-east-1';
export const VERSION = '2016-01-20';

/** Parameters of a request, all texts. */
export type Params = Readonly<Record<string, string>>;

/** Members of an answer; each operation has its own, and a wrong one gives undefined. */
export type Members = Readonly<Record<string, unknown>>;

/** An answer with its JSON read. */
export interface AlibabaAnswer extends PlainAnswer {
  readonly json: Members;
}

/** A gateway in this process and clients that speak plain HTTP. */
export interface AlibabaGateway {
  readonly gateway: Gateway;
  readonly clock: TestClock;
  send(request: PlainRequest): Promise<PlainAnswer>;
  /** An unsigned request in the query of a POST. */
  call(action: string, params?: Params, more?: PlainRequest): Promise<AlibabaAnswer>;
  /** The members of an answer with status 200, without the request id. */
  done(action: string, params?: Params, more?: PlainRequest): Promise<Members>;
  /** Status, code and text of a refusal. */
  refused(action: string, params?: Params, more?: PlainRequest): Promise<Refusal>;
  /** Metadata of a new key. */
  makeKey(params?: Params): Promise<MadeKey>;
  /** Registers a credential through the admin API. */
  register(credential: Record<string, string>): Promise<void>;
  /** Puts a key into a state that no request leads to yet. */
  force(keyId: string, state: KeyState): Promise<void>;
  close(): Promise<void>;
}

/** Status, code and text of a refusal. */
export interface Refusal {
  readonly status: number;
  readonly code: unknown;
  readonly message: unknown;
}

/** A new key and its first version. */
export interface MadeKey {
  readonly id: string;
  readonly arn: string;
  readonly version: string;
}

export async function startAlibabaGateway(
  options: Partial<StartOptions> = {},
  realClock?: Pick<Clock, 'realMs'>,
): Promise<AlibabaGateway> {
  const still = createTestClock();
  const clock: TestClock = realClock
    ? Object.assign(still, { realMs: () => realClock.realMs() })
    : still;
  const gateway = await startGateway({ ...MEMORY_OPTIONS, ...options }, { clock });
  const http = createHttpClient(gateway.port);

  const send: AlibabaGateway['send'] = (request) => http.send(request);
  const call: AlibabaGateway['call'] = async (action, params = {}, more = {}) => {
    const query = new URLSearchParams({ Action: action, Version: VERSION, ...params });
    const answer = await send({ path: `/?${query}`, ...more });
    return { ...answer, json: JSON.parse(answer.text) };
  };
  const done: AlibabaGateway['done'] = async (action, params, more) => {
    const answer = await call(action, params, more);
    if (answer.status !== 200) throw new Error(`${action}: ${answer.text}`);
    const { RequestId: _, ...members } = answer.json;
    return members;
  };
  return {
    gateway,
    clock,
    send,
    call,
    done,
    async refused(action, params, more) {
      const { status, json } = await call(action, params, more);
      return { status, code: json['Code'], message: json['Message'] };
    },
    async makeKey(params = {}) {
      const { KeyMetadata } = await done('CreateKey', params);
      const { KeyId: id, Arn: arn } = KeyMetadata as Record<string, string>;
      if (id === undefined || arn === undefined) throw new Error('no key was made');
      const { KeyVersions } = await done('ListKeyVersions', { KeyId: id });
      const { KeyVersion } = KeyVersions as { KeyVersion: readonly { KeyVersionId: string }[] };
      return { id, arn, version: KeyVersion[0]?.KeyVersionId ?? '' };
    },
    async register(credential) {
      const answer = await send({
        path: '/_keyglot/credentials',
        headers: {
          authorization: `Bearer ${gateway.adminToken}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ dialect: 'alibaba', ...credential }),
      });
      if (answer.status !== 201) throw new Error(`not registered: ${answer.text}`);
    },
    async force(keyId, state) {
      const scope = { sandbox: 'main', nowMs: clock.nowMs, pinned: new Map() };
      const key = await withLoads(() =>
        gateway.vault.keys.byWireId(scope, 'alibaba', keyId, () => true),
      );
      if (key === undefined) throw new Error(`there is no key ${keyId}`);
      await changeKey(gateway.vault, key.record, clock.nowMs, () => ({ set: { state } }));
    },
    async close() {
      http.close();
      await gateway.close();
    },
  };
}

/** The clock of this machine, for clients that sign with it. */
export const SYSTEM_CLOCK: Clock = createSystemClock();

/** A refusal, as {@link AlibabaGateway.refused} gives it. */
export function refusal(status: number, code: string, message: string): Refusal {
  return { status, code, message };
}

export function invalid(name: string): Refusal {
  return refusal(400, 'InvalidParameter', `The specified parameter ${name} is not valid.`);
}

export function missing(name: string): Refusal {
  return refusal(400, 'MissingParameter', `The parameter  ${name}  needed but no provided.`);
}

export function rejected(state: string): Refusal {
  const message = `The request was rejected because the key state is ${state}.`;
  return refusal(409, `Rejected.${state}`, message);
}

export const KEY_NOT_FOUND: Refusal = refusal(
  404,
  'Forbidden.KeyNotFound',
  'The specified Key is not found.',
);
export const ALIAS_NOT_FOUND: Refusal = refusal(
  404,
  'Forbidden.AliasNotFound',
  'The specified Alias is not found.',
);
export const VERSION_NOT_FOUND: Refusal = refusal(
  404,
  'Forbidden.KeyVersionNotFound',
  'The specified Key version is not found.',
);
export const ACTION_UNSUPPORTED: Refusal = refusal(
  400,
  'UnsupportedOperation',
  'This action is not supported.',
);
export const KEY_UNSUPPORTED: Refusal = refusal(
  400,
  'Rejected.UnsupportedOperation',
  'Unsupported operation.',
);
export const ALIAS_UNSUPPORTED: Refusal = refusal(
  400,
  'Unsupported.Alias',
  'Alias is not valid for this api.',
);
export const NOT_MODIFIABLE: Refusal = refusal(
  409,
  'Rejected.StateModifiedFailed',
  'Keystate modified failed.',
);

/** An id of a key that nobody made. */
export const NO_ID = '11111111-2222-4333-8444-555555555555';
