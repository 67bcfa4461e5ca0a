import { Agent, request } from 'node:http';

/** What became of a request. */
export type Outcome =
  | { readonly kind: 'done'; readonly output: Record<string, unknown> }
  | { readonly kind: 'refused'; readonly code: string }
  /** No answer, or one that says that the service failed: it may have happened or not. */
  | { readonly kind: 'unknown'; readonly why: string };

/** Sends one request of the AWS JSON protocol. Never rejects. */
export type Call = (operation: string, input: object) => Promise<Outcome>;

/** A client with connections of its own. */
export interface Client {
  readonly call: Call;
  close(): void;
}

/** Longer than all time limits of the gateway together: whoever waits longer waits for ever. */
const HUNG_MS = 30_000;

/** Makes a client. Requests are not signed, which the mode `open` allows. */
export function createClient(url: string): Client {
  const agent = new Agent({ keepAlive: true });
  const call: Call = (operation, input) =>
    new Promise((resolve) => {
      const sent = request(
        url,
        {
          method: 'POST',
          agent,
          headers: {
            'content-type': 'application/x-amz-json-1.1',
            'x-amz-target': `TrentService.${operation}`,
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', fail);
          response.on('end', () => {
            clearTimeout(timer);
            resolve(outcomeOf(response.statusCode ?? 0, Buffer.concat(chunks).toString()));
          });
        },
      );
      const fail = (error: Error): void => {
        clearTimeout(timer);
        resolve({ kind: 'unknown', why: error.message });
      };
      const timer = setTimeout(() => {
        sent.destroy(new Error(`hung: no answer to ${operation} within ${HUNG_MS} ms`));
      }, HUNG_MS);
      sent.on('error', fail);
      sent.end(JSON.stringify(input));
    });
  return { call, close: () => agent.destroy() };
}

function outcomeOf(status: number, text: string): Outcome {
  let body: Record<string, unknown>;
  try {
    body = text === '' ? {} : Object(JSON.parse(text));
  } catch {
    return { kind: 'unknown', why: `defect: ${status} with a body that is no JSON` };
  }
  if (status === 200) return { kind: 'done', output: body };
  const code = String(body['__type']);
  if (status < 500) return { kind: 'refused', code };
  // The code for "the database cannot be reached"; any other server fault is a defect.
  const expected = status === 500 && code === 'DependencyTimeoutException';
  return { kind: 'unknown', why: expected ? code : `defect: ${status} ${code}` };
}
