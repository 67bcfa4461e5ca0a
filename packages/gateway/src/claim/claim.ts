import { hasAlibabaMark, isAlibabaForm, isAlibabaHost } from '@keyglot/adapter-alibaba/claim';
import { hasAwsMark, isAwsHost, isQkmsHost, isStsForm } from '@keyglot/adapter-aws/claim';
import { hasNcpMark, isNcpHost, isNcpPath } from '@keyglot/adapter-ncp/claim';
import { hasYandexMark, isYandexHost, isYandexPath } from '@keyglot/adapter-yandex/claim';
import { header, type RequestHead } from '@keyglot/dialect';
import type { Mount, Place } from './place.js';
import { sharedPath } from './sharedPath.js';

/** Paths of the gateway itself, never claimed whatever the host or headers. */
const RESERVED = /^\/(_keyglot|healthz|readyz|metrics)(\/|$)/;

/** Who gets a request; `form` when only the body can tell. @internal */
export type Claim =
  | { readonly kind: 'dialect'; readonly name: Mount; readonly named: boolean }
  | { readonly kind: 'form' }
  | { readonly kind: 'nobody' };

const NOBODY: Claim = { kind: 'nobody' };

interface Rules {
  readonly name: Mount;
  readonly host: (hostname: string) => boolean;
  readonly mark: (head: RequestHead) => boolean;
  readonly path: (path: string) => boolean;
}

const never = (): boolean => false;

/** In the order in which they are asked; the first that says yes has the request. */
const RULES: readonly Rules[] = [
  { name: 'aws', host: isAwsHost, mark: hasAwsMark, path: never },
  { name: 'qkms', host: isQkmsHost, mark: never, path: never },
  { name: 'alibaba', host: isAlibabaHost, mark: hasAlibabaMark, path: never },
  { name: 'ncp', host: isNcpHost, mark: hasNcpMark, path: isNcpPath },
  { name: 'yandex', host: isYandexHost, mark: hasYandexMark, path: isYandexPath },
];

/**
 * Chooses the dialect of a request by the weakest mark that only one has; the mark's value is judged
 * by that dialect. Order: mount or dialect's own host, providers' hosts, marks in the head, shape of
 * the path.
 *
 * @internal
 */
export function claimOf({ head, mount, misnamed }: Place): Claim {
  if (isReserved(head.rawPath) || misnamed) return NOBODY;
  if (mount !== undefined) return { kind: 'dialect', name: mount, named: true };
  const byHost = RULES.find((rule) => rule.host(head.hostname));
  if (byHost !== undefined) return { kind: 'dialect', name: byHost.name, named: true };
  const found =
    RULES.find((rule) => rule.mark(head)) ??
    // The other way round: an id with a verb behind it comes before the actions below an id.
    RULES.findLast((rule) => rule.path(head.path));
  const name = found?.name ?? sharedPath(head);
  if (name !== undefined) return { kind: 'dialect', name, named: false };
  return isForm(head) ? { kind: 'form' } : NOBODY;
}

/** Whether a path belongs to the gateway itself. @internal */
export function isReserved(rawPath: string): boolean {
  return RESERVED.test(rawPath);
}

/** Chooses by the fields of a form. @internal */
export function claimByForm(body: Buffer): Claim {
  const text = body.toString('latin1');
  if (isStsForm(text)) return { kind: 'dialect', name: 'aws', named: false };
  if (isAlibabaForm(text)) return { kind: 'dialect', name: 'alibaba', named: false };
  return NOBODY;
}

function isForm(head: RequestHead): boolean {
  const type = header(head, 'content-type') ?? '';
  return (
    head.method === 'POST' &&
    head.path === '/' &&
    type.toLowerCase().startsWith('application/x-www-form-urlencoded')
  );
}
