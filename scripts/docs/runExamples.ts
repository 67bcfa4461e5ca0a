import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkout } from '../rules/workspace.js';
import { type Example, isOutput } from './examples.js';

/** Where the examples of one document run. */
export interface Place {
  /** An empty folder; `node_modules` in it is what JavaScript examples may import. */
  readonly folder: string;
  /** The port of a gateway, in the place of the default one. */
  readonly port: number;
}

const DEFAULT_PORT = '8567';
const LONGEST_MS = 60_000;
/** The shortest ways to the program's start; the flags behind are the example. */
const START = /^(?:npm start(?: --)?|keyglot)(?= |$)/;
const READY = /^keyglot ready http:\/\/\S+:\d+ store=\S+ auth=\S+\n$/;
const BREAK = '\n@@ next example @@\n';

/**
 * Runs the examples of a document: shell examples in order in one shell, each script in a process of its
 * own, and starts of the program until they are ready.
 *
 * @returns what is wrong, one text for each example
 */
export async function runExamples(
  examples: readonly Example[],
  place: Place,
): Promise<readonly string[]> {
  const starts = examples.filter(isStart);
  const shell = examples.filter((one) => one.language === 'sh' && !isStart(one));
  const scripts = examples.filter(({ language }) => language === 'js' || language === 'ts');
  const rest = examples.length - starts.length - shell.length - scripts.length;
  return [
    ...(rest === 0 ? [] : ['only sh, js and ts blocks can be runnable']),
    ...(await runShell(shell, place)),
    ...(await eachOf(scripts, (one) => runScript(one, place))),
    ...(await eachOf(starts, (one) => runStart(one, place))),
  ];
}

function isStart({ language, code }: Example): boolean {
  return language === 'sh' && START.test(code);
}

async function eachOf(
  examples: readonly Example[],
  run: (example: Example) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const example of examples) problems.push(...(await run(example)));
  return problems;
}

async function runShell(examples: readonly Example[], place: Place): Promise<readonly string[]> {
  if (examples.length === 0) return [];
  const code = examples
    .map((one) => onPort(one.code, place))
    .join(`\nprintf '${escaped(BREAK)}'\n`);
  const file = join(place.folder, 'examples.sh');
  writeFileSync(file, `set -euo pipefail\n${code}\n`);
  const ran = await run('bash', [file], place.folder);
  const printed = ran.stdout.split(BREAK);
  if (ran.exitCode !== 0) {
    const at = examples[printed.length - 1]?.line;
    return [`the example at line ${at} ends with ${ran.exitCode}: ${ran.stderr}${ran.stdout}`];
  }
  return examples.flatMap((one, index) => wrongOutput(one, printed[index] ?? ''));
}

async function runScript(example: Example, place: Place): Promise<readonly string[]> {
  const file = join(place.folder, `line${example.line}.m${example.language}`);
  writeFileSync(file, onPort(example.code, place));
  const ran = await run(process.execPath, [...loader(), file], place.folder);
  if (ran.exitCode !== 0) {
    return [`the example at line ${example.line} ends with ${ran.exitCode}: ${ran.stderr}`];
  }
  return wrongOutput(example, ran.stdout);
}

/** Starts the program with the flags of the example, on any free port, and stops it when it is ready. */
async function runStart(example: Example, place: Place): Promise<readonly string[]> {
  const flags = example.code.replace(START, '').trim().split(/\s+/).filter(Boolean);
  // The embedded store has tests of its own; here the flags count.
  const store = flags.includes('--store') ? [] : ['--store', 'memory'];
  const program = join(checkout, 'packages/cli/src/main.ts');
  const args = [...loader(), program, ...flags, ...store, '--port', '0'];
  const ran = await run(process.execPath, args, place.folder, (stdout) => READY.test(stdout));
  if (ran.exitCode === 0 && READY.test(ran.stdout)) return [];
  return [
    `the start at line ${example.line} ends with ${ran.exitCode}: ${ran.stderr}${ran.stdout}`,
  ];
}

function wrongOutput({ line, output }: Example, printed: string): readonly string[] {
  if (output === undefined || isOutput(output, printed)) return [];
  return [`the example at line ${line} prints\n${printed}\ninstead of\n${output}`];
}

function onPort(code: string, { port }: Place): string {
  return code.replaceAll(`:${DEFAULT_PORT}`, `:${port}`);
}

/** Lets Node run TypeScript and find this repository's packages by name. */
function loader(): readonly string[] {
  return ['--import', pathToFileURL(join(checkout, 'node_modules/tsx/dist/loader.mjs')).href];
}

function escaped(text: string): string {
  return text.replaceAll('\n', '\\n');
}

interface Ran {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program; sends SIGTERM as soon as `isEnough` says so. */
function run(
  file: string,
  args: readonly string[],
  cwd: string,
  isEnough: (stdout: string) => boolean = () => false,
): Promise<Ran> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: cwd,
    NO_PROXY: '*',
    NODE_NO_WARNINGS: '1',
    TSX_TSCONFIG_PATH: join(checkout, 'tsconfig.test.json'),
  };
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST_MS);
    let stdout = '';
    let stderr = '';
    let told = false;
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      if (told || !isEnough(stdout)) return;
      told = true;
      child.kill('SIGTERM');
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (exitCode) => {
      clearTimeout(timer);
      resolve({ exitCode, stdout, stderr });
    });
  });
}
