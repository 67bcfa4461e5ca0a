// A line of JSON with a call comes in, a line of JSON with its outcome goes out; see ../../protocol.ts.
// The working directory is the folder where the SDK is installed.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const sdk = createRequire(`${process.cwd()}/`)('@aws-sdk/client-kms');
/** @type {Map<string, any>} */
const clients = new Map();

/** @param {{ endpoint: string, region: string, account: string }} target */
function clientFor({ endpoint, region, account }) {
  const name = `${endpoint} ${region} ${account}`;
  const credentials = { accessKeyId: account, secretAccessKey: 'secret' };
  const client =
    clients.get(name) ?? new sdk.KMSClient({ endpoint, region, credentials, maxAttempts: 1 });
  clients.set(name, client);
  return client;
}

/** @param {any} value @returns {any} */
function fromJson(value) {
  if (Array.isArray(value)) return value.map(fromJson);
  if (value === null || typeof value !== 'object') return value;
  if ('$blob' in value) return Buffer.from(value.$blob, 'base64');
  if ('$time' in value) return new Date(value.$time * 1000);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, fromJson(item)]));
}

/** @param {any} value @returns {any} */
function toJson(value) {
  if (value instanceof Uint8Array) return { $blob: Buffer.from(value).toString('base64') };
  if (value instanceof Date) return { $time: value.getTime() / 1000 };
  if (Array.isArray(value)) return value.map(toJson);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, toJson(item)]));
}

/** @param {any} call */
async function outcome({ target, operation, input }) {
  const Command = sdk[`${operation}Command`];
  if (Command === undefined) return { unknown: operation };
  try {
    const { $metadata, ...output } = await clientFor(target).send(new Command(fromJson(input)));
    const { httpStatusCode: status, requestId } = $metadata;
    return { output: toJson(output), status, requestId };
  } catch (caught) {
    /** @type {any} */
    const error = caught;
    if (!(error instanceof sdk.KMSServiceException)) return { broken: String(error) };
    const { name: code, message, $metadata } = error;
    return {
      error: {
        code,
        // The class, which is the service's base class for codes that the model does not have.
        type: error.constructor.name,
        // What the SDK says when the answer has no text.
        message: message === 'UnknownError' ? '' : message,
      },
      status: $metadata.httpStatusCode,
      requestId: $metadata.requestId,
    };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await outcome(JSON.parse(line)))}\n`);
}
