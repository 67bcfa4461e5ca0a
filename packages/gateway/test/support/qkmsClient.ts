import type { AwsGateway } from './awsGateway.js';
import { signed, stampOf } from './signedRequest.js';
import { START_MS } from './testClock.js';

/** A credential as the vendor's client holds it. */
export const QKMS_CREDENTIAL = {
  dialect: 'qkms',
  accessKeyId: 'QNZMACCESSKEY',
  secretAccessKey: 'secret/of+the=qnzm',
  account: '444455556666',
};

/** How a request differs from the client's usual one. */
export interface Wanted {
  readonly credential?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly path?: string;
  readonly query?: string;
  readonly region?: string;
  readonly secret?: string;
  readonly dateMs?: number;
}

/** What came back. */
export interface QkmsAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/**
 * A request in the form of the vendor's client, which is in no package registry: exactly these four
 * headers are signed, the type is plain JSON, and no hash of the body is sent.
 *
 * @see https://github.com/QuilibriumNetwork/qkms-sdk/blob/main/packages/core/src/sigv4.ts
 */
export async function qkmsRequest(
  gateway: AwsGateway,
  operation: string,
  input: unknown,
  wanted: Wanted = {},
): Promise<QkmsAnswer> {
  const { credential = QKMS_CREDENTIAL, path = '/', query = '', region = 'us-east-1' } = wanted;
  const body = JSON.stringify(input);
  const headers = signed({
    accessKeyId: credential.accessKeyId,
    secretAccessKey: wanted.secret ?? credential.secretAccessKey,
    date: stampOf(wanted.dateMs ?? START_MS),
    region,
    path,
    query,
    headers: {
      'content-type': 'application/json',
      host: new URL(gateway.url).host,
      'x-amz-target': `TrentService.${operation}`,
    },
    body,
  });
  const whole = query === '' ? path : `${path}?${query}`;
  const answer = await gateway.send({ path: whole, headers, body });
  return { status: answer.status, body: answer.text === '' ? {} : JSON.parse(answer.text) };
}
