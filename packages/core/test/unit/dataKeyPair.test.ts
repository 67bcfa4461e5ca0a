import { createPrivateKey, createPublicKey } from 'node:crypto';
import { expect, it } from 'vitest';
import { NO_CONTEXT } from '../../src/model/context.js';
import { decrypt } from '../../src/vault/decrypt.js';
import { generateDataKeyPair } from '../../src/vault/generateDataKeyPair.js';
import { newTestKey, testLayout, testVault } from '../support/vault.js';

const LAYOUT = testLayout();

it('a data key pair is a pair, whose private half opens under the key', async () => {
  const vault = await testVault();
  const key = await newTestKey(vault);
  const pair = await generateDataKeyPair(vault, key, LAYOUT, NO_CONTEXT, 'ec-p256');
  const envelope = LAYOUT.parse(pair.blob);
  if (envelope === undefined) throw new Error('not this layout');
  const opened = decrypt(key, LAYOUT, envelope, NO_CONTEXT);
  expect(opened).toEqual(pair.privateKey.expose());
  const shown = createPrivateKey({ key: opened, format: 'der', type: 'pkcs8' });
  const publicDer = createPublicKey(shown).export({ type: 'spki', format: 'der' });
  expect(publicDer).toEqual(pair.publicDer);
});

it('symmetric material makes no pair', async () => {
  const vault = await testVault();
  const key = await newTestKey(vault);
  await expect(
    generateDataKeyPair(vault, key, LAYOUT, NO_CONTEXT, 'hmac-256'),
  ).rejects.toMatchObject({ code: 'Internal', details: { what: 'a pair of hmac-256' } });
});
