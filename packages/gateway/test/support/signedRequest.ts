import { createHash, createHmac } from 'node:crypto';

/** What a hand-made signature covers. */
export interface Signing {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** `yyyymmddThhmmssZ` */
  readonly date: string;
  readonly region: string;
  readonly service?: string;
  readonly method?: string;
  readonly path?: string;
  /** Sorted, as it is sent. */
  readonly query?: string;
  /** Names in lower case; exactly these are signed, together with `x-amz-date`. */
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
}

/**
 * Headers of a request that is signed with Signature Version 4, written apart from the product after
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function signed(signing: Signing): Record<string, string> {
  const { method = 'POST', path = '/', query = '', service = 'kms', date, region } = signing;
  const headers: Record<string, string> = { ...signing.headers, 'x-amz-date': date };
  const names = Object.keys(headers).sort();
  const canonical = [
    method,
    path,
    query,
    ...names.map((name) => `${name}:${headers[name]}`),
    '',
    names.join(';'),
    sha256(signing.body),
  ].join('\n');
  const scope = `${date.slice(0, 8)}/${region}/${service}/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n');
  const key = scope
    .split('/')
    .reduce<Buffer>(
      (bytes, part) => hmac(bytes, part),
      Buffer.from(`AWS4${signing.secretAccessKey}`),
    );
  return {
    ...headers,
    authorization:
      `AWS4-HMAC-SHA256 Credential=${signing.accessKeyId}/${scope}, ` +
      `SignedHeaders=${names.join(';')}, Signature=${hmac(key, text).toString('hex')}`,
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** A moment as signatures write it. */
export function stampOf(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, '');
}
