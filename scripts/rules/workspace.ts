import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The parts of a package.json that the rules look at. */
export interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** A text file; `path` is relative to the top folder, with forward slashes. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** One folder below packages/ with its TypeScript sources and tests. */
export interface WorkspacePackage {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly sources: readonly TextFile[];
  readonly tests: readonly TextFile[];
}

/** The whole workspace as the rules see it. */
export interface Workspace {
  readonly rootManifest: Manifest;
  readonly packages: readonly WorkspacePackage[];
}

/** The checkout that this file belongs to, with a slash at the end. */
export const checkout: string = fileURLToPath(new URL('../../', import.meta.url));

const skippedFolders = new Set(['node_modules', 'dist', 'coverage', '.git', '.keyglot']);

/** Reads the manifests, sources and tests of a checkout. */
export function readWorkspace(root: string): Workspace {
  const folders = readdirSync(join(root, 'packages')).sort();
  return {
    rootManifest: readManifest(join(root, 'package.json')),
    packages: folders
      .filter((folder) => existsSync(join(root, 'packages', folder, 'package.json')))
      .map((folder) => ({
        folder,
        manifest: readManifest(join(root, 'packages', folder, 'package.json')),
        sources: readFiles(root, `packages/${folder}/src`, /\.[cm]?[jt]sx?$/),
        tests: readFiles(root, `packages/${folder}/test`, /\.[cm]?[jt]sx?$/),
      })),
  };
}

/** Reads the files below a folder whose names match, leaving out what tools have made. */
export function readFiles(root: string, folder: string, name: RegExp): TextFile[] {
  const absolute = join(root, folder);
  if (!existsSync(absolute)) return [];
  return readdirSync(absolute, { withFileTypes: true }).flatMap((entry): TextFile[] => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      return skippedFolders.has(entry.name) ? [] : readFiles(root, path, name);
    }
    if (!entry.isFile() || !name.test(entry.name)) return [];
    return [{ path, text: readFileSync(join(root, path), 'utf8') }];
  });
}

function readManifest(file: string): Manifest {
  // A package.json of this repository; pnpm has refused it already if it is malformed.
  return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
}
