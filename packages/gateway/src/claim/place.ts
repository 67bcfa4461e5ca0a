import type { IncomingMessage } from 'node:http';
import type { RequestHead } from '@keyglot/dialect';

/** Names under which a dialect can be mounted, as first path segment or host label. @internal */
export const MOUNTS: readonly Mount[] = ['aws', 'qkms', 'alibaba', 'yandex', 'ncp'];

/** One of {@link MOUNTS}. @public */
export type Mount = 'aws' | 'qkms' | 'alibaba' | 'yandex' | 'ncp';

/** Where a request was sent, after the prefixes of the gateway are taken off. @internal */
export interface Place {
  readonly head: RequestHead;
  /** Dialect named by path prefix or by a `.localhost` name. */
  readonly mount: Mount | undefined;
  readonly sandbox: string | undefined;
  /**
   * Whether a sandbox is named by something that cannot be its name. Such a request must not go to
   * another sandbox, least of all to the one that everybody shares.
   */
  readonly misnamed: boolean;
}

/** Names of sandboxes: lower-case letters, digits and hyphens, at most 63. @internal */
export const SANDBOX_NAME: RegExp = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

const SANDBOX_PREFIX = /^\/s\/([^/]*)(\/.*)?$/;

/**
 * Reads where a request goes: `/s/<sandbox>` first, then a mount prefix, with or without a slash after
 * it; then `<dialect>.localhost` and `<sandbox>.<dialect>.localhost`.
 *
 * @internal
 */
export function placeOf(request: Pick<IncomingMessage, 'url' | 'method' | 'headers'>): Place {
  const target = originForm(request.url ?? '/');
  const mark = target.indexOf('?');
  const rawPath = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 ? '' : target.slice(mark + 1);
  const hostname = hostnameOf(request.headers.host);
  const host = hostMount(hostname);
  let { sandbox, mount, misnamed } = host;
  let path = rawPath;
  if (path.startsWith('/s/')) {
    const [, name = '', rest = '/'] = SANDBOX_PREFIX.exec(path) ?? [];
    misnamed = !SANDBOX_NAME.test(name);
    sandbox = name;
    path = rest;
  }
  for (const name of path === '/' ? [] : MOUNTS) {
    if (path !== `/${name}` && !path.startsWith(`/${name}/`)) continue;
    mount = name;
    path = path.slice(name.length + 1) || '/';
    break;
  }
  const { headers } = request;
  const method = request.method ?? 'GET';
  return { head: { method, rawPath, path, query, headers, hostname }, mount, sandbox, misnamed };
}

/** A proxy's client sends the whole URL; signatures and claims look at the path. */
function originForm(target: string): string {
  if (target.startsWith('/')) return target;
  const found = /^https?:\/\/[^/?]*(.*)$/i.exec(target)?.[1];
  if (found === undefined) return '/';
  return found.startsWith('/') ? found : `/${found}`;
}

function hostnameOf(host: string | undefined): string {
  if (host === undefined) return '';
  const name = host.startsWith('[') ? host.slice(0, host.indexOf(']') + 1) : host.split(':', 1)[0];
  return (name ?? '').toLowerCase();
}

function hostMount(hostname: string): Pick<Place, 'mount' | 'sandbox' | 'misnamed'> {
  const none = { mount: undefined, sandbox: undefined, misnamed: false };
  if (!hostname.endsWith('.localhost')) return none;
  const labels = hostname.slice(0, -'.localhost'.length).split('.');
  const mount = MOUNTS.find((name) => name === labels.at(-1));
  if (mount === undefined || labels.length === 1) return { ...none, mount };
  const sandbox = labels.slice(0, -1).join('.');
  return { mount, sandbox, misnamed: !SANDBOX_NAME.test(sandbox) };
}
