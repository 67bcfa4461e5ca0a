import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { must, runToEnd } from '../../program/command.js';
import { KITS } from '../kits.js';
import { ensure, type Tool } from './tool.js';

const SECRET = 'correct horse';

/** SOPS with two keys and an encryption context. */
export const SOPS: Tool = {
  name: 'SOPS',
  kits: [KITS.sops],
  async check({ url, keys, folder, env, installed }) {
    const sops = join(installed(KITS.sops), 'sops');
    const access = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
    const options = { cwd: folder, env: { ...env, ...access, AWS_ENDPOINT_URL_KMS: url } };
    const file = join(folder, 'secrets.json');
    writeFileSync(file, JSON.stringify({ password: SECRET }));
    const context = ['--encryption-context', 'team:payments'];
    await must(sops, ['encrypt', '--kms', keys.join(','), ...context, '--in-place', file], options);
    const encrypted = readFileSync(file, 'utf8');
    ensure(!encrypted.includes(SECRET), 'the file is not encrypted');
    const opened = await must(sops, ['decrypt', file], options);
    ensure(opened.includes(SECRET), `decrypted to ${opened}`);

    // The data key is in the file once for each key; either is enough.
    const other = join(folder, 'other.json');
    writeFileSync(other, encrypted.replace(keys[0], keys[0].replace(/[^/]*$/, 'gone')));
    const byTheOther = await must(sops, ['decrypt', other], options);
    ensure(byTheOther.includes(SECRET), `decrypted by the other key to ${byTheOther}`);

    writeFileSync(other, encrypted.replaceAll('payments', 'research'));
    const { problem, output } = await runToEnd(sops, ['decrypt', other], options);
    ensure(problem !== undefined, 'SOPS opened a file with another context');
    ensure(output.includes('InvalidCiphertextException'), `not refused by the key: ${output}`);
    return ['a file opens, by either key', 'another context is refused'];
  },
};
