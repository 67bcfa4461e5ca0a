import { constants, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { signAsync, verifyAsync } from '../../src/suites/asyncSign.js';

const PSS = {
  padding: constants.RSA_PKCS1_PSS_PADDING,
  saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
};

describe('signAsync', () => {
  it('refuses a key that is too short for hash and salt', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 512 });
    await expect(
      signAsync('sha512', Buffer.from('message'), { key: privateKey, ...PSS }),
    ).rejects.toMatchObject({ code: 'Internal', details: { what: 'sign with sha512' } });
  });
});

describe('verifyAsync', () => {
  it('answers false with a key that is too short for hash and salt', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 512 });
    expect(
      await verifyAsync(
        'sha512',
        Buffer.from('message'),
        { key: publicKey, ...PSS },
        Buffer.alloc(64),
      ),
    ).toBe(false);
  });
});
