import { installKit, type Kit } from './kits.js';

/** What came of something that needs kits. */
export type Attempt<Result> =
  | { readonly done: Result }
  /** A tool that this machine does not have. */
  | { readonly missing: string }
  | { readonly broken: string };

/** Installs each kit once, however many ask for it. */
export class Installer {
  readonly #installs = new Map<Kit, ReturnType<typeof installKit>>();

  /** Installs the kits and then does the work with the folders where they are. Never throws. */
  async attempt<Result>(
    kits: readonly Kit[],
    work: (installed: (kit: Kit) => string) => Promise<Result>,
  ): Promise<Attempt<Result>> {
    try {
      const folders = new Map<Kit, string>();
      for (const [kit, install] of kits.map((one) => [one, this.#install(one)] as const)) {
        const installed = await install;
        if ('missing' in installed) return installed;
        folders.set(kit, installed.folder);
      }
      const done = await work((kit) => {
        const folder = folders.get(kit);
        if (folder === undefined) throw new Error(`${kit.name} is not among the kits`);
        return folder;
      });
      return { done };
    } catch (error) {
      return { broken: error instanceof Error ? error.message : String(error) };
    }
  }

  #install(kit: Kit): ReturnType<typeof installKit> {
    const install = this.#installs.get(kit) ?? installKit(kit);
    this.#installs.set(kit, install);
    // Whoever waits for it hears of a failure; nobody may be waiting yet.
    install.catch(() => undefined);
    return install;
  }
}
