/**
 * Time. `virtualMs` drives what we issued (deletion, rotation, expiry) and may be moved by tests;
 * `realMs` drives client-signed times and the `Date` header; `monotonicMs` drives leases and timeouts.
 *
 * @public
 */
export interface Clock {
  /** Virtual time of a sandbox, milliseconds since 1970. */
  virtualMs(sandbox: string): number;
  /** Real time, milliseconds since 1970. */
  realMs(): number;
  /** Milliseconds since some fixed moment; never goes back. */
  monotonicMs(): number;
}
