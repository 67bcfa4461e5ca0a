import { chmodSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GATEWAY, gatewayEnvironment, launch, type Program } from '../program/program.js';
import { type Signer, signedRequest } from './sign.js';

/** Stores that a gateway can be measured with. */
export type StoreKind = 'memory' | 'embedded';

/** A gateway that checks signatures, and an access key for it. */
export interface Target {
  readonly program: Program;
  readonly port: number;
  readonly signer: Signer;
  /** Sends requests of one operation, sixteen at a time, and gives the answers in the same order. */
  ask(operation: string, inputs: readonly object[]): Promise<Record<string, unknown>[]>;
  /** Sends requests, sixteen at a time, and gives the bodies of their answers in the same order. */
  send(requests: readonly (() => Buffer)[]): Promise<string[]>;
  /** Registers a credential, or registers it again. */
  register(credential: Readonly<Record<string, string>>): Promise<void>;
}

const AT_ONCE = 16;

/** Makes a folder for a gateway's data; the result removes it. */
export function makeDataFolder(): { readonly path: string; remove(): void } {
  const parent = mkdtempSync(join(tmpdir(), 'keyglot-bench-'));
  // As root, the database runs as another user who has to reach it.
  chmodSync(parent, 0o711);
  const path = join(parent, 'data');
  return {
    path,
    remove() {
      const home = join(path, 'postgres');
      // As root the database may lie elsewhere, and the entry is a link to it.
      if (existsSync(home)) rmSync(realpathSync(home), { recursive: true, force: true });
      rmSync(parent, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Starts the built gateway. */
export function startGateway(
  store: StoreKind,
  dataFolder: string,
  auth: 'open' | 'enforce',
  nodeArgs: readonly string[] = [],
): Promise<Program> {
  const args = ['--store', store, '--data', dataFolder, '--port', '0', '--host', '127.0.0.1'];
  const env = gatewayEnvironment();
  return launch(GATEWAY, { args: [...args, '--auth', auth], nodeArgs, env }).ready;
}

/** Registers an access key with a gateway of mode `enforce`. */
export async function prepareTarget(program: Program, dataFolder: string): Promise<Target> {
  const { host, port } = new URL(program.url);
  const signer: Signer = {
    accessKeyId: 'AKIABENCHBENCHBENCH0',
    secretAccessKey: 'benchmarks/need/no/secret/that/is/secret',
    region: 'us-east-1',
    host,
  };
  const { accessKeyId, secretAccessKey } = signer;
  const send: Target['send'] = (requests) => sendAll(Number(port), requests);
  const register: Target['register'] = async (credential) => {
    const answer = await fetch(`${program.url}/_keyglot/credentials`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${materialToken(dataFolder)}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(credential),
    });
    if (!answer.ok) throw new Error(`no credential: ${await answer.text()}`);
  };
  await register({ dialect: 'aws', accessKeyId, secretAccessKey, account: '111122223333' });
  return {
    program,
    port: Number(port),
    signer,
    async ask(operation, inputs) {
      const answers = await send(
        inputs.map((input) => () => signedRequest(signer, operation, input, Date.now())),
      );
      return answers.map((text) => (text === '' ? {} : Object(JSON.parse(text))));
    },
    send,
    register,
  };
}

function materialToken(dataFolder: string): string {
  const tokens: Record<string, unknown> = Object(
    JSON.parse(readFileSync(join(dataFolder, 'admin-tokens.json'), 'utf8')),
  );
  return String(tokens['material']);
}

async function sendAll(port: number, requests: readonly (() => Buffer)[]): Promise<string[]> {
  const answers: string[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (;;) {
      const index = next;
      const request = requests[index];
      if (request === undefined) return;
      next += 1;
      const [head = '', body = ''] = request().toString().split('\r\n\r\n');
      const [first = '', ...lines] = head.split('\r\n');
      const headers = lines
        .map((line): [string, string] => {
          const colon = line.indexOf(':');
          return [line.slice(0, colon), line.slice(colon + 1).trim()];
        })
        .filter(([name]) => !['host', 'content-length', 'connection'].includes(name));
      const [, path = '/'] = first.split(' ');
      const url = `http://127.0.0.1:${port}${path}`;
      const answer = await fetch(url, { method: 'POST', headers, body });
      const said = await answer.text();
      if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${said}`);
      answers[index] = said;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return answers;
}
