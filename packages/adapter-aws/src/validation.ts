import type { Path, Shape, TypeMismatch, Violation } from '@keyglot/dialect';

/**
 * Kinesis and DynamoDB list ten errors at most; inferred for KMS.
 * @see https://github.com/mhart/kinesalite/blob/master/test/putRecords.js
 */
const MOST_ERRORS = 10;

/**
 * Longer values are cut, with `...` at the end; KMS prints them whole. A description that is one
 * character too long has 8193 and is printed whole.
 */
const LONGEST_VALUE = 16_384;

/**
 * Writes the text of a ValidationException for limits that a request breaks.
 *
 * Names, wording and joining are recorded from KMS, blobs and sensitive values are left out as recorded
 * (https://github.com/floci-io/floci/pull/3968, us-east-1, 2026-09;
 * https://github.com/localstack/localstack/blob/8b9a79f/tests/aws/services/kms/test_kms.snapshot.json).
 * The order of several errors is inferred: members as in the model, for one member length, pattern, enum.
 *
 * @public
 */
export function validationMessage(violations: readonly Violation[]): string {
  const items = violations.slice(0, MOST_ERRORS).map(item);
  const noun = items.length === 1 ? 'error' : 'errors';
  return `${items.length} validation ${noun} detected: ${items.join('; ')}`;
}

/**
 * Writes the text of a SerializationException for a value of a wrong type.
 *
 * `Start of list found where not expected` is recorded from KMS
 * (https://github.com/erlcloud/erlcloud/issues/644). All else is
 * recorded from other services of the same stack and inferred for KMS: texts, numbers, lists and
 * structures from Athena (2026-09-23, https://github.com/aoyagikouhei/athena-local), booleans from SES
 * (https://github.com/floci-io/floci/blob/main/src/main/java/io/github/hectorvent/floci/services/ses/SesV2Json.java),
 * timestamps from X-Ray (https://github.com/Peatix/aws-sdk-perl), maps and base64 from Kinesis
 * (https://github.com/mhart/kinesalite/blob/master/validations/index.js) and DynamoDB. The text never
 * holds the value, which may be a secret.
 *
 * @returns `undefined` when the answer has no text: a body that is neither an object nor a list.
 * @public
 */
export function serializationMessage(mismatch: TypeMismatch): string | undefined {
  const { path, expected, got, base64 } = mismatch;
  if (got === 'list') return 'Start of list found where not expected';
  if (path.length === 0 || got === 'null') return undefined;
  if (got === 'structure') return 'Start of structure or map found where not expected.';
  const token = `${got.toUpperCase()}_VALUE`;
  switch (expected) {
    case 'list':
      return 'Expected list or null';
    case 'map':
      return 'Expected map or null';
    case 'structure':
      return 'Expected null';
    case 'string':
      return `${token} can not be converted to a String`;
    case 'integer':
      return `${token} can not be converted to an Integer`;
    case 'boolean':
      // "an" for a text is the provider's slip.
      return `${token} can not be converted to ${got === 'string' ? 'an' : 'a'} Boolean`;
    case 'timestamp':
      return `${token} can not be converted to milliseconds since epoch`;
    case 'blob':
      if (base64 === undefined) return `${token} can not be converted to a Blob`;
      if (base64.problem === 'length') {
        return `Base64 encoded length is expected a multiple of 4 bytes but found: ${base64.length}`;
      }
      return base64.problem === 'character'
        ? `Invalid Base64 character: '${base64.character}'`
        : // "dectected" is the provider's slip.
          'Invalid last non-pad Base64 character dectected';
  }
}

function item(violation: Violation): string {
  const { path, list } = violation;
  if (list === undefined) {
    const { sensitive, value } = violation;
    return failure(shown(value, sensitive), path, constraint(violation));
  }
  // Elements of a list of scalars: one error at the list, with all limits of an element. Recorded from
  // ACM (https://github.com/hashicorp/terraform-provider-aws/pull/14782); newer services append
  // ", Member must not be null". Which of them KMS is, is not known.
  const limits = elementConstraints(list.member).join(', ');
  return failure(
    shown(list.values, violation.sensitive),
    path.slice(0, -1),
    `Member must satisfy constraint: [${limits}]`,
  );
}

function failure(value: string, path: Path, limit: string): string {
  return `Value ${value}at '${wirePath(path)}' failed to satisfy constraint: ${limit}`;
}

function constraint({ rule, limit }: Violation): string {
  switch (rule) {
    case 'required':
      return 'Member must not be null';
    case 'minLength':
    case 'minItems':
      return `Member must have length greater than or equal to ${limit}`;
    case 'maxLength':
    case 'maxItems':
      return `Member must have length less than or equal to ${limit}`;
    case 'minimum':
      return `Member must have value greater than or equal to ${limit}`;
    case 'maximum':
      return `Member must have value less than or equal to ${limit}`;
    case 'pattern':
      return `Member must satisfy regular expression pattern: ${limit}`;
    case 'enum':
      return `Member must satisfy enum value set: [${Array.isArray(limit) ? limit.join(', ') : ''}]`;
  }
}

/** The order inside of the brackets is that of ACM's text. */
function elementConstraints(member: Shape): string[] {
  if (member.type !== 'string') return [];
  const { minLength, maxLength, pattern } = member;
  const out: string[] = [];
  if (maxLength !== undefined) {
    out.push(`Member must have length less than or equal to ${maxLength}`);
  }
  if (minLength !== undefined) {
    out.push(`Member must have length greater than or equal to ${minLength}`);
  }
  if (pattern !== undefined) {
    out.push(`Member must satisfy regular expression pattern: ${pattern}`);
  }
  if (member.enum !== undefined) {
    out.push(`Member must satisfy enum value set: [${member.enum.join(', ')}]`);
  }
  return out;
}

/** `KeyId` is `keyId`, the first of `Tags` is `tags.1.member`. */
function wirePath(path: Path): string {
  return path
    .map((step) =>
      typeof step === 'number'
        ? `${step + 1}.member`
        : step.charAt(0).toLowerCase() + step.slice(1),
    )
    .join('.');
}

/** The value with a space behind it, or nothing when KMS leaves the value out. */
function shown(value: unknown, sensitive: boolean): string {
  if (sensitive || Buffer.isBuffer(value)) return '';
  return value === undefined ? 'null ' : `'${cut(text(value))}' `;
}

function text(value: unknown): string {
  if (Array.isArray(value)) {
    const elements: string[] = [];
    let length = 0;
    for (const element of value) {
      if (length > LONGEST_VALUE) break;
      const shownElement = text(element);
      elements.push(shownElement);
      length += shownElement.length + 2;
    }
    return `[${elements.join(', ')}]`;
  }
  // Java reads an Integer: what does not fit is the nearest that does. Recorded from Kinesis.
  if (typeof value === 'number') return String(Math.max(-(2 ** 31), Math.min(value, 2 ** 31 - 1)));
  return String(value);
}

function cut(value: string): string {
  return value.length <= LONGEST_VALUE ? value : `${value.slice(0, LONGEST_VALUE)}...`;
}
