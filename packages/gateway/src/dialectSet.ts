import type { Vault } from '@keyglot/core';
import type { Dialect, PipelineServices } from '@keyglot/dialect';
import type { Mount } from './claim/place.js';
import type { StartOptions } from './options.js';

/** The dialects, each loaded with the first request that is for it. @internal */
export interface DialectSet {
  /** Those that are loaded, by mount. */
  readonly loaded: ReadonlyMap<Mount, Dialect>;
  load(mount: Mount): Promise<Dialect>;
  all(): Promise<readonly Dialect[]>;
}

type Loader = (services: PipelineServices, options: StartOptions) => Promise<Dialect>;

/** A dialect is one line here; its code and that of its libraries costs 20 to 40 ms to load. */
const LOADERS: readonly (readonly [mounts: readonly Mount[], load: Loader])[] = [
  [
    ['aws', 'qkms'],
    async (services, { auth, account, region, qkms }) =>
      (await import('@keyglot/adapter-aws')).createAwsDialect(services, {
        auth,
        account,
        region,
        qkms: qkms ?? 'client',
      }),
  ],
  [
    ['alibaba'],
    async (services, { auth, region }) =>
      (await import('@keyglot/adapter-alibaba')).createAlibabaDialect(services, { auth, region }),
  ],
  [
    ['ncp'],
    async (services, { auth, account }) =>
      (await import('@keyglot/adapter-ncp')).createNcpDialect(services, { auth, account }),
  ],
  [
    ['yandex'],
    async (services, { auth }) =>
      (await import('@keyglot/adapter-yandex')).createYandexDialect(services, { auth }),
  ],
];

/**
 * Makes the set. What crosses between dialects waits for all of them through `vault.loadDialects`.
 *
 * @internal
 */
export function createDialectSet(
  vault: Vault,
  services: PipelineServices,
  options: StartOptions,
): DialectSet {
  const loaded = new Map<Mount, Dialect>();
  const loading = new Map<Loader, Promise<Dialect>>();

  const start = (mounts: readonly Mount[], loader: Loader): Promise<Dialect> => {
    let dialect = loading.get(loader);
    if (dialect === undefined) {
      dialect = loader(services, options).then((made) => {
        for (const mount of mounts) loaded.set(mount, made);
        return made;
      });
      loading.set(loader, dialect);
    }
    return dialect;
  };
  const all = (): Promise<readonly Dialect[]> =>
    Promise.all(LOADERS.map(([mounts, loader]) => start(mounts, loader)));

  vault.loadDialects = async () => {
    await all();
    vault.loadDialects = undefined;
  };
  return {
    loaded,
    load(mount) {
      const found = LOADERS.find(([mounts]) => mounts.includes(mount));
      if (found === undefined) throw new TypeError(`no dialect is mounted at ${mount}`);
      return start(...found);
    },
    all,
  };
}
