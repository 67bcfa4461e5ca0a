import {
  createMemoryStore,
  createRootKey,
  createSystemClock,
  createSystemEntropy,
  openVault,
  Secret,
  type Vault,
} from '@keyglot/core';
import type { WireRequest, WireResponse } from '@keyglot/dialect';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAlibabaDialect } from '../../src/dialect.js';
import type { AlibabaSettings } from '../../src/settings.js';

let vault: Vault;

beforeAll(async () => {
  const entropy = createSystemEntropy();
  vault = await openVault({
    store: createMemoryStore(),
    clock: createSystemClock(),
    entropy,
    rootKey: createRootKey(new Secret(entropy.bytes(32)), entropy),
  });
});

afterAll(() => vault.close());

type Ask = (query: Readonly<Record<string, string>>) => Promise<WireResponse>;

function askerWith(settings: Partial<AlibabaSettings>): Ask {
  const dialect = createAlibabaDialect(
    {
      vault,
      journal: { record: () => undefined },
      onDefect: (error) => expect(error).toBe('none'),
    },
    { auth: 'open', region: 'cn-hangzhou', ...settings },
  );
  return async (query) => {
    const request: WireRequest = {
      head: {
        method: 'GET',
        rawPath: '/',
        path: '/',
        query: new URLSearchParams({ Version: '2016-01-20', ...query }).toString(),
        headers: {},
        hostname: 'localhost',
      },
      body: Buffer.alloc(0),
      requestId: vault.entropy.uuid(),
      receivedAtMs: vault.clock.realMs(),
      sandbox: 'main',
      mount: '',
    };
    return dialect.handle(request);
  };
}

async function makeKey(ask: Ask): Promise<Record<string, string>> {
  return JSON.parse((await ask({ Action: 'CreateKey' })).body).KeyMetadata;
}

describe('the settings', () => {
  it('name account and region of keys', async () => {
    const ask = askerWith({ account: '1234567890123456', region: 'cn-beijing' });
    expect((await makeKey(ask))['Arn']).toMatch(/^acs:kms:cn-beijing:1234567890123456:key\//);
  });

  it('choose the root of XML', async () => {
    const query = { Action: 'ListKeys', Format: 'XML' };
    expect((await askerWith({})(query)).body).toMatch(/\?><KMS>.*<\/KMS>$/);
    const ask = askerWith({ xmlRoot: 'Response' });
    expect((await ask(query)).body).toMatch(/\?><ListKeysResponse>.*<\/ListKeysResponse>$/);
    const unknown = await ask({ Action: 'a><b', Format: 'XML' });
    expect(unknown.body).toMatch(/\?><KMS>.*<\/KMS>$/);
  });

  it('choose whose ids ReEncrypt answers with', async () => {
    for (const reEncryptIds of ['source', 'destination'] as const) {
      const ask = askerWith({ reEncryptIds });
      const [from, to] = [await makeKey(ask), await makeKey(ask)];
      const KeyId = from['KeyId'] ?? '';
      const sealed = JSON.parse((await ask({ Action: 'Encrypt', KeyId, Plaintext: 'x' })).body);
      const answer = await ask({
        Action: 'ReEncrypt',
        CiphertextBlob: sealed.CiphertextBlob,
        DestinationKeyId: to['KeyId'] ?? '',
      });
      const named = reEncryptIds === 'source' ? from : to;
      expect(JSON.parse(answer.body)).toMatchObject({
        KeyId: named['KeyId'],
        KeyVersionId: named['PrimaryKeyVersion'],
      });
    }
  });
});
