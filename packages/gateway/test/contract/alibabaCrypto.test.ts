import { createHash, createPublicKey, publicEncrypt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ACTION_UNSUPPORTED,
  type AlibabaGateway,
  invalid,
  KEY_NOT_FOUND,
  KEY_UNSUPPORTED,
  type MadeKey,
  missing,
  NO_ID,
  type Params,
  refusal,
  startAlibabaGateway,
  VERSION_NOT_FOUND,
} from '../support/alibabaGateway.js';

let alibaba: AlibabaGateway;
let key: MadeKey;
let rsa: MadeKey;
let sm2: MadeKey;
let signer: MadeKey;

beforeAll(async () => {
  alibaba = await startAlibabaGateway();
  key = await alibaba.makeKey();
  rsa = await alibaba.makeKey({ KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT/DECRYPT' });
  sm2 = await alibaba.makeKey({ KeySpec: 'EC_SM2', KeyUsage: 'ENCRYPT/DECRYPT' });
  signer = await alibaba.makeKey({ KeySpec: 'EC_P256' });
});

afterAll(() => alibaba.close());

const CONTEXT = '{"Example":"Example","b":"2"}';

function named({ id, version }: MadeKey): {
  readonly KeyId: string;
  readonly KeyVersionId: string;
} {
  return { KeyId: id, KeyVersionId: version };
}

async function seal(Plaintext: string, more: Params = {}): Promise<string> {
  const { CiphertextBlob } = await alibaba.done('Encrypt', { KeyId: key.id, Plaintext, ...more });
  return String(CiphertextBlob);
}

describe('a ciphertext', () => {
  test('has the provider’s layout, byte for byte', async () => {
    const texts = ['SGVsbG8gd29ybGQ=', 'x', 'ü'.repeat(100)];
    for (const text of texts) {
      const blob = Buffer.from(await seal(text), 'base64');
      expect(blob).toHaveLength(36 + 12 + Buffer.byteLength(text) + 16);
      expect(blob.toString('latin1', 0, 36)).toBe(key.version);
    }
    // The lengths of the published samples: a text of 16 characters, and a data key of 32 bytes.
    expect((await seal('SGVsbG8gd29ybGQ=')).length).toBe(108);
    const made = await alibaba.done('GenerateDataKey', { KeyId: key.id });
    expect(String(made['CiphertextBlob'])).toHaveLength(144);
  });

  test('is never the same twice', async () => {
    const blobs = await Promise.all([seal('same'), seal('same')]);
    expect(new Set(blobs.map((blob) => blob.slice(48))).size).toBe(2);
  });

  test('is refused with any byte behind the version id changed, and with any length', async () => {
    const blob = Buffer.from(await seal('text'), 'base64');
    for (let at = 36; at < blob.length; at += 1) {
      const changed = Buffer.from(blob);
      changed.writeUInt8(changed.readUInt8(at) ^ (1 << (at % 8)), at);
      const CiphertextBlob = changed.toString('base64');
      expect(await alibaba.refused('Decrypt', { CiphertextBlob })).toEqual(
        invalid('CiphertextBlob'),
      );
    }
    for (const part of [blob.subarray(0, -1), Buffer.concat([blob, Buffer.alloc(1)])]) {
      const CiphertextBlob = part.toString('base64');
      expect(await alibaba.refused('Decrypt', { CiphertextBlob })).toEqual(
        invalid('CiphertextBlob'),
      );
    }
  });

  test('of a version that nobody has is one of a key that nobody has', async () => {
    const blob = Buffer.from(await seal('text'), 'base64');
    blob.write(NO_ID, 0, 'latin1');
    const CiphertextBlob = blob.toString('base64');
    expect(await alibaba.refused('Decrypt', { CiphertextBlob })).toEqual(KEY_NOT_FOUND);
  });

  test('does not open under another version of its key', async () => {
    const { KeyVersion } = await alibaba.done('CreateKeyVersion', { KeyId: key.id });
    const { KeyVersionId } = KeyVersion as { KeyVersionId: string };
    const blob = Buffer.from(await seal('text'), 'base64');
    expect(blob.toString('latin1', 0, 36)).toBe(KeyVersionId);
    blob.write(key.version, 0, 'latin1');
    const CiphertextBlob = blob.toString('base64');
    expect(await alibaba.refused('Decrypt', { CiphertextBlob })).toEqual(invalid('CiphertextBlob'));
    key = { ...key, version: KeyVersionId };
  });

  test.each([
    ['nothing', '', missing('CiphertextBlob')],
    ['what is no base64', 'not base64!', invalid('CiphertextBlob')],
    ['base64 without padding', 'YQ', invalid('CiphertextBlob')],
    ['48 bytes', Buffer.alloc(48, 97).toString('base64'), invalid('CiphertextBlob')],
    [
      'a public-key ciphertext',
      Buffer.alloc(256, 200).toString('base64'),
      invalid('CiphertextBlob'),
    ],
  ])('is not %s', async (_what, CiphertextBlob, expected) => {
    expect(await alibaba.refused('Decrypt', { CiphertextBlob })).toEqual(expected);
  });

  test('is not found from another region', async () => {
    const CiphertextBlob = await seal('text');
    const more = { headers: { host: 'kms.cn-beijing.aliyuncs.com' } };
    expect(await alibaba.refused('Decrypt', { CiphertextBlob }, more)).toEqual(KEY_NOT_FOUND);
  });
});

describe('an encryption context', () => {
  const open = (CiphertextBlob: string, EncryptionContext?: string) =>
    alibaba.call('Decrypt', {
      CiphertextBlob,
      ...(EncryptionContext === undefined ? {} : { EncryptionContext }),
    });

  test('must be equivalent, in any order and spelling', async () => {
    const blob = await seal('text', { EncryptionContext: CONTEXT });
    for (const same of [CONTEXT, '{ "b" : "2",\n"Example":"\\u0045xample" }']) {
      expect((await open(blob, same)).json['Plaintext']).toBe('text');
    }
    for (const other of [
      undefined,
      '{}',
      '{"Example":"Example"}',
      '{"Example":"example","b":"2"}',
    ]) {
      const answer = await open(blob, other);
      expect([answer.status, answer.json['Code']]).toEqual([400, 'InvalidParameter']);
      expect(answer.json['Message']).toBe(invalid('CiphertextBlob').message);
    }
  });

  test.each(['', 'null', '{}'])('that is %j is the same as none', async (EncryptionContext) => {
    const blob = await seal('text', { EncryptionContext });
    expect((await open(blob)).json['Plaintext']).toBe('text');
    expect((await open(await seal('text'), EncryptionContext)).json['Plaintext']).toBe('text');
  });

  test('takes any name', async () => {
    const EncryptionContext = '{"__proto__":"a","constructor":"b","":""}';
    const blob = await seal('text', { EncryptionContext });
    expect((await open(blob, EncryptionContext)).json['Plaintext']).toBe('text');
    expect((await open(blob)).status).toBe(400);
  });

  test.each(['[]', '{"a":1}', '{"a":{"b":"c"}}', '{"a":null}', '{', '"a"'])(
    'is not %s',
    async (EncryptionContext) => {
      const blob = await seal('text');
      for (const [action, params] of [
        ['Encrypt', { KeyId: key.id, Plaintext: 'x' }],
        ['Decrypt', { CiphertextBlob: blob }],
        ['GenerateDataKey', { KeyId: key.id }],
        ['GenerateDataKeyWithoutPlaintext', { KeyId: key.id }],
      ] as const) {
        expect(await alibaba.refused(action, { ...params, EncryptionContext })).toEqual(
          invalid('EncryptionContext'),
        );
      }
    },
  );
});

describe('Encrypt', () => {
  test('takes 6144 bytes and no more', async () => {
    const send = (Plaintext: string) =>
      alibaba.call(
        'Encrypt',
        {},
        {
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: new URLSearchParams({ KeyId: key.id, Plaintext }).toString(),
        },
      );
    expect((await send('x'.repeat(6_144))).status).toBe(200);
    expect((await send('ü'.repeat(3_072))).status).toBe(200);
    const refused = await send(`${'ü'.repeat(3_072)}x`);
    expect([refused.status, refused.json['Message']]).toEqual([400, invalid('Plaintext').message]);
  });

  test('takes its largest text in the query, where the current clients put it', async () => {
    const Plaintext = '密'.repeat(2_048);
    const CiphertextBlob = await seal(Plaintext, {
      EncryptionContext: `{"a":"${'ü'.repeat(4_000)}"}`,
    });
    const opened = await alibaba.done('Decrypt', {
      CiphertextBlob,
      EncryptionContext: `{"a":"${'ü'.repeat(4_000)}"}`,
    });
    expect(opened['Plaintext']).toBe(Plaintext);
  });

  test('wants a plaintext', async () => {
    expect(await alibaba.refused('Encrypt', { KeyId: key.id })).toEqual(missing('Plaintext'));
  });

  test.each(['Encrypt', 'GenerateDataKey', 'GenerateDataKeyWithoutPlaintext'])(
    '%s does not take an asymmetric key',
    async (action) => {
      for (const { id: KeyId } of [rsa, sm2, signer]) {
        const params = { KeyId, Plaintext: 'x' };
        expect(await alibaba.refused(action, params)).toEqual(ACTION_UNSUPPORTED);
      }
    },
  );
});

describe('GenerateDataKey', () => {
  test.each<[Params, number]>([
    [{}, 32],
    [{ KeySpec: 'AES_256' }, 32],
    [{ KeySpec: 'AES_128' }, 16],
    [{ NumberOfBytes: '1' }, 1],
    [{ NumberOfBytes: '1024' }, 1024],
    [{ NumberOfBytes: '5', KeySpec: 'AES_256' }, 5],
  ])('with %j gives %i bytes', async (params, size) => {
    const made = await alibaba.done('GenerateDataKey', { KeyId: key.id, ...params });
    expect(Object.keys(made).sort()).toEqual([
      'CiphertextBlob',
      'KeyId',
      'KeyVersionId',
      'Plaintext',
    ]);
    expect(Buffer.from(String(made['Plaintext']), 'base64')).toHaveLength(size);
    const opened = await alibaba.done('Decrypt', {
      CiphertextBlob: String(made['CiphertextBlob']),
    });
    expect(opened['Plaintext']).toBe(made['Plaintext']);
  });

  test.each([
    ['KeySpec', 'AES_512'],
    ['NumberOfBytes', '0'],
    ['NumberOfBytes', '1025'],
    ['NumberOfBytes', 'ten'],
  ])('refuses %s %s', async (name, value) => {
    for (const action of ['GenerateDataKey', 'GenerateDataKeyWithoutPlaintext']) {
      expect(await alibaba.refused(action, { KeyId: key.id, [name]: value })).toEqual(
        invalid(name),
      );
    }
  });

  test('and Decrypt know no recipient', async () => {
    const Recipient = '{}';
    expect(await alibaba.refused('GenerateDataKey', { KeyId: key.id, Recipient })).toEqual(
      ACTION_UNSUPPORTED,
    );
    const CiphertextBlob = await seal('x');
    expect(await alibaba.refused('Decrypt', { CiphertextBlob, Recipient })).toEqual(
      ACTION_UNSUPPORTED,
    );
  });
});

describe('asymmetric encryption', () => {
  const ends = () =>
    [
      [rsa, 'RSAES_OAEP_SHA_256', 190, 256],
      [rsa, 'RSAES_OAEP_SHA_1', 214, 256],
      [sm2, 'SM2PKE', 6_047, 6_144],
    ] as const;

  test('takes as much as the page says', async () => {
    for (const [pair, Algorithm, most, size] of ends()) {
      const send = (bytes: number) =>
        alibaba.call(
          'AsymmetricEncrypt',
          {},
          {
            headers: { 'content-type': 'application/x-www-form-urlencoded' },
            body: new URLSearchParams({
              ...named(pair),
              Algorithm,
              Plaintext: Buffer.alloc(bytes, 7).toString('base64'),
            }).toString(),
          },
        );
      const sealed = await send(most);
      expect(Buffer.from(String(sealed.json['CiphertextBlob']), 'base64')).toHaveLength(size);
      const refused = await send(most + 1);
      expect([refused.status, refused.json['Message']]).toEqual([
        400,
        invalid('Plaintext').message,
      ]);
    }
  });

  test('opens what was encrypted outside', async () => {
    const { PublicKey } = await alibaba.done('GetPublicKey', named(rsa));
    const CiphertextBlob = publicEncrypt(
      { key: createPublicKey(String(PublicKey)), oaepHash: 'sha256' },
      Buffer.from('outside'),
    ).toString('base64');
    const opened = await alibaba.done('AsymmetricDecrypt', {
      ...named(rsa),
      Algorithm: 'RSAES_OAEP_SHA_256',
      CiphertextBlob,
    });
    expect(Buffer.from(String(opened['Plaintext']), 'base64').toString()).toBe('outside');
  });

  test('is raw for SM2', async () => {
    const sealed = await alibaba.done('AsymmetricEncrypt', {
      ...named(sm2),
      Algorithm: 'SM2PKE',
      Plaintext: Buffer.from('abc').toString('base64'),
    });
    const blob = Buffer.from(String(sealed['CiphertextBlob']), 'base64');
    expect([blob.length, blob[0]]).toEqual([100, 4]);
  });

  test('refuses what does not fit, in this order: version, usage, algorithm, bytes', async () => {
    const good = { ...named(rsa), Algorithm: 'RSAES_OAEP_SHA_256', Plaintext: 'eA==' };
    const encrypt = (params: Params) =>
      alibaba.refused('AsymmetricEncrypt', { ...good, ...params });
    expect(await encrypt({ KeyVersionId: NO_ID })).toEqual(VERSION_NOT_FOUND);
    expect(await encrypt({ ...named(signer) })).toEqual(KEY_UNSUPPORTED);
    expect(await encrypt({ ...named(key) })).toEqual(KEY_UNSUPPORTED);
    expect(await encrypt({ Algorithm: 'SM2PKE' })).toEqual(KEY_UNSUPPORTED);
    expect(await encrypt({ Algorithm: 'RSA' })).toEqual(invalid('Algorithm'));
    expect(await encrypt({ Plaintext: 'no base64' })).toEqual(invalid('Plaintext'));
    expect(await encrypt({ KeyVersionId: '' })).toEqual(missing('KeyVersionId'));
  });

  test('refuses wrong ciphertexts with one answer', async () => {
    for (const [pair, Algorithm, , size] of ends()) {
      for (const bytes of [Buffer.alloc(size, 1), Buffer.alloc(3), Buffer.alloc(size, 255)]) {
        expect(
          await alibaba.refused('AsymmetricDecrypt', {
            ...named(pair),
            Algorithm,
            CiphertextBlob: bytes.toString('base64'),
          }),
        ).toEqual(invalid('CiphertextBlob'));
      }
    }
  });
});

describe('signatures', () => {
  const digest = createHash('sha256').update('message').digest('base64');

  test('refuse what does not fit', async () => {
    const good = { ...named(signer), Algorithm: 'ECDSA_SHA_256', Digest: digest };
    const sign = (params: Params) => alibaba.refused('AsymmetricSign', { ...good, ...params });
    expect(await sign({ KeyVersionId: NO_ID })).toEqual(VERSION_NOT_FOUND);
    expect(await sign({ ...named(rsa) })).toEqual(KEY_UNSUPPORTED);
    expect(await sign({ ...named(key) })).toEqual(KEY_UNSUPPORTED);
    expect(await sign({ Algorithm: 'SM2DSA' })).toEqual(KEY_UNSUPPORTED);
    expect(await sign({ Algorithm: 'ECDSA_SHA_512' })).toEqual(invalid('Algorithm'));
    expect(await sign({ Digest: 'eA==' })).toEqual(invalid('Digest'));
    expect(await sign({ Digest: '?' })).toEqual(invalid('Digest'));
    expect(await sign({ Digest: '' })).toEqual(missing('Digest'));
    const verify = (params: Params) => alibaba.refused('AsymmetricVerify', { ...good, ...params });
    expect(await verify({ Value: '?' })).toEqual(invalid('Value'));
    expect(await verify({})).toEqual(missing('Value'));
  });

  test('that are none are an answer, not an error', async () => {
    for (const Value of ['eA==', Buffer.alloc(70, 48).toString('base64')]) {
      const judged = await alibaba.done('AsymmetricVerify', {
        ...named(signer),
        Algorithm: 'ECDSA_SHA_256',
        Digest: digest,
        Value,
      });
      expect(judged).toEqual({ ...named(signer), Value: false });
    }
  });

  test('are DER for SM2', async () => {
    const pair = await alibaba.makeKey({ KeySpec: 'EC_SM2' });
    const params = { ...named(pair), Algorithm: 'SM2DSA', Digest: digest };
    const { Value } = await alibaba.done('AsymmetricSign', params);
    expect(Buffer.from(String(Value), 'base64')[0]).toBe(0x30);
  });
});

describe('GetPublicKey', () => {
  test('gives PEM with lines of 64 characters', async () => {
    const { PublicKey, ...ids } = await alibaba.done('GetPublicKey', named(rsa));
    expect(ids).toEqual(named(rsa));
    const lines = String(PublicKey).split('\n');
    expect([lines[0], lines.at(-2), lines.at(-1)]).toEqual([
      '-----BEGIN PUBLIC KEY-----',
      '-----END PUBLIC KEY-----',
      '',
    ]);
    expect(lines[1]).toHaveLength(64);
    expect(createPublicKey(String(PublicKey)).asymmetricKeyType).toBe('rsa');
  });

  test('names the curve of SM2', async () => {
    const { PublicKey } = await alibaba.done('GetPublicKey', named(sm2));
    const der = Buffer.from(String(PublicKey).split('\n').slice(1, -2).join(''), 'base64');
    expect(der.toString('hex')).toMatch(
      /^3059301306072a8648ce3d020106082a811ccf5501822d03420004[0-9a-f]{128}$/,
    );
  });

  test('has none of a symmetric key', async () => {
    expect(await alibaba.refused('GetPublicKey', named(key))).toEqual(KEY_UNSUPPORTED);
    expect(await alibaba.refused('GetPublicKey', { KeyId: rsa.id })).toEqual(
      missing('KeyVersionId'),
    );
  });
});

describe('a dry run', () => {
  const passed = refusal(
    400,
    'DryRunOperationError',
    'The request would have succeeded, but the DryRun parameter is set.',
  );

  test('says that it would have worked', async () => {
    const CiphertextBlob = await seal('x');
    const Digest = Buffer.alloc(32).toString('base64');
    for (const [action, params] of [
      ['Encrypt', { KeyId: key.id, Plaintext: 'x' }],
      ['Decrypt', { CiphertextBlob }],
      ['GenerateDataKey', { KeyId: key.id }],
      ['GenerateDataKeyWithoutPlaintext', { KeyId: key.id }],
      ['ReEncrypt', { CiphertextBlob, DestinationKeyId: key.id }],
      ['GetPublicKey', named(rsa)],
      ['AsymmetricSign', { ...named(signer), Algorithm: 'ECDSA_SHA_256', Digest }],
    ] as const) {
      expect(await alibaba.refused(action, { ...params, DryRun: 'True' }), action).toEqual(passed);
    }
  });

  test('says what would have gone wrong', async () => {
    expect(
      await alibaba.refused('Encrypt', { KeyId: NO_ID, Plaintext: 'x', DryRun: 'true' }),
    ).toEqual(refusal(400, 'ValidationError', 'The specified Key is not found.'));
    const foreign = `acs:kms:us-east-1:2000000000000000:key/${key.id}`;
    expect(
      await alibaba.refused('Encrypt', { KeyId: foreign, Plaintext: 'x', DryRun: 'true' }),
    ).toMatchObject({ status: 400, code: 'ValidationError' });
  });

  test('is not asked for by false, and not by anything else', async () => {
    const params = { KeyId: key.id, Plaintext: 'x' };
    expect((await alibaba.call('Encrypt', { ...params, DryRun: 'false' })).status).toBe(200);
    expect(await alibaba.refused('Encrypt', { ...params, DryRun: '1' })).toEqual(invalid('DryRun'));
  });
});
