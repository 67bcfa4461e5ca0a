import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Attempt, Installer } from '../attempt.js';
import { clientEnvironment } from '../environment.js';
import { TOOLS } from './index.js';

/** What came of a tool: what was seen to work. */
export interface ToolVerdict {
  readonly name: string;
  readonly attempt: Attempt<readonly string[]>;
}

/** Runs the checks of every tool with keys of its own. */
export function runTools(
  url: string,
  folder: string,
  installer: Installer,
): Promise<readonly ToolVerdict[]> {
  return Promise.all(
    TOOLS.map(async ({ name, kits, check }, index) => ({
      name,
      attempt: await installer.attempt(kits, async (installed) => {
        const own = join(folder, String(index));
        mkdirSync(own, { recursive: true });
        const keys = [await makeKey(url, 'us-east-1'), await makeKey(url, 'eu-west-1')] as const;
        return check({ url, keys, folder: own, env: clientEnvironment(own), installed });
      }),
    })),
  );
}

/** Makes a key, as a client would that does not sign well: the region is in the credential scope. */
async function makeKey(url: string, region: string): Promise<string> {
  const scope = `Credential=test/20260101/${region}/kms/aws4_request`;
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'TrentService.CreateKey',
      'x-amz-date': '20260101T000000Z',
      authorization: `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=00`,
    },
    body: '{}',
  });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  // The gateway's own answer.
  return (JSON.parse(text) as { KeyMetadata: { Arn: string } }).KeyMetadata.Arn;
}
