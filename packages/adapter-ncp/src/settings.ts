/** How credentials are judged. `open` takes any, but a registered one must verify. @public */
export type NcpAuthMode = 'open' | 'audit' | 'enforce';

/** Settings of the NCP dialect. @public */
export interface NcpSettings {
  readonly auth: NcpAuthMode;
  /** Account (member number) of requests whose access key names none. */
  readonly account: string;
  /**
   * Whether a `context` for a key that is not convergent is refused. Default false, then it is ignored:
   * what the service does is not documented.
   */
  readonly refuseUnusedContext?: boolean;
  /**
   * Whether the API 1.0 also gives arrays under the names of its oldest pages (`ciphertextList`,
   * `plaintextList`, `newCiphertextList`). Default false.
   */
  readonly legacyListNames?: boolean;
}
