const ISO_8601 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/;

/**
 * Reads a timestamp: a number of seconds since the epoch, whole or with a fraction, or an ISO 8601 text
 * with its zone. Kept to the millisecond.
 *
 * @returns `undefined` for anything else, and for dates that JavaScript cannot represent.
 * @internal
 */
export function readTimestamp(value: unknown): Date | undefined {
  let ms: number;
  if (typeof value === 'number') ms = Math.round(value * 1000);
  else if (typeof value === 'string' && ISO_8601.test(value)) ms = Date.parse(value);
  else return undefined;
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
