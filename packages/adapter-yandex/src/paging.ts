import { fault } from '@keyglot/core';

const USUAL = 100;
const MARK = 'kg1:';

/** A page of a listing. @internal */
export interface Paging {
  readonly limit: number;
  /** Id of the last item of the page before. */
  readonly after: string | undefined;
}

/**
 * Reads `page_size` and `page_token`.
 *
 * @throws KmsFault PageTokenInvalid
 * @internal
 */
export function pagingOf(input: {
  readonly pageSize?: number;
  readonly pageToken?: string;
}): Paging {
  const limit = input.pageSize ?? USUAL;
  if (input.pageToken === undefined) return { limit, after: undefined };
  const bytes = Buffer.from(input.pageToken, 'base64url');
  const text = bytes.toString('utf8');
  const whole = text.startsWith(MARK) && bytes.toString('base64url') === input.pageToken;
  if (!whole) throw fault('PageTokenInvalid', {});
  return { limit, after: text.slice(MARK.length) };
}

/** The token of the page after the item with this id; empty when there is none. @internal */
export function pageToken(last: string | undefined): string {
  return last === undefined ? '' : Buffer.from(`${MARK}${last}`).toString('base64url');
}
