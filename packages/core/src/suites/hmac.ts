import { createHmac } from 'node:crypto';
import { requireSpec } from './kept.js';
import type { KeySpecId } from './keySpecs.js';
import type { MacSuite } from './suite.js';

/**
 * HMAC by RFC 2104 with the full length of the hash.
 *
 * @internal
 */
export const HMAC_SUITES: readonly MacSuite[] = Object.freeze([
  hmac('hmac-sha224', 'sha224', 28, 'hmac-224'),
  hmac('hmac-sha256', 'sha256', 32, 'hmac-256'),
  hmac('hmac-sha384', 'sha384', 48, 'hmac-384'),
  hmac('hmac-sha512', 'sha512', 64, 'hmac-512'),
]);

function hmac(id: string, hash: string, macBytes: number, spec: KeySpecId): MacSuite {
  const specs = Object.freeze([spec]);
  return Object.freeze<MacSuite>({
    kind: 'mac',
    id,
    specs,
    macBytes,
    mac(material, message) {
      requireSpec(id, specs, material.spec);
      return createHmac(hash, material.key).update(message).digest();
    },
  });
}
