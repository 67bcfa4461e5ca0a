import { type CoverageRow, type FaultRow, faultRows } from '@keyglot/dialect';
import { coverageOf } from './coverage.js';
import { AWS_FAULTS } from './faults.js';
import { AWS_PROFILE } from './profiles/aws.js';
import { QKMS_PROFILE } from './profiles/qkms.js';
import { jsonError } from './wire.js';

/** Every operation of AWS KMS and of QKMS, and what Keyglot does with it. @public */
export function describeOperations(): readonly CoverageRow[] {
  return [...coverageOf(AWS_PROFILE), ...coverageOf(QKMS_PROFILE)];
}

/** Every cell of the fault table, in its order; one row for each form that a cell can take. @public */
export function describeFaults(): readonly FaultRow[] {
  return faultRows({
    table: AWS_FAULTS,
    call: { operation: '<operation>', callerArn: '<caller ARN>' },
    forms: {
      KeyIdInvalid: [{ arn: false }, { arn: true }],
      KeyStateInvalid: [{ needed: undefined }, { needed: 'pending-deletion' }],
      AccessDenied: [{}, { resource: '' }],
    },
    bodyOf: (error) => String(jsonError(error, '', undefined).body),
  });
}
