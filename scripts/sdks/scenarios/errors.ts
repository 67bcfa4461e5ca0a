import type { ExpectedError } from '../scenario.js';

/** A key id of the right form that no key has. */
export const NO_KEY = '0a1b2c3d-0000-4000-8000-000000000000';

/** What every operation says of it. */
export const NO_SUCH_KEY: ExpectedError = {
  code: 'NotFoundException',
  message: `Key 'arn:aws:kms:us-east-1:111122223333:key/${NO_KEY}' does not exist`,
};

/** A code that the published model does not have, so that no SDK has a class for it. */
export function validation(message: string): ExpectedError {
  return { code: 'ValidationException', message, modelled: false };
}

/** An operation on a saved key that is disabled. */
export function disabled(saved: string): ExpectedError {
  return { code: 'DisabledException', message: `<${saved}.KeyMetadata.Arn> is disabled.` };
}

/** An operation on a saved key that waits for its deletion. */
export function pendingDeletion(saved: string): ExpectedError {
  return {
    code: 'KMSInvalidStateException',
    message: `<${saved}.KeyMetadata.Arn> is pending deletion.`,
  };
}

/** An operation on a saved key that was made for something else. */
export function wrongUsage(saved: string, usage: string, operation: string): ExpectedError {
  return {
    code: 'InvalidKeyUsageException',
    message: `<${saved}.KeyMetadata.Arn> key usage is ${usage} which is not valid for ${operation}.`,
  };
}

/** What `DryRun` answers when the call would have succeeded. */
export const DRY_RUN: ExpectedError = {
  code: 'DryRunOperationException',
  message: 'The request would have succeeded, but the DryRun option is set.',
};

/** An alias where only a key id or ARN may be. */
export const ALIAS_REFUSED: ExpectedError = {
  code: 'InvalidArnException',
  message: 'Key Aliases are not supported for this operation.',
};
