import { Agent, type IncomingHttpHeaders, request } from 'node:http';

/** A request as it is put on the socket. */
export interface PlainRequest {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string | Buffer;
}

/** An answer as it came from the socket. */
export interface PlainAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Sends requests to one port of this machine, one after another over one kept connection. */
export interface HttpClient {
  send(request: PlainRequest): Promise<PlainAnswer>;
  close(): void;
}

export function createHttpClient(port: number): HttpClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    send({ method = 'POST', path = '/', headers = {}, body = '' }) {
      return new Promise((resolve, reject) => {
        const bytes = Buffer.from(body);
        const length = method === 'GET' ? {} : { 'content-length': String(bytes.length) };
        const sent = request(
          { host: '127.0.0.1', port, method, path, agent, headers: { ...length, ...headers } },
          (response) => {
            const chunks: Buffer[] = [];
            response.on('data', (chunk: Buffer) => chunks.push(chunk));
            response.on('error', reject);
            response.on('end', () =>
              resolve({
                status: response.statusCode ?? 0,
                headers: response.headers,
                text: Buffer.concat(chunks).toString('utf8'),
              }),
            );
          },
        );
        sent.on('error', reject);
        sent.end(method === 'GET' ? undefined : bytes);
      });
    },
    close: () => agent.destroy(),
  };
}
