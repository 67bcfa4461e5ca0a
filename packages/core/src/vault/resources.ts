import type { Json } from '../model/json.js';
import type { ResourceIndexEntry, ResourceRecord } from '../model/resource.js';
import type { Clock } from '../ports/clock.js';
import type { Page, Store } from '../ports/store.js';
import type { Secret } from '../secret.js';
import { ByteCache } from './byteCache.js';
import { type Flight, Flights } from './flights.js';
import { leaseOf } from './keyCache.js';
import { KeyChildren, resourceBytes } from './keyChildren.js';
import type { LoadedKey } from './loadedKey.js';
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
  readonly #flights: Flights<OpenedResource | undefined>;
  readonly #children: KeyChildren;

  /** @internal */
  constructor(options: ResourceDirectoryOptions) {
    this.#options = options;
    this.#flights = new Flights(options.clock, leaseOf(options));
    this.#children = new KeyChildren(options);
  }

  /** Bytes charged for what is in memory. */
  usage(): { readonly bytes: number } {
    return { bytes: this.#cache.sizeBytes + this.#children.sizeBytes };
  }

  /**
   * The resource with this id in `sandbox`, which need not be the one of the request.
   *
   * @throws Miss
   */
  byId(scope: Scope, sandbox: string, kind: string, id: string): OpenedResource | undefined {
    const name = resourceName(sandbox, kind, id);
    const pinned = scope.pinned.get(name) as OpenedResource | null | undefined;
    if (pinned !== undefined) return pinned ?? undefined;
    const cached = this.#cache.get(name);
    if (cached !== undefined && cached.untilMs >= this.#options.clock.monotonicMs()) {
      return cached.resource;
    }
    throw new Miss(async () => {
      const found = await this.#flights.join(name, (flight) =>
        this.#read(name, flight, sandbox, kind, id),
      );
      scope.pinned.set(name, found ?? null);
    });
  }

  /**
   * All resources of a kind that belong to a key, by ascending id. Every change of one raises the key's
   * revision, so the key's lease covers them. The same list is given again as long as nothing changes.
   *
   * @throws Miss
   */
  ofKey(scope: Scope, key: LoadedKey, kind: string): readonly ResourceRecord[] {
    return this.#children.of(scope, key, kind);
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

  /** @throws KmsFault AlreadyExists, Conflict, Unavailable */
  async write(draft: ResourceDraft): Promise<void> {
    const { sandbox, kind, id, body, version } = draft;
    const sealed = draft.secret
      ? this.#options.rootKey.wrap(draft.secret, resourceBinding(sandbox, kind, id))
      : null;
    const record = { sandbox, kind, id, parent: draft.parent ?? '', body, sealed, version };
    try {
      await this.#options.store.writeResource(record, draft.index ?? []);
    } finally {
      this.forget(sandbox, kind, id);
    }
  }

  /** @returns whether there was such a resource @throws KmsFault Unavailable */
  async delete(sandbox: string, kind: string, id: string): Promise<boolean> {
    try {
      return await this.#options.store.deleteResource(sandbox, kind, id);
    } finally {
      this.forget(sandbox, kind, id);
    }
  }

  /** Forgets what is in memory of a sandbox. @internal */
  forgetSandbox(sandbox: string): void {
    this.#cache.deleteWhere((name) => name.startsWith(`resource\n${sandbox}\n`));
    this.#flights.spoil();
    this.#children.forgetSandbox(sandbox);
  }

  /**
   * Forgets one that was written or may have been. Also after a failure: what was refused shows that
   * memory is old, and an answer may be lost.
   *
   * @internal
   */
  forget(sandbox: string, kind: string, id: string): void {
    const name = resourceName(sandbox, kind, id);
    this.#cache.delete(name);
    this.#flights.spoil(name);
  }

  async #read(
    name: string,
    flight: Flight,
    sandbox: string,
    kind: string,
    id: string,
  ): Promise<OpenedResource | undefined> {
    const record = await this.#options.store.readResource(sandbox, kind, id);
    const resource = record && this.#open(record);
    const untilMs = flight.askedAtMs + leaseOf(this.#options);
    const bytes = ENTRY_BYTES + 2 * name.length + (record ? resourceBytes(record) : 0);
    if (!flight.stale) this.#cache.set(name, { resource, untilMs }, bytes);
    return resource;
  }

  #open(record: ResourceRecord): OpenedResource {
    const { sandbox, kind, id, sealed } = record;
    const secret = sealed
      ? this.#options.rootKey.unwrap(sealed, resourceBinding(sandbox, kind, id))
      : undefined;
    return { record, secret };
  }
}

function resourceName(sandbox: string, kind: string, id: string): string {
  return `resource\n${sandbox}\n${kind}\n${id}`;
}

function resourceBinding(sandbox: string, kind: string, id: string): string[] {
  return ['resource', sandbox, kind, id];
}
