import { generateDataKey as draw } from '@keyglot/core';
import type { OneKey, YandexOperation } from '../call.js';
import { YANDEX_LAYOUT } from '../envelope.js';
import { onKey } from '../resolve.js';
import { invalidField } from '../validate.js';
import {
  CRYPTO,
  contextOf,
  documented,
  oneTarget,
  type TargetInput,
  targetVersion,
  usableTarget,
} from './shared.js';

interface Input extends TargetInput {
  readonly keyId: string;
  readonly aadContext?: Buffer;
  readonly dataKeySpec?: string;
  readonly skipPlaintext?: boolean;
}

/** Inferred from the names; for the last two nothing is known. */
const SIZES: ReadonlyMap<string, number> = new Map([
  ['AES_128', 16],
  ['AES_192', 24],
  ['AES_256', 32],
  ['AES_256_HSM', 32],
  ['GOST_R_3412_2015_K', 32],
]);

/** GenerateDataKey, with the data key in clear or without. @internal */
export const generateDataKey: YandexOperation<Input, OneKey> = {
  service: CRYPTO,
  name: 'GenerateDataKey',
  evidence: documented('kms/api-ref/SymmetricCrypto/generateDataKey'),
  resolve: oneTarget,
  actions: onKey('kms.keys.encrypt'),
  checks: [usableTarget],
  handle(input, { key }, call) {
    const version = targetVersion(key, input);
    const context = contextOf(input.aadContext);
    const made = draw(call.vault, key, YANDEX_LAYOUT, context, sizeOf(input), { version });
    if (input.skipPlaintext) made.plaintext.fill(0);
    return {
      keyId: key.record.wireId,
      versionId: version.version.wireId,
      dataKeyPlaintext: input.skipPlaintext ? undefined : made.plaintext,
      dataKeyCiphertext: made.blob,
    };
  },
};

/** Whether an omitted spec has a default is not known. */
function sizeOf({ dataKeySpec }: Input): number {
  const size = dataKeySpec === undefined ? undefined : SIZES.get(dataKeySpec);
  if (size === undefined) throw invalidField('data_key_spec', 'Field is required');
  return size;
}
