/** How credentials are judged. `open` takes any, but a registered one must verify. @public */
export type AlibabaAuthMode = 'open' | 'audit' | 'enforce';

/** Settings of the Alibaba dialect; the optional ones choose between readings that nothing settles. @public */
export interface AlibabaSettings {
  readonly auth: AlibabaAuthMode;
  /** Account of requests whose access key is not registered, 16 digits; default `1000000000000000`. */
  readonly account?: string;
  /** Region of requests whose host name has none. */
  readonly region: string;
  /** Root element of XML answers: `KMS` (default), or the operation's name with `Response`. */
  readonly xmlRoot?: 'KMS' | 'Response';
  /** Whose ids ReEncrypt answers with; default `source`. */
  readonly reEncryptIds?: 'source' | 'destination';
  /** Whether a nonce is taken once only; default: when `auth` is `enforce`. Known to one process only. */
  readonly refuseReplays?: boolean;
}

/** Account that stands for requests that name none. @internal */
export const DEFAULT_ACCOUNT = '1000000000000000';
