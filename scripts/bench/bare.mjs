// What any server on node:http must do for such a request: reads the body, answers with the same
// headers. With `crypto` it also parses the JSON, seals by AES-256-GCM under a key that is kept, and
// writes base64 and JSON. It checks nothing at all, so it shows what is Keyglot's own part.
import { createCipheriv, createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

const withCrypto = process.argv[2] === 'crypto';
const key = createSecretKey(randomBytes(32));
const fixed = JSON.stringify({
  CiphertextBlob: 'A'.repeat(260),
  KeyId: `arn:aws:kms:us-east-1:111122223333:key/${randomUUID()}`,
  EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
});
let nonces = randomBytes(12_288);
let used = 0;

/** @param {Buffer} body */
function seal(body) {
  const { KeyId = '', Plaintext = '' } = JSON.parse(body.toString('utf8'));
  if (used === nonces.length) {
    nonces = randomBytes(nonces.length);
    used = 0;
  }
  const nonce = nonces.subarray(used, used + 12);
  used += 12;
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const blob = Buffer.concat([
    nonce,
    cipher.update(Buffer.from(Plaintext, 'base64')),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
  return JSON.stringify({
    CiphertextBlob: blob.toString('base64'),
    KeyId: `arn:aws:kms:us-east-1:111122223333:key/${KeyId}`,
    EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
  });
}

const server = createServer((request, response) => {
  /** @type {Buffer[]} */
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
    const answer = withCrypto && body !== undefined ? seal(body) : fixed;
    response.writeHead(200, [
      'x-amzn-RequestId',
      randomUUID(),
      'Cache-Control',
      'no-cache, no-store, must-revalidate, private',
      'Expires',
      '0',
      'Pragma',
      'no-cache',
      'Content-Type',
      'application/x-amz-json-1.1',
      'Content-Length',
      String(Buffer.byteLength(answer)),
    ]);
    response.end(answer);
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object') console.log(`ready http://127.0.0.1:${address?.port}`);
});
process.on('SIGTERM', () => process.exit(0));
