import {
  fault,
  type Journal,
  KmsFault,
  MAIN_SANDBOX,
  openScope,
  type Scope,
  type Vault,
  withLoads,
} from '@keyglot/core';
import type { Evidence } from './evidence.js';
import type { WireRequest, WireResponse } from './wire.js';

/** What authentication found out. @public */
export interface Caller {
  /** Name of the dialect or profile that answers. */
  readonly dialect: string;
  /** The sandbox of the credential when it was issued for one, else that of the request. */
  readonly sandbox: string;
  /** What stricter authentication would have refused, or empty. */
  readonly audit: string;
}

/** An operation and its input, as the codec read them. @public */
export interface Decoded<Row> {
  readonly row: Row;
  readonly input: unknown;
  /** Request members that the provider ignores. */
  readonly ignored: readonly string[];
}

/** What an answer of any transport has: the HTTP status, or the one that stands for it. @public */
export interface AnyAnswer {
  readonly status: number;
}

/** An answer before it is put on the wire. @public */
export interface Outcome<Answer extends AnyAnswer = WireResponse> {
  readonly response: Answer;
  readonly code: string;
  readonly evidence: Evidence;
}

/** The steps in which dialects differ. Each may throw a `KmsFault` or a `Miss`. @public */
export interface Protocol<
  Who extends Caller,
  Row extends { readonly name: string },
  Answer extends AnyAnswer = WireResponse,
> {
  authenticate(request: WireRequest, scope: Scope): Who;
  decode(request: WireRequest, caller: Who): Decoded<Row>;
  handle(decoded: Decoded<Row>, caller: Who, scope: Scope, request: WireRequest): unknown;
  encode(output: unknown, row: Row, caller: Who, request: WireRequest): Outcome<Answer>;
  /** Name of the operation that a request asks for, for requests that cannot be decoded. */
  operationOf?(request: WireRequest): string;
  refuse(
    thrown: KmsFault,
    row: Row | undefined,
    caller: Who | undefined,
    request: WireRequest,
  ): Outcome<Answer>;
}

/** What every pipeline needs. @public */
export interface PipelineServices {
  readonly vault: Vault;
  readonly journal: Journal;
  /** Whether a sandbox must have been made before its first use. Default false. */
  readonly explicitSandboxes?: boolean;
  /** Called once with each defect of ours: an error that is no fault, or the fault Internal. */
  onDefect(error: unknown, request: WireRequest): void;
}

/**
 * Builds the way of a request through a dialect: authenticate, decode, handle, encode. Synchronous as
 * long as everything it needs is in memory.
 *
 * @public
 */
export function createPipeline<
  Who extends Caller,
  Row extends { readonly name: string },
  Answer extends AnyAnswer = WireResponse,
>(
  protocol: Protocol<Who, Row, Answer>,
  services: PipelineServices,
): (request: WireRequest) => Answer | Promise<Answer> {
  const { vault, journal } = services;
  const missing = services.explicitSandboxes === true ? 'refuse' : 'make';

  return (request) => {
    let caller: Who | undefined;
    let decoded: Decoded<Row> | undefined;
    let scope: Scope = { sandbox: request.sandbox, nowMs: 0, pinned: new Map() };

    const finish = (outcome: Outcome<Answer>): Answer => {
      journal.record({
        requestId: request.requestId,
        atMs: request.receivedAtMs,
        sandbox: scope.sandbox,
        dialect: caller?.dialect ?? '',
        operation: decoded?.row.name ?? protocol.operationOf?.(request).slice(0, MAX_NAME) ?? '',
        status: outcome.response.status,
        code: outcome.code,
        evidence: outcome.evidence.mark,
        ignored: decoded?.ignored ?? [],
        audit: caller?.audit ?? '',
      });
      return outcome.response;
    };
    const report = (error: unknown): KmsFault => {
      // An Internal of the vault's own is a defect too, or damage to what is stored.
      if (error instanceof KmsFault && error.code !== 'Internal') return error;
      services.onDefect(error, request);
      return error instanceof KmsFault
        ? error
        : fault('Internal', { what: 'a defect of ours' }, error);
    };
    const refuse = (error: unknown): Answer => {
      const thrown = report(error);
      try {
        return finish(protocol.refuse(thrown, decoded?.row, caller, request));
      } catch (defect) {
        return finish(protocol.refuse(report(defect), undefined, undefined, request));
      }
    };
    const answer = (output: unknown, who: Who, what: Decoded<Row>): Answer =>
      finish(protocol.encode(output, what.row, who, request));
    const serve = (who: Who): Answer | Promise<Answer> => {
      caller = who;
      const what = protocol.decode(request, who);
      decoded = what;
      const opened = who.sandbox === MAIN_SANDBOX && scope.sandbox === MAIN_SANDBOX;
      const pinned = who.sandbox === scope.sandbox ? scope.pinned : new Map<string, unknown>();
      const output = withLoads(() => {
        if (!opened) scope = openScope(vault, who.sandbox, missing, pinned);
        return protocol.handle(what, who, scope, request);
      });
      return output instanceof Promise
        ? output.then((value) => answer(value, who, what)).catch(refuse)
        : answer(output, who, what);
    };

    try {
      const { pinned } = scope;
      const who = withLoads(() => {
        scope = openScope(vault, request.sandbox, 'ignore', pinned);
        return protocol.authenticate(request, scope);
      });
      return who instanceof Promise ? who.then(serve).catch(refuse) : serve(who);
    } catch (error) {
      return refuse(error);
    }
  };
}

/** A name that a client made up is kept as far as it could be one of ours. */
const MAX_NAME = 64;
