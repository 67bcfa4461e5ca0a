import { createHash, createHmac } from 'node:crypto';

/** A registered access key and where requests are signed for. */
export interface Signer {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  /** `127.0.0.1:8567`; signed, as every client does it. */
  readonly host: string;
}

const SERVICE = 'kms';
const CONTENT_TYPE = 'application/x-amz-json-1.1';
const SIGNED = 'content-type;host;x-amz-date;x-amz-target';

/**
 * Writes a whole HTTP/1.1 request of the AWS JSON protocol, signed with Signature Version 4.
 *
 * @param atMs - date of the signature; it holds for five minutes
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function signedRequest(
  signer: Signer,
  operation: string,
  input: object,
  atMs: number,
): Buffer {
  const body = JSON.stringify(input);
  const target = `TrentService.${operation}`;
  const timestamp = new Date(atMs).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const date = timestamp.slice(0, 8);
  const scope = `${date}/${signer.region}/${SERVICE}/aws4_request`;
  const headers =
    `content-type:${CONTENT_TYPE}\nhost:${signer.host}\nx-amz-date:${timestamp}\n` +
    `x-amz-target:${target}\n`;
  const canonical = `POST\n/\n\n${headers}\n${SIGNED}\n${sha256(body)}`;
  const text = `AWS4-HMAC-SHA256\n${timestamp}\n${scope}\n${sha256(canonical)}`;
  const signature = createHmac('sha256', signingKey(signer, date)).update(text).digest('hex');
  return Buffer.from(
    `POST / HTTP/1.1\r\nhost: ${signer.host}\r\nuser-agent: aws-sdk-js/3 bench\r\n` +
      `content-type: ${CONTENT_TYPE}\r\nx-amz-target: ${target}\r\nx-amz-date: ${timestamp}\r\n` +
      `authorization: AWS4-HMAC-SHA256 Credential=${signer.accessKeyId}/${scope}, ` +
      `SignedHeaders=${SIGNED}, Signature=${signature}\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: keep-alive\r\n\r\n${body}`,
  );
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

const keys = new Map<string, Buffer>();

function signingKey({ secretAccessKey, region }: Signer, date: string): Buffer {
  const name = `${secretAccessKey} ${region} ${date}`;
  let key = keys.get(name);
  if (key === undefined) {
    key = Buffer.from(`AWS4${secretAccessKey}`);
    for (const part of [date, region, SERVICE, 'aws4_request']) {
      key = createHmac('sha256', key).update(part).digest();
    }
    keys.set(name, key);
  }
  return key;
}
