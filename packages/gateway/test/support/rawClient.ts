import { connect, type Socket } from 'node:net';

/** An answer as it stood on the wire. */
export interface RawAnswer {
  readonly status: number;
  /** Names in lower case; several values of one name joined by a line feed. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** A connection on which anything can be written. */
export interface RawClient {
  readonly socket: Socket;
  send(...pieces: readonly (string | Buffer)[]): void;
  /**
   * The next answers, without interim ones. Fails when the connection closes before they came, when
   * anything but well-formed answers comes, or after {@link PATIENCE_MS}.
   */
  answers(count: number, options?: { readonly head?: boolean }): Promise<readonly RawAnswer[]>;
  /** Everything that still comes until the other side closes. */
  rest(): Promise<string>;
}

/** Longer than anything takes that works; a hang fails after it. */
export const PATIENCE_MS = 10_000;

const HEAD_END = '\r\n\r\n';
const NO_CHUNKS = '0\r\n\r\n';
const STATUS_LINE = /^HTTP\/1\.1 (\d{3}) [\x20-\x7e]*$/;
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?([\x20-\x7e\x80-\xff]*)$/;

export function connectRaw(port: number): RawClient {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  // A small piece is not held back until the one before it is acknowledged.
  socket.setNoDelay(true);
  let received = Buffer.alloc(0);
  let closed = false;
  let wake: () => void = () => undefined;
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    wake();
  });
  const onEnd = (): void => {
    closed = true;
    socket.end();
    wake();
  };
  socket.on('end', onEnd);
  socket.on('close', onEnd);
  // What it means for the test shows in what was received.
  socket.on('error', () => undefined);

  /** Waits until `take` gives something. */
  const wait = <T>(what: string, take: () => T | undefined): Promise<T> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(
          new Error(
            `no ${what} within ${PATIENCE_MS} ms; received: ${received.toString('latin1')}`,
          ),
        );
      }, PATIENCE_MS);
      wake = () => {
        try {
          const taken = take();
          if (taken === undefined && !closed) return;
          clearTimeout(timer);
          if (taken !== undefined) resolve(taken);
          else reject(new Error(`closed before ${what}; received: ${received.toString('latin1')}`));
        } catch (error) {
          clearTimeout(timer);
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      wake();
    });

  const takeAnswer = (isHead: boolean): RawAnswer | undefined => {
    for (;;) {
      const at = received.indexOf(HEAD_END);
      if (at < 0) return undefined;
      const { status, headers } = parseHead(received.toString('latin1', 0, at));
      const bodyAt = at + HEAD_END.length;
      if (status < 200) {
        received = received.subarray(bodyAt);
        continue;
      }
      if (headers.get('transfer-encoding') === 'chunked' && !headers.has('content-length')) {
        // The answers that node:http gives by itself.
        if (received.indexOf(NO_CHUNKS, bodyAt) < 0) return undefined;
        received = received.subarray(bodyAt + NO_CHUNKS.length);
        return { status, headers, body: '' };
      }
      const length = isHead || status === 204 ? '0' : headers.get('content-length');
      if (length === undefined || !/^\d+$/.test(length)) {
        throw new Error(`an answer without one Content-Length: ${JSON.stringify([...headers])}`);
      }
      const end = bodyAt + Number(length);
      if (received.length < end) return undefined;
      const body = received.toString('utf8', bodyAt, end);
      received = received.subarray(end);
      return { status, headers, body };
    }
  };

  return {
    socket,
    send(...pieces) {
      for (const piece of pieces) socket.write(piece, 'latin1');
    },
    async answers(count, { head = false } = {}) {
      const answers: RawAnswer[] = [];
      while (answers.length < count) {
        answers.push(await wait(`answer ${answers.length + 1}`, () => takeAnswer(head)));
      }
      return answers;
    },
    rest: () =>
      wait('end', () => {
        if (!closed) return undefined;
        return received.toString('latin1');
      }),
  };
}

function parseHead(text: string): Pick<RawAnswer, 'status' | 'headers'> {
  const [first = '', ...lines] = text.split('\r\n');
  const status = STATUS_LINE.exec(first)?.[1];
  if (status === undefined) throw new Error(`not a status line: ${JSON.stringify(first)}`);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = FIELD.exec(line) ?? [];
    if (name === undefined || value === undefined) {
      throw new Error(`not a header field: ${JSON.stringify(line)}`);
    }
    const key = name.toLowerCase();
    const before = headers.get(key);
    headers.set(key, before === undefined ? value : `${before}\n${value}`);
  }
  return { status: Number(status), headers };
}
