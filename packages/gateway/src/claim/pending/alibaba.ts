import { header, type RequestHead } from '@keyglot/dialect';

const HOST =
  /^(?:(?:kms|kms-vpc|sts|sts-vpc)(?:\.[a-z0-9-]+)?|[a-z0-9-]+\.cryptoservice\.kms)\.aliyuncs\.com$/;

/** Whether a host name is one of Alibaba Cloud KMS. @internal */
export function isAlibabaHost(hostname: string): boolean {
  return HOST.test(hostname);
}

/** Whether a request carries a mark of Alibaba Cloud's RPC protocol, of either signature generation. @internal */
export function hasAlibabaMark(head: RequestHead): boolean {
  if (Object.keys(head.headers).some((name) => name.startsWith('x-acs-'))) return true;
  if (header(head, 'authorization')?.startsWith('ACS3-') === true) return true;
  return head.query !== '' && isAlibabaForm(head.query);
}

/** Whether a query or form names an action; AWS's own form was asked before. @internal */
export function isAlibabaForm(text: string): boolean {
  return new URLSearchParams(text).has('Action');
}
