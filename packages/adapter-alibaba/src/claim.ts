import { header, type RequestHead } from '@keyglot/dialect';

const HOST =
  /^(?:(?:kms|kms-vpc|sts|sts-vpc)(?:\.[a-z0-9-]+)?|[a-z0-9-]+\.cryptoservice\.kms)\.aliyuncs\.com$/;
const REGIONAL_HOST = /^(?:kms|kms-vpc)\.([a-z0-9-]+)\.aliyuncs\.com$/;
const DEDICATED_SUFFIX = '.cryptoservice.kms.aliyuncs.com';

/** Whether a host name is one of Alibaba Cloud KMS or STS. @public */
export function isAlibabaHost(hostname: string): boolean {
  return HOST.test(hostname);
}

/** Whether a request carries a mark of Alibaba Cloud's RPC protocol, of either signature generation. @public */
export function hasAlibabaMark(head: RequestHead): boolean {
  for (const name in head.headers) if (name.startsWith('x-acs-')) return true;
  if (ACS_AUTHORIZATION.test(header(head, 'authorization') ?? '')) return true;
  return head.query !== '' && isAlibabaForm(head.query);
}

/** Whether a query or form names an action; AWS's own form was asked before. @public */
export function isAlibabaForm(text: string): boolean {
  return new URLSearchParams(text).has('Action');
}

/** Region that a host name of the provider carries, or undefined. @internal */
export function regionOfHost(hostname: string): string | undefined {
  return REGIONAL_HOST.exec(hostname)?.[1];
}

/** Whether a host name is the dedicated gateway of a KMS instance. @internal */
export function isDedicatedHost(hostname: string): boolean {
  return hostname.endsWith(DEDICATED_SUFFIX);
}

/** All generations of the signature in the header. */
const ACS_AUTHORIZATION = /^ACS\d-/;
