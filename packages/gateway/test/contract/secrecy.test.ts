import {
  DecryptCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateRandomCommand,
  ReEncryptCommand,
} from '@aws-sdk/client-kms';
import { createSystemClock } from '@keyglot/core';
import { afterEach, expect, test, vi } from 'vitest';
import {
  type AwsGateway,
  bytes,
  HMAC,
  makeKey,
  RSA,
  refusal,
  startAwsGateway,
} from '../support/awsGateway.js';

let aws: AwsGateway | undefined;

afterEach(async () => {
  vi.restoreAllMocks();
  await aws?.close();
  aws = undefined;
});

const PLAINTEXT = 'plaintext-that-nobody-may-see';
const SECRET_KEY = 'secret-access-key-of-the-user';

/** Everything that goes to the process's two streams. */
function captured(): () => string {
  const parts: string[] = [];
  const keep = (...values: unknown[]): void => {
    parts.push(values.map(String).join(' '));
  };
  for (const method of ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const) {
    vi.spyOn(console, method).mockImplementation(keep);
  }
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((chunk: string | Uint8Array) => {
      keep(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
      return true;
    });
  }
  return () => parts.join('\n');
}

/** The forms in which some bytes could show. */
function forms(secret: Uint8Array): string[] {
  const all = Buffer.from(secret);
  return [all.toString('utf8'), all.toString('hex'), all.toString('base64').replace(/=+$/, '')];
}

test('no secret and no plaintext reaches log, journal or error', async () => {
  const output = captured();
  const gateway = await startAwsGateway({ logLevel: 'debug' }, createSystemClock());
  aws = gateway;
  await gateway.register({
    dialect: 'aws',
    accessKeyId: 'AKIASECRECY000000000',
    secretAccessKey: SECRET_KEY,
    account: '111122223333',
  });
  const kms = gateway.client({
    credentials: { accessKeyId: 'AKIASECRECY000000000', secretAccessKey: SECRET_KEY },
  });
  const [key, rsa, mac] = [await makeKey(kms), await makeKey(kms, RSA), await makeKey(kms, HMAC)];
  const context = { user: PLAINTEXT };
  const secrets: Uint8Array[] = [Buffer.from(PLAINTEXT), Buffer.from(SECRET_KEY)];
  const errors: string[] = [];

  const { CiphertextBlob } = await kms.send(
    new EncryptCommand({
      KeyId: key.id,
      Plaintext: Buffer.from(PLAINTEXT),
      EncryptionContext: context,
    }),
  );
  await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: context }));
  await kms.send(
    new ReEncryptCommand({
      CiphertextBlob,
      SourceEncryptionContext: context,
      DestinationKeyId: rsa.id,
      DestinationEncryptionAlgorithm: 'RSAES_OAEP_SHA_256',
    }),
  );
  const drawn = await kms.send(new GenerateDataKeyCommand({ KeyId: key.id, KeySpec: 'AES_256' }));
  const random = await kms.send(new GenerateRandomCommand({ NumberOfBytes: 32 }));
  secrets.push(bytes(drawn.Plaintext), bytes(random.Plaintext), bytes(CiphertextBlob));
  for (const made of [key, rsa, mac]) {
    const { key: material } = (await gateway.loaded(made.id)).primary().prepared();
    secrets.push(
      material.type === 'secret'
        ? material.export()
        : material.export({ format: 'der', type: 'pkcs8' }),
    );
  }
  const bad = [
    kms.send(new DecryptCommand({ CiphertextBlob })),
    kms.send(new EncryptCommand({ KeyId: mac.id, Plaintext: Buffer.from(PLAINTEXT) })),
    kms.send(new EncryptCommand({ KeyId: key.id, Plaintext: Buffer.from(PLAINTEXT.repeat(200)) })),
  ];
  for (const answer of bad) errors.push((await refusal(answer)).message);
  for (const body of [
    `{"KeyId":"${key.id}","Plaintext":"${PLAINTEXT}"}`,
    `{"KeyId":"${key.id}","Plaintext":{"${PLAINTEXT}":1}}`,
    `{"${PLAINTEXT}`,
  ]) {
    errors.push((await gateway.call('Encrypt', body)).text);
  }
  const journal = await gateway.send({
    method: 'GET',
    path: '/_keyglot/journal',
    headers: { authorization: `Bearer ${gateway.gateway.adminToken}` },
  });
  const { entries } = JSON.parse(journal.text);
  await gateway.close();
  aws = undefined;
  const logged = output();
  vi.restoreAllMocks();

  expect(entries.length).toBeGreaterThan(10);
  expect(entries[0]).toMatchObject({ dialect: 'aws', code: 'SerializationException' });
  expect(logged).toContain('listening');
  const shown = [logged, journal.text, ...errors].join('\n');
  expect(shown).not.toContain(gateway.gateway.adminToken);
  const leaked = secrets.flatMap(forms).filter((form) => shown.includes(form));
  expect(leaked).toHaveLength(0);
});
