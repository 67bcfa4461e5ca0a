import { constants, createHash, generateKeyPairSync, privateEncrypt } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CryptoThread } from '../../src/suites/cryptoThread.js';
import { createCryptoThread } from '../../src/suites/cryptoThread.js';
import { hex } from '../support/material.js';

const DIGEST = Buffer.alloc(32, 1);
const SCALAR = Buffer.alloc(32, 2);
const EXTRA = Buffer.alloc(32);

describe('createCryptoThread', () => {
  let thread: CryptoThread;

  beforeEach(() => {
    thread = createCryptoThread();
  });

  afterEach(() => thread.close());

  it('does tasks that were handed in together and leaves their bytes alone', async () => {
    const signatures = await Promise.all(
      Array.from({ length: 20 }, () => thread.signEcdsa('ec-p256', DIGEST, SCALAR, EXTRA)),
    );
    expect(new Set(signatures.map((signature) => signature.toString('hex'))).size).toBe(1);
    expect(SCALAR).toEqual(Buffer.alloc(32, 2));
  });

  it('verifies the example of RFC 6979, A.2.5', async () => {
    const point = hex(
      '0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299',
    );
    const signature = hex(
      '3046022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8',
    );
    const digest = createHash('sha256').update('sample').digest();
    expect(await thread.verifyEcdsa('ec-p256', digest, point, signature)).toBe(true);
    expect(await thread.verifyEcdsa('ec-p256', DIGEST, point, signature)).toBe(false);
  });

  it('does the private operation of RSA', async () => {
    const { privateKey: key } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const encoded = Buffer.alloc(256, 3);
    expect(await thread.rsaPrivate(key, encoded)).toEqual(
      privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, encoded),
    );
  });

  it('fails the tasks under way when it is closed, and starts anew for the next', async () => {
    const failed = expect(thread.signEcdsa('ec-p256', DIGEST, SCALAR, EXTRA)).rejects.toMatchObject(
      { code: 'Internal', details: { what: 'thread signEcdsa' } },
    );
    const undecided = expect(
      thread.verifyEcdsa('ec-p256', DIGEST, Buffer.alloc(65), Buffer.alloc(8)),
    ).rejects.toMatchObject({ code: 'Internal', details: { what: 'thread verifyEcdsa' } });
    await thread.close();
    await failed;
    await undecided;
    expect(await thread.signEcdsa('ec-p256', DIGEST, SCALAR, EXTRA)).toBeInstanceOf(Buffer);
  });

  it('fails a task that cannot be done, and goes on', async () => {
    const refusal = { code: 'Internal', details: { what: 'thread signEcdsa' } };
    const zero = Buffer.alloc(32);
    await expect(thread.signEcdsa('ec-p256', DIGEST, zero, EXTRA)).rejects.toMatchObject(refusal);
    await expect(thread.signEcdsa('aes-256', DIGEST, SCALAR, EXTRA)).rejects.toMatchObject(refusal);
    const { privateKey: key } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    await expect(thread.rsaPrivate(key, Buffer.alloc(256, 0xff))).rejects.toMatchObject({
      code: 'Internal',
      details: { what: 'thread rsaPrivate' },
    });
    expect(await thread.signEcdsa('ec-p256', DIGEST, SCALAR, EXTRA)).toBeInstanceOf(Buffer);
  });

  it('can be closed before its first task', async () => {
    await expect(thread.close()).resolves.toBeUndefined();
  });
});
