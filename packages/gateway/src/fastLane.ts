import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock, Entropy } from '@keyglot/core';
import type { Dialect, WireRequest, WireResponse } from '@keyglot/dialect';
import { readBody } from './body.js';
import { type Claim, claimByForm, claimOf, isReserved } from './claim/claim.js';
import { type Place, placeOf } from './claim/place.js';
import { isCrossSite } from './crossSite.js';
import type { DialectSet } from './dialectSet.js';
import { refuseUnread } from './refuseUnread.js';

/** Serves one request; what no dialect claims goes to `next` when there is one. @internal */
export type RequestHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: () => void,
) => void;

/** Handles what nobody claims. @internal */
export type Fallback = (request: IncomingMessage, response: ServerResponse) => void;

/** What the fast lane needs. @internal */
export interface FastLaneOptions {
  readonly dialects: Pick<DialectSet, 'loaded' | 'load'>;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly fallback: Fallback;
  readonly onDefect: (error: unknown) => void;
}

/** Forms are read before anybody claims them, so their limit is the gateway's. */
const FORM_LIMIT_BYTES = 1_048_576;
const MAIN = 'main';

/**
 * The way of a request from the socket into a dialect, past Express: claim, read the body, answer.
 *
 * @internal
 */
export function createFastLane(options: FastLaneOptions): RequestHandler {
  const { dialects, clock, entropy, fallback, onDefect } = options;

  const serve = (
    claim: Extract<Claim, { kind: 'dialect' }>,
    dialect: Dialect,
    place: Place,
    body: Buffer,
    response: ServerResponse,
  ): void => {
    const fail = (error: unknown): void => {
      onDefect(error);
      response.destroy();
    };
    try {
      const answered = dialect.handle(wireRequest(claim, place, body, response));
      if (answered instanceof Promise) {
        answered.then((answer) => write(response, answer)).catch(fail);
      } else {
        write(response, answered);
      }
    } catch (error) {
      fail(error);
    }
  };
  const wireRequest = (
    claim: Extract<Claim, { kind: 'dialect' }>,
    place: Place,
    body: Buffer,
    response: ServerResponse,
  ): WireRequest => ({
    head: place.head,
    body,
    requestId: entropy.uuid(),
    receivedAtMs: clock.realMs(),
    peerAddress: response.socket?.remoteAddress ?? '',
    sandbox: place.sandbox ?? MAIN,
    mount: claim.named ? claim.name : '',
  });

  const handle = (
    claim: Extract<Claim, { kind: 'dialect' }>,
    place: Place,
    request: IncomingMessage,
    response: ServerResponse,
    body?: Buffer,
  ): void => {
    const dialect = dialects.loaded.get(claim.name);
    if (dialect === undefined) {
      dialects.load(claim.name).then(
        () => handle(claim, place, request, response, body),
        (error: unknown) => {
          onDefect(error);
          response.destroy();
        },
      );
    } else if (body !== undefined) {
      serve(claim, dialect, place, body, response);
    } else {
      readBody(request, dialect.bodyLimitBytes, (read) => {
        if (read !== undefined) {
          serve(claim, dialect, place, read, response);
          return;
        }
        const answer = dialect.refuseLargeBody(wireRequest(claim, place, EMPTY, response));
        refuseUnread(request, response, answer);
      });
    }
  };

  return (request, response, next) => {
    if (isCrossSite(request.headers)) {
      refuseUnread(request, response, CROSS_SITE);
      return;
    }
    const place = placeOf(request);
    const claim = claimOf(place);
    if (claim.kind === 'dialect') {
      handle(claim, place, request, response);
    } else if (claim.kind === 'nobody') {
      if (next !== undefined && !isReserved(place.head.rawPath)) next();
      else fallback(request, response);
    } else {
      readBody(request, FORM_LIMIT_BYTES, (body) => {
        if (body === undefined) {
          refuseUnread(request, response, LARGE_FORM);
          return;
        }
        const byForm = claimByForm(body);
        if (byForm.kind === 'dialect') handle(byForm, place, request, response, body);
        else fallback(request, response);
      });
    }
  };
}

const EMPTY = Buffer.alloc(0);

const CROSS_SITE = plainText(403, 'Keyglot refuses cross-site requests.');
const LARGE_FORM = plainText(413, `A form may have ${FORM_LIMIT_BYTES} bytes.`);

function plainText(status: number, body: string): WireResponse {
  const headers = ['Content-Type', 'text/plain; charset=utf-8', 'Content-Length'];
  return { status, headers: [...headers, String(body.length)], body };
}

function write(response: ServerResponse, answer: WireResponse): void {
  // Copied by Node; the type wants a list that may be changed.
  response.writeHead(answer.status, answer.headers as string[]);
  response.end(answer.body);
}
