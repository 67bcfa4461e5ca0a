import { yandexFault } from './faults.js';

const CANONICAL_AUDIENCE = 'https://iam.api.cloud.yandex.net/iam/v1/tokens';
const MOST_LIFE_SECONDS = 3_600;

/** The one answer to a JWT that is refused. The text is ours: only that of a missing `kid` is known. @internal */
export const JWT_REFUSED = 'JWT is invalid or has expired';

/** A JWT taken apart, not yet verified. @internal */
export interface UnverifiedJwt {
  /** Id of the authorised key. */
  readonly kid: string;
  /** Id of the service account, or empty. */
  readonly issuer: string;
  /**
   * Checks signature, times and audience.
   *
   * @param publicKey PEM
   * @param nowSeconds real time, because clients sign by it
   * @param hosts own names that may stand behind `iam.` in the audience
   * @throws KmsFault Unauthenticated
   */
  verify(publicKey: string, nowSeconds: number, hosts: readonly string[]): void;
}

/**
 * Reads the JWT of a service account.
 *
 * @see https://yandex.cloud/en/docs/iam/operations/iam-token/create-for-sa
 * @throws KmsFault Unauthenticated when it is none, has no `kid`, or another algorithm than PS256
 * @internal
 */
export async function readJwt(text: string): Promise<UnverifiedJwt> {
  // Loaded with the first token that is exchanged; most processes never need it.
  const { default: jsonwebtoken } = await import('jsonwebtoken');
  const decoded = attempt(() => jsonwebtoken.decode(text, { complete: true }));
  if (decoded === null || typeof decoded.payload === 'string') throw refused(JWT_REFUSED);
  const { header, payload } = decoded;
  const { kid } = header;
  if (typeof kid !== 'string' || kid === '') {
    // Recorded: https://github.com/yandex-cloud/dotnet-sdk/issues/34
    throw refused("The required field 'kid' is missing from the JWT header");
  }
  if (header.alg !== 'PS256') throw refused(JWT_REFUSED);
  return {
    kid,
    issuer: typeof payload.iss === 'string' ? payload.iss : '',
    verify(publicKey, nowSeconds, hosts) {
      const { iat, exp, aud } = payload;
      const timed = isNumber(iat) && isNumber(exp) && exp - iat <= MOST_LIFE_SECONDS;
      if (!timed || !isForUs(aud, hosts)) throw refused(JWT_REFUSED);
      const options = { algorithms: ['PS256' as const], clockTimestamp: nowSeconds };
      if (attempt(() => jsonwebtoken.verify(text, publicKey, options)) === null) {
        throw refused(JWT_REFUSED);
      }
    },
  };
}

/** Clients send a text or a list; Python's names the host that it was given. */
function isForUs(audience: unknown, hosts: readonly string[]): boolean {
  const accepted = [
    CANONICAL_AUDIENCE,
    ...hosts.map((host) => `https://iam.${host}/iam/v1/tokens`),
  ];
  const given: readonly unknown[] = Array.isArray(audience) ? audience : [audience];
  return given.some((one) => accepted.some((url) => url === one));
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** The library throws for everything that is wrong with a token. */
function attempt<Result>(work: () => Result): Result | null {
  try {
    return work();
  } catch {
    return null;
  }
}

function refused(message: string): Error {
  return yandexFault('Unauthenticated', { message });
}
