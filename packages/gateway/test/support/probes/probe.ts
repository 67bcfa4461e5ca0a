import type { SendRequest } from '../actors/actor.js';
import type { PlainRequest } from '../httpClient.js';

/** A request that only its owner may make, because of what it names. */
export interface Reach {
  readonly request: PlainRequest;
  /** Set for listings, which answer everybody: what only the owner may find in the answer. */
  readonly lists?: string;
  /** Whether another realm may be refused instead of being shown an empty list. */
  readonly refusesOthers?: boolean;
  /** Set when a token in the request is all that proves the sender, whatever account signs it. */
  readonly byToken?: true;
}

/** Makes ready, at home, what the request of an operation names. */
export type Probe = (home: SendRequest) => Promise<Reach>;

/** One probe for each operation, or why there can be none. */
export type Probes = { readonly [operation: string]: Probe | { readonly keyless: string } };
