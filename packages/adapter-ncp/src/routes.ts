import type { RequestHead } from '@keyglot/dialect';

/** How a request may prove who sends it. @internal */
export type AuthKind =
  /** Account signature only. */
  | 'account'
  /** Account signature, or an access token of the key. */
  | 'either'
  /** A refresh token of the key. */
  | 'refresh'
  /** Any token of the key. */
  | 'token';

/** Where an operation is found, and who may call it. @internal */
export interface RouteRow {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path behind `/keys`; a star stands for the key tag or a version number. */
  readonly paths: readonly string[];
  readonly auth: AuthKind;
  /** Last segment of the page's address behind `https://api.ncloud-docs.com/docs/en/`. */
  readonly page: string;
  /** Page of the API 1.0, for the six operations that it has. */
  readonly page1?: string;
}

const row = (
  method: RouteRow['method'],
  path: string,
  page: string,
  auth: AuthKind = 'account',
): RouteRow => ({ method, paths: [path], auth, page: `security-kms2-${page}` });

const crypto = (actions: readonly string[], page: string, page1: string): RouteRow => ({
  method: 'POST',
  paths: actions.map((action) => `/*/${action}`),
  auth: 'either',
  page: `security-kms2-${page}`,
  page1: `security-kms-${page1}`,
});

/** Name of an operation, as its page is titled. @internal */
export type OperationName =
  | 'Create Key'
  | 'Get Key List'
  | 'Get Key Info'
  | 'Get Public Key'
  | 'Enable Key'
  | 'Disable Key'
  | 'Update Key Name'
  | 'Update Memo'
  | 'Rotate Key'
  | 'Get Key Version List'
  | 'Enable Key Version'
  | 'Disable Key Version'
  | 'Request Key Deletion'
  | 'Cancel Key Deletion'
  | 'Delete Key'
  | 'Update Rotation Period'
  | 'Enable Auto Rotation'
  | 'Disable Auto Rotation'
  | 'Encrypt'
  | 'Decrypt'
  | 'Create Custom Key'
  | 'Re-encrypt'
  | 'Sign'
  | 'Verify'
  | 'Create Token Generator'
  | 'Get Token Generator'
  | 'Update Token Generator'
  | 'Delete Token Generator'
  | 'Create Token Set'
  | 'Renew Token Set'
  | 'Create Access Token'
  | 'Validate Token'
  | 'Enable IP ACL'
  | 'Disable IP ACL'
  | 'Get ACL Rule List'
  | 'Add ACL Rule'
  | 'Delete ACL Rule'
  | 'Get Key Activity Logs'
  | 'Get Latest Use Info';

/**
 * Every operation of the published reference. Where the two APIs spell an action differently, both take
 * both spellings: the pages changed them over time.
 *
 * @see https://api.ncloud-docs.com/docs/en/security-kms
 * @internal
 */
export const ROUTES: { readonly [Name in OperationName]: RouteRow } = Object.freeze({
  'Create Key': row('POST', '', 'create-key'),
  'Get Key List': row('GET', '', 'key-list'),
  'Get Key Info': row('GET', '/*', 'key-info'),
  'Get Public Key': row('POST', '/*/get-pub-key', 'public-key', 'either'),
  'Enable Key': row('POST', '/*/enable', 'enable-key'),
  'Disable Key': row('POST', '/*/disable', 'disable-key'),
  'Update Key Name': { ...row('PUT', '/*/name', ''), page: 'update-key-name' },
  'Update Memo': row('PUT', '/*/memo', 'update-memo'),
  'Rotate Key': row('POST', '/*/rotate', 'rotate-key'),
  'Get Key Version List': row('GET', '/*/versions', 'key-version-list'),
  'Enable Key Version': row('POST', '/*/versions/*/enable', 'enable-key-version'),
  'Disable Key Version': row('POST', '/*/versions/*/disable', 'disable-key-version'),
  'Request Key Deletion': row('POST', '/*/request-deletion', 'request-key-deletion'),
  'Cancel Key Deletion': row('POST', '/*/cancel-deletion', 'cancel-key-deletion'),
  'Delete Key': row('DELETE', '/*', 'delete-key'),
  'Update Rotation Period': row('PUT', '/*/rotation-period', 'rotation-period'),
  'Enable Auto Rotation': row('POST', '/*/enable-auto-rotation', 'enable-auto-rotation'),
  'Disable Auto Rotation': row('POST', '/*/disable-auto-rotation', 'disable-auto-rotation'),
  Encrypt: crypto(['encrypt'], 'encrypt', 'encrypt'),
  Decrypt: crypto(['decrypt'], 'decrypt', 'decrypt'),
  'Create Custom Key': crypto(
    ['create-custom-key', 'createCustomKey'],
    'custom-key',
    'createusercustomkey',
  ),
  'Re-encrypt': crypto(['re-encrypt', 'reencrypt'], 'reencrypt', 'reencrypt'),
  Sign: crypto(['sign'], 'sign', 'sign'),
  Verify: crypto(['verify'], 'verify', 'verify'),
  'Create Token Generator': row('POST', '/*/token-generator', 'create-token-gen'),
  'Get Token Generator': row('GET', '/*/token-generator', 'get-token-gen'),
  'Update Token Generator': row('PUT', '/*/token-generator', 'update-token-gen'),
  'Delete Token Generator': row('DELETE', '/*/token-generator', 'delete-token-gen'),
  'Create Token Set': row('POST', '/*/token-set', 'token-set'),
  'Renew Token Set': row('PUT', '/*/token-set', 'token-renew', 'refresh'),
  'Create Access Token': row('POST', '/*/access-token', 'token-access-token', 'refresh'),
  'Validate Token': row('GET', '/*/validate-token', 'token-validate', 'token'),
  'Enable IP ACL': row('POST', '/*/acl/enable', 'enable-ip-acl'),
  'Disable IP ACL': row('POST', '/*/acl/disable', 'disable-ip-acl'),
  'Get ACL Rule List': row('GET', '/*/acl', 'acl-list'),
  'Add ACL Rule': row('POST', '/*/acl', 'add-acl'),
  'Delete ACL Rule': row('DELETE', '/*/acl', 'delete-acl'),
  'Get Key Activity Logs': row('GET', '/*/activities', 'key-activity-logs'),
  'Get Latest Use Info': row('GET', '/*/last-use-info', 'latest-use-info'),
});

/** The two live APIs; they differ in envelope, paths and authentication. @internal */
export type Api = '1.0' | '2.0';

/** What the address of a request says. @internal */
export interface Route {
  readonly name: OperationName;
  readonly api: Api;
  readonly row: RouteRow;
  /** Empty for operations on no key. */
  readonly keyTag: string;
  /** Version number of the path as sent, or empty. */
  readonly version: string;
}

const API_1 = /^\/keys\/v[12]\//;
const API_2 = /^(?:\/kms\/v1)?\/keys(\/.*)?$/;

const BY_PATH: ReadonlyMap<string, OperationName> = new Map(
  // Object.entries forgets the names' own type.
  (Object.entries(ROUTES) as [OperationName, RouteRow][]).flatMap(([name, { method, paths }]) =>
    paths.map((path): [string, OperationName] => [`${method} ${path}`, name]),
  ),
);

/** Path shapes of one key that nobody else has: everything but the key itself and its versions. */
const OWN_SHAPES: ReadonlySet<string> = new Set(
  Object.values<RouteRow>(ROUTES)
    .flatMap(({ paths }) => paths)
    .filter((path) => !['', '/*', '/*/versions'].includes(path)),
);

/** Which API an address belongs to; the envelopes of its answers follow from that. @internal */
export function apiOf(path: string): Api {
  return API_1.test(path) ? '1.0' : '2.0';
}

/** Whether a path has a shape that only this dialect uses. @internal */
export function isOwnPath(path: string): boolean {
  if (API_1.test(path)) return true;
  const rest = API_2.exec(path)?.[1];
  return rest !== undefined && OWN_SHAPES.has(shapeOf(rest.split('/')));
}

/**
 * Finds the operation of an address: `/kms/v1/keys…`, the shortened `/keys…`, or `/keys/v1|v2/…` of the
 * API 1.0. Undefined when there is none, `malformed` when a percent sign leads nowhere.
 *
 * @internal
 */
export function routeOf(head: RequestHead): Route | 'malformed' | undefined {
  const { method, path } = head;
  const api = apiOf(path);
  const rest = api === '1.0' ? path.slice('/keys/v1'.length) : API_2.exec(path)?.[1];
  if (rest === undefined && path !== '/keys' && path !== '/kms/v1/keys') return undefined;
  const segments = (rest ?? '').split('/');
  const name = BY_PATH.get(`${method} ${shapeOf(segments)}`);
  if (name === undefined) return undefined;
  const row: RouteRow = ROUTES[name];
  if (api === '1.0' && row.page1 === undefined) return undefined;
  const keyTag = decoded(segments[1] ?? '');
  const version = decoded(segments[2] === 'versions' ? (segments[3] ?? '') : '');
  if (keyTag === undefined || version === undefined) return 'malformed';
  return { name, api, row, keyTag, version };
}

/** `/{tag}/versions/{version}/enable` becomes `/*` + `/versions/*` + `/enable`. */
function shapeOf(segments: readonly string[]): string {
  let shape = '';
  for (let at = 1; at < segments.length; at += 1) {
    const segment = segments[at] ?? '';
    const open = at === 1 || (at === 3 && segments[2] === 'versions');
    if (open && segment === '') return 'none';
    shape += open ? '/*' : `/${segment}`;
  }
  return shape;
}

function decoded(segment: string): string | undefined {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
