import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jsonRequest, startTarget, type Target } from './target.js';

const MEBIBYTE = 1_048_576;

let target: Target;
let collect: () => void;

beforeAll(async () => {
  target = await startTarget();
  setFlagsFromString('--expose-gc');
  collect = runInNewContext('gc');
});

afterAll(() => target.close());

function usedBytes(): number {
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** How much more is in use after some work than before it. */
async function growth(work: () => Promise<void>): Promise<number> {
  const before = usedBytes();
  await work();
  return usedBytes() - before;
}

describe('memory', () => {
  test('is taken for the bytes of a body, not for the pieces in which they come', async () => {
    const client = target.connect();
    const [head] = jsonRequest('ListKeys', '');
    client.send(head.replace('Content-Length: 0', 'Transfer-Encoding: chunked'));
    const grown = await growth(async () => {
      const block = '1\r\na\r\n'.repeat(50_000);
      for (let sent = 0; sent < 10; sent += 1) {
        await new Promise<void>((resolve, reject) => {
          client.socket.write(block, (error) => (error ? reject(error) : resolve()));
        });
      }
      // All of it has been read when an answer to what was sent behind it comes.
      await target.assertIntact();
    });
    client.socket.destroy();
    expect(grown).toBeLessThan(10 * MEBIBYTE);
  });

  test('is not kept by the journal for the long names that clients send', async () => {
    const grown = await growth(async () => {
      for (let index = 0; index < 60; index += 1) {
        const name = `${index}${'n'.repeat(1_000_000)}`;
        expect((await target.call('ListKeys', `{"${name}":1}`)).status).toBe(200);
      }
    });
    expect(grown).toBeLessThan(10 * MEBIBYTE);
  });

  test('is bounded for any number of access keys that nobody registered', async () => {
    const client = target.connect();
    const grown = await growth(async () => {
      for (let index = 0; index < 3_000; index += 1) {
        const key = `K${index}${'x'.repeat(6_000)}`;
        const field = `Authorization: AWS4-HMAC-SHA256 Credential=${key}/20261124/us-east-1/kms/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`;
        client.send(...jsonRequest('ListKeys', '{}', [field, 'X-Amz-Date: 20261124T000000Z']));
        if (index % 100 === 99) {
          for (const answer of await client.answers(100)) expect(answer.status).toBe(200);
        }
      }
    });
    client.socket.destroy();
    // A thousand headers are kept.
    expect(grown).toBeLessThan(24 * MEBIBYTE);
  });
});
