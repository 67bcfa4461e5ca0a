import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../bootstrap.mjs';
import { download, must, runToEnd } from '../program/command.js';

/** What has to be installed together. */
export interface Kit {
  readonly name: string;
  /** Commands that must be there, each with arguments with which it only says what it is. */
  readonly tools: readonly (readonly [command: string, ...args: string[]])[];
  /** Its folder below `scripts/sdks`. */
  readonly source: string;
  /** Files there that tell what is installed; a change of one installs anew. */
  readonly files: readonly string[];
  /** Installs into an empty folder. */
  install(source: string, folder: string): Promise<void>;
}

// Below node_modules: never committed, and no test or linter reads it.
const CACHE = join(root, 'node_modules/.cache/keyglot/sdks');

const PYTHON = ['python3', '-c', 'import ensurepip, sys, venv; print(sys.version)'] as const;
const GO = [['go', 'version']] as const;
const GO_FILES = ['go.mod', 'go.sum', 'main.go'] as const;
const NPM_FILES = ['package.json', 'package-lock.json', '.npmrc'] as const;
/** SOPS has the clients of four clouds in it, which takes a busy machine its time. */
const GO_BUILD_MS = 15 * 60_000;
const GO_ENVIRONMENT: NodeJS.ProcessEnv = {
  ...process.env,
  // Neither a workspace around the checkout nor flags of the user change which versions are built.
  GOWORK: 'off',
  GOFLAGS: '-mod=readonly',
};

/** The clients of the scenarios, and the tools beside them. */
export const KITS = {
  javascript: {
    name: 'javascript',
    tools: [['npm', '--version']],
    source: 'drivers/javascript',
    files: NPM_FILES,
    async install(source, folder) {
      for (const file of NPM_FILES) {
        writeFileSync(join(folder, file), readFileSync(join(source, file)));
      }
      const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
      await download('npm', ['ci', '--ignore-scripts', ...quiet], { cwd: folder });
    },
  },
  python: {
    name: 'python',
    tools: [PYTHON],
    source: 'drivers/python',
    files: ['requirements.txt'],
    async install(source, folder) {
      await must('python3', ['-m', 'venv', 'venv'], { cwd: folder });
      const python = pythonOf(folder);
      const pip = ['-m', 'pip', '--disable-pip-version-check', '--no-input'];
      const requirements = join(source, 'requirements.txt');
      // Every package that is needed is listed, so none is looked up beside the list.
      await download(python, [...pip, 'install', '--no-deps', '--quiet', '-r', requirements], {
        cwd: folder,
      });
      await must(python, [...pip, 'check'], { cwd: folder });
    },
  },
  go: {
    name: 'go',
    tools: GO,
    source: 'drivers/go',
    files: GO_FILES,
    install: (source, folder) => buildGo(source, join(folder, 'driver')),
  },
  java: {
    name: 'java',
    tools: [
      ['javac', '-version'],
      ['mvn', '--version'],
    ],
    source: 'drivers/java',
    files: ['pom.xml', 'KmsDriver.java'],
    async install(source, folder) {
      const copy = ['dependency:copy-dependencies', `-DoutputDirectory=${join(folder, 'lib')}`];
      await download('mvn', ['-B', '-q', '-ntp', '-f', join(source, 'pom.xml'), ...copy], {
        cwd: folder,
      });
      const target = ['-d', join(folder, 'classes'), '-cp', join(folder, 'lib/*')];
      await must('javac', [...target, join(source, 'KmsDriver.java')], { cwd: folder });
    },
  },
  goKmsWrapping: {
    name: 'go-kms-wrapping',
    tools: GO,
    source: 'tools/goKmsWrapping',
    files: GO_FILES,
    install: (source, folder) => buildGo(source, join(folder, 'wrapping')),
  },
  sops: {
    name: 'sops',
    tools: GO,
    source: 'tools/sops',
    files: ['go.mod', 'go.sum'],
    install: (source, folder) =>
      buildGo(source, join(folder, 'sops'), 'github.com/getsops/sops/v3/cmd/sops'),
  },
} as const satisfies Readonly<Record<string, Kit>>;

/** The Python of an installed `python` kit. */
export function pythonOf(folder: string): string {
  return join(folder, 'venv/bin/python3');
}

/**
 * Installs a kit unless it is there in the versions that its files name.
 *
 * @returns the folder where it is, or the name of a tool that this machine does not have
 */
export async function installKit(kit: Kit): Promise<{ folder: string } | { missing: string }> {
  const source = join(root, 'scripts/sdks', kit.source);
  const folder = join(CACHE, kit.name);
  const hash = createHash('sha256').update(`${process.platform} ${process.arch} ${folder}\0`);
  for (const [command, ...args] of kit.tools) {
    const { problem, output } = await runToEnd(command, args, { cwd: root });
    if (problem !== undefined) return { missing: command };
    hash.update(`${output}\0`);
  }
  for (const file of kit.files) hash.update(readFileSync(join(source, file))).update('\0');
  const fingerprint = hash.digest('hex');
  const stamp = join(folder, '.installed');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint) return { folder };
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await kit.install(source, folder);
  writeFileSync(stamp, fingerprint);
  return { folder };
}

/** Builds a program of a Go module, which downloads what it needs in the versions of go.sum. */
async function buildGo(source: string, program: string, what = '.'): Promise<void> {
  await download('go', ['build', '-trimpath', '-o', program, what], {
    cwd: source,
    env: GO_ENVIRONMENT,
    timeoutMs: GO_BUILD_MS,
  });
}
