import { createHmac } from 'node:crypto';
import {
  GenerateMacCommand,
  type GenerateMacCommandInput,
  type KeySpec,
  type KMSClient,
  type MacAlgorithmSpec,
  VerifyMacCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type AwsGateway,
  bytes,
  HMAC,
  type MadeKey,
  makeKey,
  members,
  RSA,
  refusal,
  refused,
  SIGN,
  startAwsGateway,
  violation,
} from '../support/awsGateway.js';

let aws: AwsGateway;
let kms: KMSClient;
let key: MadeKey;

beforeAll(async () => {
  aws = await startAwsGateway();
  kms = aws.client();
  key = await makeKey(kms, HMAC);
});

afterAll(() => aws.close());

const MESSAGE = Buffer.from('a message');
const SHA_256 = 'HMAC_SHA_256';
const INVALID = refused('KMSInvalidMacException');

const ROWS: readonly [KeySpec, MacAlgorithmSpec, string, number][] = [
  ['HMAC_224', 'HMAC_SHA_224', 'sha224', 28],
  ['HMAC_256', 'HMAC_SHA_256', 'sha256', 32],
  ['HMAC_384', 'HMAC_SHA_384', 'sha384', 48],
  ['HMAC_512', 'HMAC_SHA_512', 'sha512', 64],
];

function both(input: GenerateMacCommandInput): readonly Promise<unknown>[] {
  return [
    kms.send(new GenerateMacCommand(input)),
    kms.send(new VerifyMacCommand({ ...input, Mac: Buffer.alloc(32) })),
  ];
}

describe.each(ROWS)('a key of %s', (KeySpec, MacAlgorithm, hash, size) => {
  test('makes the MAC of RFC 2104 and recognises it', async () => {
    const made = await makeKey(kms, { KeySpec, KeyUsage: 'GENERATE_VERIFY_MAC' });
    const common = { KeyId: made.id, Message: MESSAGE, MacAlgorithm };
    const answer = await kms.send(new GenerateMacCommand(common));
    expect(members(answer)).toEqual({
      Mac: expect.any(Uint8Array),
      MacAlgorithm,
      KeyId: made.arn,
    });
    expect(answer.Mac).toHaveLength(size);
    const secret = (await aws.loaded(made.id)).primary().prepared().key;
    expect(bytes(answer.Mac)).toEqual(createHmac(hash, secret).update(MESSAGE).digest());
    const verified = await kms.send(new VerifyMacCommand({ ...common, Mac: answer.Mac }));
    expect(members(verified)).toEqual({ KeyId: made.arn, MacValid: true, MacAlgorithm });
  });

  test('refuses the algorithms of the others', async () => {
    const made = await makeKey(kms, { KeySpec, KeyUsage: 'GENERATE_VERIFY_MAC' });
    for (const [, other] of ROWS) {
      if (other === MacAlgorithm) continue;
      for (const answer of both({ KeyId: made.id, Message: MESSAGE, MacAlgorithm: other })) {
        expect(await refusal(answer)).toEqual(
          refused(
            'InvalidKeyUsageException',
            `Algorithm ${other} is incompatible with key spec ${KeySpec}.`,
          ),
        );
      }
    }
  });
});

describe('GenerateMac and VerifyMac', () => {
  test('refuse a MAC of something else, of another key, damaged, cut or lengthened', async () => {
    const common = { KeyId: key.id, Message: MESSAGE, MacAlgorithm: SHA_256 } as const;
    const mac = bytes((await kms.send(new GenerateMacCommand(common))).Mac);
    const damaged = Buffer.from(mac);
    damaged[0] = (damaged[0] ?? 0) ^ 1;
    const other = await makeKey(kms, HMAC);
    const wrong = [
      { ...common, Message: Buffer.from('another'), Mac: mac },
      { ...common, KeyId: other.id, Mac: mac },
      { ...common, Mac: damaged },
      { ...common, Mac: mac.subarray(0, -1) },
      { ...common, Mac: mac.subarray(0, 1) },
      { ...common, Mac: Buffer.concat([mac, Buffer.alloc(1)]) },
      { ...common, Mac: Buffer.alloc(6144) },
    ];
    for (const input of wrong) {
      expect(await refusal(kms.send(new VerifyMacCommand(input)))).toEqual(INVALID);
    }
  });

  test.each([
    ['ENCRYPT_DECRYPT', {}],
    ['ENCRYPT_DECRYPT', RSA],
    ['SIGN_VERIFY', SIGN],
  ])('refuse a key for %s', async (usage, input) => {
    const { id, arn } = await makeKey(kms, input);
    const told = [];
    for (const answer of both({ KeyId: id, Message: MESSAGE, MacAlgorithm: SHA_256 })) {
      told.push(await refusal(answer));
    }
    expect(told).toEqual(
      ['GenerateMac', 'VerifyMac'].map((operation) =>
        refused(
          'InvalidKeyUsageException',
          `${arn} key usage is ${usage} which is not valid for ${operation}.`,
        ),
      ),
    );
  });

  test('take messages of 1 to 4096 bytes', async () => {
    const common = { KeyId: key.id, MacAlgorithm: SHA_256 } as const;
    for (const size of [1, 4096]) {
      await kms.send(new GenerateMacCommand({ ...common, Message: Buffer.alloc(size) }));
    }
    for (const [size, rule] of [
      [0, 'greater than or equal to 1'],
      [4097, 'less than or equal to 4096'],
    ] as const) {
      for (const answer of both({ ...common, Message: Buffer.alloc(size) })) {
        expect(await refusal(answer)).toEqual(
          violation(
            `Value at 'message' failed to satisfy constraint: Member must have length ${rule}`,
          ),
        );
      }
    }
  });

  test('show that a MAC is null, and not that a message is', async () => {
    const answer = await aws.call('VerifyMac', { KeyId: key.id, MacAlgorithm: SHA_256 });
    expect(answer.body['message']).toBe(
      "2 validation errors detected: Value at 'message' failed to satisfy constraint: Member must not be null; Value null at 'mac' failed to satisfy constraint: Member must not be null",
    );
  });

  test.each(['GenerateMac', 'VerifyMac'])(
    '%s names algorithms in the recorded order',
    async (operation) => {
      const answer = await aws.call(operation, {
        KeyId: 'x',
        Message: 'AA==',
        Mac: 'AAAA',
        MacAlgorithm: 'hmac_sha_256',
      });
      expect(answer.body).toEqual({
        __type: 'ValidationException',
        message:
          "1 validation error detected: Value 'hmac_sha_256' at 'macAlgorithm' failed to satisfy constraint: Member must satisfy enum value set: [HMAC_SHA_384, HMAC_SHA_256, HMAC_SHA_224, HMAC_SHA_512]",
      });
    },
  );

  test('tell usage before state and state before algorithm', async () => {
    const signer = await makeKey(kms, SIGN);
    await aws.force(signer.id, 'disabled');
    for (const answer of both({ KeyId: signer.id, Message: MESSAGE, MacAlgorithm: SHA_256 })) {
      expect(await refusal(answer)).toMatchObject({ code: 'InvalidKeyUsageException' });
    }
    const disabled = await makeKey(kms, HMAC);
    await aws.force(disabled.id, 'disabled');
    const wrong = { KeyId: disabled.id, Message: MESSAGE, MacAlgorithm: 'HMAC_SHA_512' } as const;
    for (const answer of both(wrong)) {
      expect(await refusal(answer)).toEqual(
        refused('DisabledException', `${disabled.arn} is disabled.`),
      );
    }
  });
});
