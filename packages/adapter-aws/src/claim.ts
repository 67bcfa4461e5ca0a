import { header, type RequestHead } from '@keyglot/dialect';

/** Host names of AWS KMS and STS in all partitions; clients behind a hosts file or proxy send them. */
const AWS_HOST =
  /^(kms|kms-fips|sts)(\.[a-z0-9-]+)?\.(amazonaws\.com|amazonaws\.com\.cn|api\.aws|c2s\.ic\.gov|sc2s\.sgov\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov|amazonaws\.eu)$/;

/** Whether a host name belongs to AWS. @public */
export function isAwsHost(hostname: string): boolean {
  return AWS_HOST.test(hostname);
}

/** Whether a host name belongs to QKMS. @see https://github.com/QuilibriumNetwork/qkms-sdk @public */
export function isQkmsHost(hostname: string): boolean {
  return hostname === 'qkms.quilibrium.com';
}

/** Whether a request carries a mark that only this wire format has. @public */
export function hasAwsMark(head: RequestHead): boolean {
  if (head.headers['x-amz-target'] !== undefined) return true;
  if (header(head, 'authorization')?.startsWith('AWS4-') === true) return true;
  if (head.query.includes('X-Amz-Algorithm=AWS4-')) return true;
  return head.query !== '' && isStsForm(head.query);
}

/** Whether a query or form names an action of STS. @public */
export function isStsForm(text: string): boolean {
  const form = new URLSearchParams(text);
  return form.has('Action') && form.get('Version') === '2011-06-15';
}
