import { timingSafeEqual } from 'node:crypto';
import { fault } from '../faults.js';
import type { Entropy } from '../ports/entropy.js';
import { DER_TAGS, derUnsigned, readDerSequence, writeDer, writeDerUnsigned } from './der.js';
import { requireSpec } from './kept.js';
import { SM2_BYTES, SM2_SPECS, sharedSm2Point, sm2Library, sm2Point, sm2Scalar } from './sm2Key.js';
import type { AsymmetricEncryptionSuite } from './suite.js';

/**
 * Public-key encryption of SM2 in two forms: `sm2-pke` writes raw `04 ‖ x ‖ y ‖ C3 ‖ C2` and reads that
 * and DER; `sm2-pke-der` has the DER of GM/T 0009 only.
 *
 * @internal
 */
export function sm2EncryptionSuites(entropy: Entropy): readonly AsymmetricEncryptionSuite[] {
  return [
    encryptionSuite(entropy, {
      id: 'sm2-pke',
      maxPlaintextBytes: MAX_CIPHERTEXT_BYTES - OVERHEAD_BYTES,
      write: ({ c1, c2, c3 }) => Buffer.concat([c1, c3, c2]),
      read: (ciphertext) => readRaw(ciphertext) ?? readDerForm(ciphertext),
    }),
    encryptionSuite(entropy, {
      id: 'sm2-pke-der',
      maxPlaintextBytes: MAX_DER_PLAINTEXT_BYTES,
      write: writeDerForm,
      read: readDerForm,
    }),
  ];
}

const POINT_BYTES = 1 + 2 * SM2_BYTES;
const OVERHEAD_BYTES = POINT_BYTES + SM2_BYTES;
/** A ciphertext has at most 6,144 bytes, which is what KMS interfaces take. */
const MAX_CIPHERTEXT_BYTES = 6_144;
/** Services that want DER take no more. */
const MAX_DER_PLAINTEXT_BYTES = 1_024;
const MAX_TURNS = 64;

/** How ciphertexts look. */
interface Form {
  readonly id: string;
  readonly maxPlaintextBytes: number;
  write(parts: Sm2Ciphertext): Buffer;
  read(ciphertext: Buffer): Sm2Ciphertext | undefined;
}

function encryptionSuite(entropy: Entropy, form: Form): AsymmetricEncryptionSuite {
  const { id, maxPlaintextBytes: limitBytes } = form;
  return Object.freeze<AsymmetricEncryptionSuite>({
    kind: 'asymmetric-encryption',
    id,
    specs: SM2_SPECS,
    maxPlaintextBytes(spec) {
      requireSpec(id, SM2_SPECS, spec);
      return limitBytes;
    },
    async encrypt(material, plaintext) {
      requireSpec(id, SM2_SPECS, material.spec);
      if (plaintext.length > limitBytes) {
        throw fault('PlaintextTooLarge', { algorithm: id, spec: material.spec, limitBytes });
      }
      const { sm2 } = await sm2Library();
      const to = sm2Point(material);
      for (let turn = 0; turn < MAX_TURNS; turn += 1) {
        const scalar = sm2Scalar(entropy);
        const c1 = Buffer.from(sm2.getPublicKeyFromPrivateKey(scalar.toString('hex')), 'hex');
        const shared = await sharedSm2Point(scalar, to);
        scalar.fill(0);
        if (shared === undefined) throw fault('Internal', { what: 'an SM2 key off the curve' });
        const c2 = await masked(shared, plaintext);
        // One mask in 256 of a single byte hides nothing; the standard wants another scalar then.
        if (c2 !== undefined) return form.write({ c1, c2, c3: await check(shared, plaintext) });
      }
      throw fault('Internal', { what: 'SM2 masks that hide nothing' });
    },
    async decrypt(material, ciphertext) {
      requireSpec(id, SM2_SPECS, material.spec);
      const parts = form.read(ciphertext);
      if (parts === undefined) throw fault('CiphertextInvalid', {});
      const shared = await sharedSm2Point(material.key.export(), parts.c1);
      const plaintext = shared && (await masked(shared, parts.c2));
      if (shared === undefined || plaintext === undefined) throw fault('CiphertextInvalid', {});
      if (timingSafeEqual(await check(shared, plaintext), parts.c3)) return plaintext;
      plaintext.fill(0);
      throw fault('CiphertextInvalid', {});
    },
  });
}

/** Plaintext to ciphertext and back; undefined when the mask is all zero. */
async function masked(shared: Buffer, bytes: Buffer): Promise<Buffer | undefined> {
  const { kdf } = await sm2Library();
  const mask = Buffer.from(kdf(shared, bytes.length));
  if (mask.length > 0 && mask.every((byte) => byte === 0)) return undefined;
  return Buffer.from(mask.map((byte, index) => byte ^ (bytes[index] ?? 0)));
}

/** C3, SM3 of x2, the plaintext and y2. */
async function check(shared: Buffer, plaintext: Buffer): Promise<Buffer> {
  const { sm3 } = await sm2Library();
  const x2 = shared.subarray(0, SM2_BYTES);
  const y2 = shared.subarray(SM2_BYTES);
  return Buffer.from(sm3(Buffer.concat([x2, plaintext, y2])), 'hex');
}

interface Sm2Ciphertext {
  readonly c1: Buffer;
  readonly c2: Buffer;
  readonly c3: Buffer;
}

function readRaw(bytes: Buffer): Sm2Ciphertext | undefined {
  if (bytes.length < OVERHEAD_BYTES || bytes[0] !== 4) return undefined;
  return {
    c1: bytes.subarray(0, POINT_BYTES),
    c3: bytes.subarray(POINT_BYTES, OVERHEAD_BYTES),
    c2: bytes.subarray(OVERHEAD_BYTES),
  };
}

function writeDerForm({ c1, c2, c3 }: Sm2Ciphertext): Buffer {
  return writeDer(
    DER_TAGS.sequence,
    writeDerUnsigned(c1.subarray(1, 1 + SM2_BYTES)),
    writeDerUnsigned(c1.subarray(1 + SM2_BYTES)),
    writeDer(DER_TAGS.octetString, c3),
    writeDer(DER_TAGS.octetString, c2),
  );
}

/** The form of GM/T 0009, which OpenSSL and others write: SEQUENCE of x, y, C3 and C2. */
function readDerForm(bytes: Buffer): Sm2Ciphertext | undefined {
  const { integer, octetString } = DER_TAGS;
  const parts = readDerSequence(bytes, [integer, integer, octetString, octetString]);
  const [x, y] = (parts ?? []).slice(0, 2).map((part) => derUnsigned(part, SM2_BYTES));
  const [c3, c2] = (parts ?? []).slice(2);
  if (x === undefined || y === undefined || c2 === undefined || c3?.length !== SM2_BYTES) {
    return undefined;
  }
  return { c1: Buffer.concat([Buffer.from([4]), x, y]), c2, c3 };
}
