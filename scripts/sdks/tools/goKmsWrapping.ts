import { join } from 'node:path';
import { must } from '../../program/command.js';
import { KITS } from '../kits.js';
import type { Tool } from './tool.js';

/** What HashiCorp's and OpenBao's products unseal themselves with. It is built on the AWS SDK for Go v1. */
export const GO_KMS_WRAPPING: Tool = {
  name: 'go-kms-wrapping (awskms)',
  kits: [KITS.goKmsWrapping],
  async check({ url, keys, folder, env, installed }) {
    const program = join(installed(KITS.goKmsWrapping), 'wrapping');
    await must(program, [url, keys[0]], { cwd: folder, env });
    return ['a wrapped secret opens', 'other data and a changed data key are refused'];
  },
};
