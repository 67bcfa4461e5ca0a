import { type DataKeyPair, generateDataKeyPair as draw, fault } from '@keyglot/core';
import { type SpecRow, specByName } from '../algorithms.js';
import { type AwsCall, type AwsOperation, keyArn, type OneKey } from '../call.js';
import { state, usage } from '../checks.js';
import { awsFault } from '../faults.js';
import type { GenerateDataKeyPairRequest } from '../generated/inputs.js';
import { layoutOf } from '../layouts.js';
import { oneKey, onKey } from '../resolve.js';
import { USE } from '../states.js';
import { isAsymmetricEncryption } from './generateDataKey.js';
import { contextOf, documentedOperation, requireNoRecipient } from './shared.js';

type Input = GenerateDataKeyPairRequest;
type Answer = Record<string, unknown> | undefined;

const checks = [usage('ENCRYPT_DECRYPT'), state(USE), requireSymmetric, pairSpec];

/** GenerateDataKeyPair. @internal */
export const generateDataKeyPair: AwsOperation<Input, OneKey> = {
  name: 'GenerateDataKeyPair',
  evidence: documentedOperation('GenerateDataKeyPair'),
  crossAccount: true,
  resolve: oneKey('any'),
  actions: onKey,
  checks: [...checks, (_resolved, input: Input) => requireNoRecipient(input)],
  handle: (input, resolved, call) =>
    generate(input, resolved, call, ({ privateKey }) => ({
      PrivateKeyPlaintext: privateKey.expose().toString('base64'),
    })),
};

/** GenerateDataKeyPairWithoutPlaintext. @internal */
export const generateDataKeyPairWithoutPlaintext: AwsOperation<Input, OneKey> = {
  ...generateDataKeyPair,
  name: 'GenerateDataKeyPairWithoutPlaintext',
  evidence: documentedOperation('GenerateDataKeyPairWithoutPlaintext'),
  checks,
  handle: (input, resolved, call) => generate(input, resolved, call, () => ({})),
};

async function generate(
  input: Input,
  { key }: OneKey,
  call: AwsCall,
  more: (pair: DataKeyPair) => Record<string, unknown>,
): Promise<Answer> {
  // A pair can take seconds, and nobody would see it.
  if (input.DryRun === true) return undefined;
  const row = specOfPair(input, call);
  if (row === undefined) throw fault('Internal', { what: 'a pair without a spec' });
  const context = contextOf(input.EncryptionContext);
  const pair = await draw(call.vault, key, layoutOf(call.profile), context, row.spec);
  return {
    PrivateKeyCiphertextBlob: pair.blob.toString('base64'),
    ...more(pair),
    PublicKey: pair.publicDer.toString('base64'),
    KeyId: keyArn(call, key.record),
    KeyPairSpec: input.KeyPairSpec,
    KeyMaterialId: key.primary().version.wireId,
  };
}

function specOfPair(
  { KeyPairSpec: name }: Input,
  { profile, realm }: AwsCall,
): SpecRow | undefined {
  return profile.offers(name, realm.region) ? specByName(name) : undefined;
}

function requireSymmetric({ key: { record } }: OneKey): void {
  if (isAsymmetricEncryption(record)) throw awsFault('DataKeyPairAsymmetric', {});
}

/** The text is that of CreateKey. */
function pairSpec(_resolved: OneKey, input: Input, call: AwsCall): void {
  if (specOfPair(input, call) !== undefined) return;
  throw awsFault('SpecUnsupportedInferred', {
    message: `KeyPairSpec ${input.KeyPairSpec} is not supported in this Region`,
  });
}
