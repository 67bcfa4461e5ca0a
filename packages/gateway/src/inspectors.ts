import { ALIBABA_SIZES, inspectAlibaba } from '@keyglot/adapter-alibaba';
import { AWS_SIZES, inspectAws } from '@keyglot/adapter-aws';
import { inspectNcp, NCP_SIZES } from '@keyglot/adapter-ncp';
import { inspectYandex, YANDEX_SIZES } from '@keyglot/adapter-yandex';
import type { DialectFace } from '@keyglot/dialect';

/** Recognises the ciphertexts of one layout, and says what fits into it. @public */
export interface Inspector
  extends Pick<
    DialectFace,
    'inspect' | 'plaintextIsText' | 'maxPlaintextBytes' | 'maxCiphertextBytes'
  > {
  /** Dialect, or dialects whose ciphertexts look the same. */
  readonly name: string;
}

/**
 * Everything that recognises a ciphertext without keys, one entry for each layout. No text is recognised
 * by two of them: each layout begins with other bytes. Needs no vault, store or log.
 *
 * @public
 */
export function inspectors(): readonly Inspector[] {
  return [
    { name: 'aws or qkms', inspect: inspectAws, ...AWS_SIZES },
    { name: 'alibaba', inspect: inspectAlibaba, ...ALIBABA_SIZES },
    { name: 'yandex', inspect: inspectYandex, ...YANDEX_SIZES },
    { name: 'ncp', inspect: inspectNcp, ...NCP_SIZES },
  ];
}
