import { type AddressInfo, Server } from 'node:net';

/** Says in one line why the gateway cannot listen and what to do about it. @public */
export class ListenError extends Error {
  override readonly name: string = 'ListenError';
  /** The system's code, like `EADDRINUSE`. */
  readonly code: string;

  constructor(code: string, message: string, cause: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

interface Target {
  readonly host: string;
  /** Whether a machine without this address is fine. */
  readonly optional: boolean;
}

/** Where the gateway listens. @public */
export interface Listening {
  readonly port: number;
  /** Addresses that were bound, in the order of the hosts. */
  readonly addresses: readonly string[];
}

/** One attempt's servers; those of a failed attempt are closed again. */
interface Bound extends Listening {
  readonly servers: readonly Server[];
}

/** What listening needs of its caller. */
interface Servers {
  /** The server for the n-th address of an attempt, not listening. */
  next(index: number): Server;
  /** Ends the connections that a failed attempt has accepted. */
  dropAll(): void;
}

/** How often another free port is tried when one of several addresses has it taken. */
const PORT_ATTEMPTS = 20;
const NO_SUCH_ADDRESS: ReadonlySet<string> = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT']);

/**
 * Listens on the same port of several addresses. `localhost` stands for 127.0.0.1 and, on a machine
 * that has it, ::1.
 *
 * @throws ListenError
 *
 * @internal
 */
export async function listenOnAll(
  hosts: readonly string[],
  port: number,
  { next, dropAll }: Servers,
): Promise<Bound> {
  const targets = hosts.flatMap(targetsOf);
  for (let attempt = 1; ; attempt += 1) {
    const servers: Server[] = [];
    const addresses: string[] = [];
    let chosen = port;
    try {
      for (const target of targets) {
        const server = next(servers.length);
        const bound = await listenOn(server, target, chosen, targets.length > 1);
        if (bound === undefined) continue;
        servers.push(server);
        addresses.push(bound.address);
        chosen = bound.port;
      }
      return { servers, port: chosen, addresses };
    } catch (error) {
      const done = Promise.all(servers.map(closeServer));
      dropAll();
      await done;
      const takenElsewhere = port === 0 && servers.length > 0 && codeOf(error) === 'EADDRINUSE';
      if (!takenElsewhere || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

/**
 * Stops accepting. Fulfilled when the last connection of the server is closed too.
 *
 * @internal
 */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // Not http.Server's own close: that destroys connections whose answer is not yet flushed.
    Server.prototype.close.call(server, () => resolve());
  });
}

function targetsOf(host: string): readonly Target[] {
  if (host !== 'localhost') return [{ host, optional: false }];
  return [
    { host: '127.0.0.1', optional: false },
    { host: '::1', optional: true },
  ];
}

/** @returns undefined when the machine lacks an optional address */
function listenOn(
  server: Server,
  target: Target,
  port: number,
  several: boolean,
): Promise<AddressInfo | undefined> {
  const { host } = target;
  return new Promise((resolve, reject) => {
    const onError = (error: Error): void => {
      server.off('listening', onListening);
      if (target.optional && NO_SUCH_ADDRESS.has(codeOf(error))) resolve(undefined);
      else reject(listenError(error, host, port));
    };
    const onListening = (): void => {
      server.off('error', onError);
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('not a TCP server'));
      else resolve(address);
    };
    server.once('error', onError);
    server.once('listening', onListening);
    // `::` alone may serve IPv4 as well; beside another address it would be in that one's way.
    server.listen({ host, port, ipv6Only: several && host.includes(':') });
  });
}

function listenError(error: Error, host: string, port: number): ListenError {
  const code = codeOf(error);
  const place = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return new ListenError(code, `cannot listen on ${place}: ${advice(code, port)}`, error);
}

function advice(code: string, port: number): string {
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} is in use; stop the program that has it or choose another port (0 takes a free one)`;
    case 'EACCES':
      return `no permission for port ${port}; choose a port above 1023 (0 takes a free one)`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the host name is unknown; give an address of this machine';
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
      return 'this machine does not have the address; give one that it has';
    default:
      return `the system says ${code}`;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : '';
}
