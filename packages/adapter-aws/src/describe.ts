import type { CoverageRow, Evidence } from '@keyglot/dialect';
import { coverageOf } from './coverage.js';
import { AWS_FAULTS } from './faults.js';
import { AWS_PROFILE } from './profiles/aws.js';
import { QKMS_PROFILE } from './profiles/qkms.js';
import { jsonError } from './wire.js';

/** What one fault looks like on the wire. @public */
export interface FaultRow {
  /** Name of the fault inside Keyglot. */
  readonly fault: string;
  /** HTTP status. */
  readonly status: number;
  /** The provider's error code. */
  readonly code: string;
  /** The body as sent; names in angle brackets stand for values of the request. */
  readonly body: string;
  readonly evidence: Evidence;
}

/** Every operation of AWS KMS and of QKMS, and what Keyglot does with it. @public */
export function describeOperations(): readonly CoverageRow[] {
  return [...coverageOf(AWS_PROFILE), ...coverageOf(QKMS_PROFILE)];
}

/** Every cell of the fault table, in its order; one row for each form that a cell can take. @public */
export function describeFaults(): readonly FaultRow[] {
  const call = { operation: '<operation>', callerArn: '<caller ARN>' };
  return Object.entries(AWS_FAULTS).flatMap(([fault, { evidence, say }]) =>
    (FORMS[fault] ?? [{}]).map((form) => {
      // Cells only put their details into texts, which is what the names below are for.
      const said = say(named(form) as never, call);
      const { status, body } = jsonError(said, '', undefined);
      return { fault, status, code: said.code, body: body.trim(), evidence };
    }),
  );
}

type Details = Readonly<Record<string, unknown>>;

/** Details on which the form of the text depends; all others are shown by their names. */
const FORMS: Readonly<Record<string, readonly Details[]>> = {
  KeyIdInvalid: [{ arn: false }, { arn: true }],
  KeyStateInvalid: [{ needed: undefined }, { needed: 'pending-deletion' }],
  AccessDenied: [{}, { resource: '' }],
};

/** Details in which each member that is not given is its own name in angle brackets. */
function named(given: Details): Details {
  return new Proxy(given, {
    get: (target, name) =>
      Object.hasOwn(target, name) ? Reflect.get(target, name) : `<${String(name)}>`,
  });
}
