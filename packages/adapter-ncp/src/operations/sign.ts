import { fault, type LoadedKey, type SignatureSuite } from '@keyglot/core';
import { typeRowOf } from '../algorithms.js';
import type { NcpCall, NcpOperation, OneKey } from '../call.js';
import { state, usage } from '../checks.js';
import { readText, textOf } from '../envelope.js';
import { invalid } from '../faults.js';
import { oneKey, onKey, usableVersion } from '../resolve.js';
import { ENABLED } from '../states.js';
import { body, inferredOperation } from './shared.js';

interface SignInput {
  readonly data: Buffer;
}

/**
 * Sign: hash and padding are not documented, see `KEY_TYPES`. What is given is hashed, even when it is a
 * hash.
 *
 * @internal
 */
export const sign: NcpOperation<SignInput, OneKey> = {
  name: 'Sign',
  evidence: inferredOperation('Sign'),
  input: body('Sign'),
  resolve: oneKey,
  actions: onKey,
  checks: [state(ENABLED), usage('sign')],
  async handle({ data }, { key }, call) {
    const primary = key.primary();
    const signature = await suiteOf(call, key).sign(primary.prepared(), data);
    return { signature: textOf(primary.version.number, signature) };
  },
};

interface VerifyInput extends SignInput {
  readonly signature: string;
}

/** Verify, with the version that the signature names. @internal */
export const verify: NcpOperation<VerifyInput, OneKey> = {
  name: 'Verify',
  evidence: inferredOperation('Verify'),
  input: body('Verify'),
  resolve: oneKey,
  actions: onKey,
  checks: [state(ENABLED), usage('sign')],
  async handle({ data, signature }, { key }, call) {
    const read = readText(signature);
    if (read === undefined) throw invalid('the signature has another form');
    const version = usableVersion(key, read.version);
    const valid = await suiteOf(call, key).verify(version.prepared(), data, read.payload);
    return { valid };
  },
};

function suiteOf({ vault }: NcpCall, { record }: LoadedKey): SignatureSuite {
  const id = typeRowOf(record).signature;
  if (id === undefined) throw fault('Internal', { what: 'a signing key without a suite' });
  return vault.suites.signatureSuite(id);
}
