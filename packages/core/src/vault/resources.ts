import type { Json } from '../model/json.js';
import type { ResourceIndexEntry, ResourceRecord } from '../model/resource.js';
import type { Clock } from '../ports/clock.js';
import type { Page, Store } from '../ports/store.js';
import type { Secret } from '../secret.js';
import { ByteCache } from './byteCache.js';
import type { RootKey } from './rootKey.js';
import { Miss, type Scope } from './scope.js';

const CACHE_BYTES = 8 * 1024 * 1024;
const ENTRY_BYTES = 1_000;

interface Cached {
  readonly resource: OpenedResource | undefined;
  readonly untilMs: number;
}

/** A resource with its secret part unwrapped. @public */
export interface OpenedResource {
  readonly record: ResourceRecord;
  readonly secret: Secret | undefined;
}

/** A resource to be written. @public */
export interface ResourceDraft {
  readonly sandbox: string;
  readonly kind: string;
  readonly id: string;
  readonly parent?: string;
  readonly body: { readonly [name: string]: Json };
  readonly secret?: Secret;
  /** 1 when new, else the stored version plus one. */
  readonly version: number;
  readonly index?: readonly ResourceIndexEntry[];
}

/** Settings of the directory. @internal */
export interface ResourceDirectoryOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly rootKey: RootKey;
  readonly leaseMs: number;
}

/**
 * Finds resources. Absence is remembered too, for as long as a lease, so that a stream of unknown
 * names does not become a stream of queries; memory for both is bounded.
 *
 * @public
 */
export class ResourceDirectory {
  readonly #options: ResourceDirectoryOptions;
  readonly #cache = new ByteCache<Cached>(CACHE_BYTES);
  #epoch = 0;

  constructor(options: ResourceDirectoryOptions) {
    this.#options = options;
  }

  /** The resource with this id in `sandbox`, which need not be the one of the request. */
  byId(scope: Scope, sandbox: string, kind: string, id: string): OpenedResource | undefined {
    const name = `resource\n${sandbox}\n${kind}\n${id}`;
    const pinned = scope.pinned.get(name) as OpenedResource | null | undefined;
    if (pinned !== undefined) return pinned ?? undefined;
    const cached = this.#cache.get(name);
    if (cached !== undefined && cached.untilMs >= this.#options.clock.monotonicMs()) {
      return cached.resource;
    }
    throw new Miss(async () => {
      const { store, clock, leaseMs } = this.#options;
      const epoch = this.#epoch;
      const askedAtMs = clock.monotonicMs();
      const record = await store.readResource(sandbox, kind, id);
      const resource = record && this.#open(record);
      scope.pinned.set(name, resource ?? null);
      const untilMs = store.shared ? askedAtMs + leaseMs : Number.POSITIVE_INFINITY;
      if (epoch === this.#epoch) this.#cache.set(name, { resource, untilMs }, ENTRY_BYTES);
    });
  }

  /** Resources of a kind by ascending id, read from the store. */
  async list(
    sandbox: string,
    kind: string,
    parent: string | undefined,
    page: Page,
  ): Promise<readonly ResourceRecord[]> {
    return this.#options.store.listResources(sandbox, kind, parent, page);
  }

  /** @throws KmsFault AlreadyExists, Conflict */
  async write(draft: ResourceDraft): Promise<void> {
    const { sandbox, kind, id, body, version } = draft;
    const sealed = draft.secret
      ? this.#options.rootKey.wrap(draft.secret, resourceBinding(sandbox, kind, id))
      : null;
    const record = { sandbox, kind, id, parent: draft.parent ?? '', body, sealed, version };
    await this.#options.store.writeResource(record, draft.index ?? []);
    this.#forget(sandbox, kind, id);
  }

  /** @returns whether there was such a resource */
  async delete(sandbox: string, kind: string, id: string): Promise<boolean> {
    const existed = await this.#options.store.deleteResource(sandbox, kind, id);
    this.#forget(sandbox, kind, id);
    return existed;
  }

  #forget(sandbox: string, kind: string, id: string): void {
    this.#epoch += 1;
    this.#cache.delete(`resource\n${sandbox}\n${kind}\n${id}`);
  }

  #open(record: ResourceRecord): OpenedResource {
    const { sandbox, kind, id, sealed } = record;
    const secret = sealed
      ? this.#options.rootKey.unwrap(sealed, resourceBinding(sandbox, kind, id))
      : undefined;
    return { record, secret };
  }
}

function resourceBinding(sandbox: string, kind: string, id: string): string[] {
  return ['resource', sandbox, kind, id];
}
