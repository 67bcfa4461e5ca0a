import { DER_TAGS, readDer, readDerSequence, writeDer } from './der.js';

const PARAMETERS = 0xa0;
const PUBLIC_KEY = 0xa1;

/**
 * Names the curve of a PKCS#8 once more, inside of its `ECPrivateKey` (RFC 5915, section 3), where OpenSSL leaves
 * it out. Every reader takes both.
 *
 * @returns undefined for anything but what OpenSSL writes for an EC key
 * @internal
 */
export function withCurveName(pkcs8: Buffer): Buffer | undefined {
  const { integer, octetString, sequence } = DER_TAGS;
  const [version, algorithm, inner] =
    readDerSequence(pkcs8, [integer, sequence, octetString]) ?? [];
  if (version === undefined || algorithm === undefined || inner === undefined) return undefined;
  const scheme = readDer(algorithm, 0);
  const [one, scalar, point] = readDerSequence(inner, [integer, octetString, PUBLIC_KEY]) ?? [];
  if (scheme === undefined || one === undefined || scalar === undefined || point === undefined) {
    return undefined;
  }
  const privateKey = writeDer(
    sequence,
    writeDer(integer, one),
    writeDer(octetString, scalar),
    writeDer(PARAMETERS, algorithm.subarray(scheme.end)),
    writeDer(PUBLIC_KEY, point),
  );
  return writeDer(
    sequence,
    writeDer(integer, version),
    writeDer(sequence, algorithm),
    writeDer(octetString, privateKey),
  );
}
