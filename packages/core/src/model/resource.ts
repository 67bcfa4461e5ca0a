import type { Json } from './json.js';

/**
 * Anything that a dialect or the gateway keeps beside keys: credentials, grants, policies of other
 * things. Core knows none of the kinds.
 *
 * @public
 */
export interface ResourceRecord {
  readonly sandbox: string;
  readonly kind: string;
  readonly id: string;
  /** Id of the thing this one belongs to, or empty. */
  readonly parent: string;
  readonly body: { readonly [name: string]: Json };
  /** Secret part, wrapped under the root key with the primary key of the row as associated data; or null. */
  readonly sealed: Uint8Array | null;
  /** 1 when new; a write must name the version it replaces. */
  readonly version: number;
}

/** A value by which a resource can be looked up. @public */
export interface ResourceIndexEntry {
  readonly name: string;
  readonly value: string;
}
