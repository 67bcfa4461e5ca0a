// node encryption_sdk.mjs encrypt|decrypt <endpoint> <key ARN,…> <file> <target>: AWS Encryption SDK for
// JavaScript with a KMS keyring; the first key is the generator. Run where the SDK is installed.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { buildClient, CommitmentPolicy, getClient, KMS, KmsKeyringNode } = createRequire(
  `${process.cwd()}/`,
)('@aws-crypto/client-node');

const [direction, endpoint, keys = '', file = '', target = ''] = process.argv.slice(2);
const policy = CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT;
const { encrypt, decrypt } = buildClient(policy);
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const clientProvider = getClient(KMS, { endpoint, credentials });
const [generatorKeyId, ...keyIds] = keys.split(',');

if (direction === 'encrypt') {
  const keyring = new KmsKeyringNode({ generatorKeyId, keyIds, clientProvider });
  const encryptionContext = { purpose: 'round trip' };
  const { result } = await encrypt(keyring, readFileSync(file), { encryptionContext });
  writeFileSync(target, result);
} else {
  const keyring = new KmsKeyringNode({ keyIds: keys.split(','), clientProvider });
  const { plaintext, messageHeader } = await decrypt(keyring, readFileSync(file));
  if (messageHeader.encryptionContext.purpose !== 'round trip') throw new Error('another context');
  writeFileSync(target, plaintext);
}
