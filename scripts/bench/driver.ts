import { connect, type Socket } from 'node:net';

/** What a run sends; all of it is ready before the run begins. */
export interface Pool {
  readonly requests: readonly Buffer[];
  /** Told about one answer in {@link SAMPLE_EVERY}. @throws Error when the answer is wrong */
  readonly sample?: (index: number, body: string) => void;
}

/** What a run came to. */
export interface Run {
  readonly answers: number;
  readonly seconds: number;
  /** Milliseconds from the write of a request to the end of its answer, in ascending order. */
  readonly latencies: Float64Array;
}

const SAMPLE_EVERY = 64;
const CONNECT_MS = 10_000;

/** What to do for how long. */
export interface DriveOptions {
  readonly port: number;
  readonly connections: number;
  readonly seconds: number;
  /** Called when the connections are warm and the measured part begins. */
  readonly onStart?: () => void;
}

const WARM_UP_SECONDS = 0.1;
/** Longer than any answer takes. */
const HUNG_MS = 20_000;

/**
 * Opens connections to a server on 127.0.0.1 and keeps them busy for a while; handshakes are not
 * measured.
 *
 * @throws Error when an answer is not 200, a sample is wrong, or nothing comes any more
 */
export async function drive(options: DriveOptions, pool: Pool): Promise<Run> {
  const { port, connections, seconds, onStart } = options;
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)));
  const hang = (): void => {
    for (const socket of sockets) socket.destroy(new Error('an answer does not come'));
  };
  const timer = setTimeout(hang, (WARM_UP_SECONDS + seconds) * 1_000 + HUNG_MS);
  try {
    await send(sockets, pool, WARM_UP_SECONDS);
    onStart?.();
    return await send(sockets, pool, seconds);
  } finally {
    clearTimeout(timer);
    for (const socket of sockets) socket.destroy();
  }
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error('no connection in time'));
    }, CONNECT_MS);
    socket.once('error', reject);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', reject);
      // Also between two uses an error must not end this process; the next use meets it again.
      socket.on('error', () => {});
      resolve(socket);
    });
  });
}

/** Each connection sends its next request as soon as the answer before is complete. */
async function send(sockets: readonly Socket[], pool: Pool, seconds: number): Promise<Run> {
  let latencies = new Float64Array(1 << 16);
  let answers = 0;
  let next = 0;
  let over = false;
  const startedAt = performance.now();

  const serve = (socket: Socket): Promise<void> =>
    new Promise((resolve, reject) => {
      let index = 0;
      let sentAt = 0;
      let kept: Buffer | undefined;
      const sendNext = (): void => {
        index = next % pool.requests.length;
        next += 1;
        sentAt = performance.now();
        socket.write(pool.requests[index] ?? '');
      };
      const end = (error?: Error): void => {
        socket.off('data', read);
        socket.off('error', end);
        socket.off('close', closed);
        if (error === undefined) resolve();
        else reject(error);
      };
      const closed = (): void => end(new Error('the server closed a connection'));
      const read = (chunk: Buffer): void => {
        const data = kept === undefined ? chunk : Buffer.concat([kept, chunk]);
        const answer = parse(data);
        if (answer === undefined) {
          kept = data;
          return;
        }
        kept = undefined;
        if (answers === latencies.length) {
          const larger = new Float64Array(latencies.length * 2);
          larger.set(latencies);
          latencies = larger;
        }
        latencies[answers] = performance.now() - sentAt;
        answers += 1;
        try {
          if (answer.status !== 200) throw new Error(`${answer.status} ${bodyOf(data, answer)}`);
          if (answers % SAMPLE_EVERY === 0) pool.sample?.(index, bodyOf(data, answer));
        } catch (error) {
          end(error instanceof Error ? error : new Error(String(error)));
          return;
        }
        if (over) end();
        else sendNext();
      };
      socket.on('data', read);
      socket.on('error', end);
      socket.on('close', closed);
      sendNext();
    });

  const timer = setTimeout(() => {
    over = true;
  }, seconds * 1_000);
  try {
    await Promise.all(sockets.map(serve));
  } finally {
    clearTimeout(timer);
    over = true;
  }
  const took = (performance.now() - startedAt) / 1_000;
  return { answers, seconds: took, latencies: latencies.slice(0, answers).sort() };
}

interface Answer {
  readonly status: number;
  readonly bodyAt: number;
  readonly bodyBytes: number;
}

/** Reads just enough of an answer to know where it ends; undefined while it is not complete. */
function parse(data: Buffer): Answer | undefined {
  const headEnd = data.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const head = data.toString('latin1', 0, headEnd);
  const at = head.indexOf('ontent-Length: ');
  if (at < 0) throw new Error('an answer without Content-Length');
  const bodyBytes = Number.parseInt(head.slice(at + 15), 10);
  const bodyAt = headEnd + 4;
  if (data.length < bodyAt + bodyBytes) return undefined;
  return { status: Number(head.slice(9, 12)), bodyAt, bodyBytes };
}

function bodyOf(data: Buffer, { bodyAt, bodyBytes }: Answer): string {
  return data.toString('utf8', bodyAt, bodyAt + bodyBytes);
}

/** A percentile of a run in milliseconds, 0 to 100. */
export function percentile(run: Run, percent: number): number {
  const at = Math.ceil((percent / 100) * run.latencies.length) - 1;
  return run.latencies[Math.max(0, at)] ?? Number.NaN;
}
