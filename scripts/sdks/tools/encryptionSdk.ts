import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../bootstrap.mjs';
import { must, runToEnd } from '../../program/command.js';
import { KITS, pythonOf } from '../kits.js';
import { ensure, type Tool, type ToolGrounds } from './tool.js';

type Language = 'JavaScript' | 'Python';

const LANGUAGES: readonly Language[] = ['JavaScript', 'Python'];
const PLAINTEXT = Buffer.from('kept by two keys');

/** How each shows that KMS has refused. Python's keyring passes on where an error comes from and its text, which is empty. */
const REFUSED: Readonly<Record<Language, string>> = {
  JavaScript: 'InvalidCiphertextException',
  Python: "ComAmazonawsKms('')",
};
const source = (file: string): string => join(root, 'scripts/sdks/tools', file);

/** The AWS Encryption SDK in two languages: messages under two keys, which both languages open. */
export const ENCRYPTION_SDK: Tool = {
  name: 'AWS Encryption SDK (JavaScript, Python)',
  kits: [KITS.javascript, KITS.python],
  async check(grounds) {
    const { folder, keys } = grounds;
    const plain = join(folder, 'plain');
    writeFileSync(plain, PLAINTEXT);
    const seen: string[] = [];
    for (const writer of LANGUAGES) {
      const message = join(folder, `${writer}.message`);
      const forged = join(folder, `${writer}.forged`);
      const encrypt = program(writer, grounds, 'encrypt', keys.join(','), plain, message);
      await must(encrypt.command, encrypt.args, encrypt.options);
      writeFileSync(forged, withOtherContext(readFileSync(message)));
      for (const reader of LANGUAGES) {
        for (const [index, key] of keys.entries()) {
          const opened = join(folder, `${writer}-${reader}-${index}`);
          const decrypt = program(reader, grounds, 'decrypt', key, message, opened);
          await must(decrypt.command, decrypt.args, decrypt.options);
          ensure(readFileSync(opened).equals(PLAINTEXT), `${reader} reads something else`);
        }
        seen.push(`${reader} opens what ${writer} wrote, by either key`);
        const refused = program(reader, grounds, 'decrypt', keys[0], forged, join(folder, 'none'));
        const { problem, output } = await runToEnd(refused.command, refused.args, refused.options);
        ensure(problem !== undefined, `${reader} opened a message with another context`);
        ensure(output.includes(REFUSED[reader]), `not refused by the key: ${output}`);
        seen.push(`${reader} is refused another context`);
      }
    }
    return seen;
  },
};

function program(
  language: Language,
  { url, env, installed }: ToolGrounds,
  ...args: readonly [direction: 'encrypt' | 'decrypt', keys: string, file: string, target: string]
) {
  const [direction, ...rest] = args;
  const all = [direction, url, ...rest];
  const cwd = installed(language === 'Python' ? KITS.python : KITS.javascript);
  return language === 'Python'
    ? { command: pythonOf(cwd), args: [source('encryption_sdk.py'), ...all], options: { cwd, env } }
    : {
        command: process.execPath,
        args: [source('encryptionSdk.mjs'), ...all],
        options: { cwd, env },
      };
}

/** The message's header carries the context in clear, and passes it on to the key. */
function withOtherContext(message: Buffer): Buffer {
  const at = message.indexOf('round trip');
  ensure(at >= 0, 'the message does not have its context');
  const forged = Buffer.from(message);
  forged.write('ROUND', at);
  return forged;
}
