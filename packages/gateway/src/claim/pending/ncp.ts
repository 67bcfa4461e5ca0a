import type { RequestHead } from '@keyglot/dialect';

const HOSTS = new Set([
  'kms.apigw.ntruss.com',
  'kms.apigw.gov-ntruss.com',
  'kms.apigw.fin-ntruss.com',
  'ocapi.ncloud.com',
  'ocapi-kr.ncloud.com',
  'ocapi-jp.ncloud.com',
  'ocapi.gov-ncloud.com',
]);
const VERSIONED = /^\/keys\/v[12]\//;
const KEY_PATH = /^(?:\/kms\/v1)?\/keys\/[^/]+\/(.+)$/;
const VERSION_ACTION = /^versions\/[^/]+\/(?:enable|disable)$/;

// Last part of the paths listed under https://api.ncloud-docs.com/docs/en/security-kms
const ACTIONS = new Set([
  'access-token',
  'acl',
  'acl/disable',
  'acl/enable',
  'activities',
  'cancel-deletion',
  'create-custom-key',
  'createCustomKey',
  'decrypt',
  'disable',
  'disable-auto-rotation',
  'enable',
  'enable-auto-rotation',
  'encrypt',
  'get-pub-key',
  'last-use-info',
  'memo',
  'name',
  're-encrypt',
  'reencrypt',
  'request-deletion',
  'rotate',
  'rotation-period',
  'sign',
  'token-generator',
  'token-set',
  'validate-token',
  'verify',
]);

/** Whether a host name is one of NAVER Cloud KMS. @internal */
export function isNcpHost(hostname: string): boolean {
  return HOSTS.has(hostname);
}

/** Whether a request carries a header of NAVER Cloud. @internal */
export function hasNcpMark(head: RequestHead): boolean {
  return Object.keys(head.headers).some((name) => name.startsWith('x-ncp-'));
}

/** Whether a path has a shape that only NAVER Cloud KMS uses. @internal */
export function isNcpPath(path: string): boolean {
  if (VERSIONED.test(path)) return true;
  const action = KEY_PATH.exec(path)?.[1] ?? '';
  return ACTIONS.has(action) || VERSION_ACTION.test(action);
}
