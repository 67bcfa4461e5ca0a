import type { Manifest } from '../rules/workspace.js';

/** What a package.json says about the files of its package. */
export interface PackedManifest extends Manifest {
  readonly bin?: Readonly<Record<string, string>>;
}

const unwanted =
  /(?:^|\/)(?:node_modules|test|coverage|\.keyglot)\/|\.test\.|\.tsbuildinfo$|(?:^|\/)\.env/;

/**
 * Says what is wrong with the content of a packed package: tests and left-overs in it, files that the
 * manifest promises missing from it, output of a source that is gone.
 *
 * @param manifest the package.json inside the tarball
 * @param paths its files, relative to the package's folder
 * @param required folders that must not be empty
 */
export function tarballProblems(
  manifest: PackedManifest,
  paths: readonly string[],
  required: readonly string[],
): string[] {
  const present = new Set(paths);
  const promised = [...Object.values(manifest.exports ?? {}), manifest.bin ?? {}]
    .flatMap((target) => (typeof target === 'string' ? [target] : Object.values(target)))
    .map((path) => path.replace(/^\.\//, ''));
  const { dependencies, optionalDependencies } = manifest;
  return [
    ...paths.filter((path) => unwanted.test(path)).map((path) => `${path} must not be in it`),
    ...[...promised, 'LICENSE', 'package.json']
      .filter((path) => !present.has(path))
      .map((path) => `${path} is missing`),
    ...required
      .filter((folder) => !paths.some((path) => path.startsWith(`${folder}/`)))
      .map((folder) => `${folder}/ is missing`),
    ...paths
      .filter((path) => path.startsWith('dist/') && path.endsWith('.js'))
      .filter((path) => !present.has(path.replace(/^dist\//, 'src/').replace(/\.js$/, '.ts')))
      .map((path) => `${path} has no source any more`),
    ...Object.entries({ ...dependencies, ...optionalDependencies })
      .filter(([, version]) => version.startsWith('workspace:'))
      .map(([name, version]) => `${name} still has the version ${version}`),
  ];
}
