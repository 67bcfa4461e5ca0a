import type { RequestHead } from '@keyglot/dialect';
import { isOwnPath } from './routes.js';

/** Hosts of both APIs: https://api.ncloud-docs.com/docs/en/security-kms */
const HOSTS = new Set([
  'kms.apigw.ntruss.com',
  'kms.apigw.gov-ntruss.com',
  'kms.apigw.fin-ntruss.com',
  'ocapi.ncloud.com',
  'ocapi-kr.ncloud.com',
  'ocapi-jp.ncloud.com',
  'ocapi.gov-ncloud.com',
]);

/** Whether a host name is one of NAVER Cloud KMS. @public */
export function isNcpHost(hostname: string): boolean {
  return HOSTS.has(hostname);
}

/** Whether a request carries a header of NAVER Cloud. @public */
export function hasNcpMark(head: RequestHead): boolean {
  return Object.keys(head.headers).some((name) => name.startsWith('x-ncp-'));
}

/** Whether a path has a shape that only NAVER Cloud KMS uses. @public */
export function isNcpPath(path: string): boolean {
  return isOwnPath(path);
}
