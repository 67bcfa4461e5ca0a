import type { EnvelopeLayout } from '@keyglot/core';
import { createAwsLayout } from './envelope.js';
import type { Profile } from './profile.js';

const AWS = createAwsLayout('aws');
const QKMS = createAwsLayout('qkms');

/** The ciphertext layout of a profile: the same bytes, but keys of their own. @internal */
export function layoutOf(profile: Profile): EnvelopeLayout {
  return profile.name === 'qkms' ? QKMS : AWS;
}
