import { yandexFault } from './faults.js';
import type { Duration, Field, Message, Values } from './schema.js';

/** https://protobuf.dev/reference/protobuf/google.protobuf/#duration */
const MOST_SECONDS = 315_576_000_000;
const MOST_NANOS = 999_999_999;

// Limits of labels in https://github.com/yandex-cloud/cloudapi, kms/v1/symmetric_key_service.proto
const MOST_LABELS = 64;
const LONGEST_LABEL = 63;
const LABEL_NAME = /^[a-z][-_0-9a-z]*$/;
const LABEL_VALUE = /^[-_0-9a-z]*$/;

/**
 * Holds a request against the limits of its message. All problems are reported, in the order of the
 * fields.
 *
 * @throws KmsFault Validation
 * @internal
 */
export function requireValid(message: Message, values: Values): void {
  let problems: string[] | undefined;
  const add = (name: string, problem: string): void => {
    problems ??= [];
    problems.push(`${name}: ${problem}`);
  };
  const groups = new Set<string>();
  for (const field of message.fields) {
    if (field.oneof !== undefined && !groups.has(field.oneof)) {
      groups.add(field.oneof);
      const set = message.fields.some(
        (one) => one.oneof === field.oneof && values[one.jsonName] !== undefined,
      );
      // Recorded: https://github.com/GoogleCloudPlatform/terraformer/issues/565
      if (!set) add(field.oneof, 'One of the options must be selected');
    }
    const value = values[field.jsonName];
    const problem = value === undefined ? missing(field) : problemOf(field, value);
    if (problem !== undefined) add(field.name, problem);
  }
  if (problems !== undefined) throw yandexFault('Validation', { problems });
}

/** Refuses one field for a reason that its message's limits do not tell. @internal */
export function invalidField(name: string, problem: string): Error {
  return yandexFault('Validation', { problems: [`${name}: ${problem}`] });
}

/** Recorded: public deployment notes with the output of `yc`. */
function missing({ required }: Field): string | undefined {
  return required ? 'Field is required' : undefined;
}

function problemOf({ type, max }: Field, value: unknown): string | undefined {
  if (typeof value === 'string') {
    if (typeof type === 'object' && type.kind === 'enum') {
      return type.values.includes(value) ? undefined : 'Unknown value';
    }
    return max !== undefined && codePoints(value) > max
      ? `Field length must be <=${max}`
      : undefined;
  }
  if (Buffer.isBuffer(value)) {
    return max !== undefined && value.length > max ? `Field length must be <=${max}` : undefined;
  }
  if (typeof value === 'number') {
    if (value < 0) return 'Value must be >=0';
    return max !== undefined && value > max ? `Value must be <=${max}` : undefined;
  }
  if (value instanceof Map) return labelProblem(value);
  return type === 'duration' ? durationProblem(value as Duration) : undefined; // read as one
}

function durationProblem({ seconds, nanos }: Duration): string | undefined {
  const tooLarge = Math.abs(seconds) > MOST_SECONDS || Math.abs(nanos) > MOST_NANOS;
  return tooLarge || seconds * nanos < 0 ? 'Invalid duration' : undefined;
}

function labelProblem(labels: ReadonlyMap<unknown, unknown>): string | undefined {
  if (labels.size > MOST_LABELS) return `Number of elements must be <=${MOST_LABELS}`;
  for (const [name, value] of labels) {
    const key = String(name);
    const text = String(value);
    if (key.length > LONGEST_LABEL) return `Map key length must be <=${LONGEST_LABEL}`;
    if (!LABEL_NAME.test(key)) return 'Map key does not match the pattern /[a-z][-_0-9a-z]*/';
    if (text.length > LONGEST_LABEL) return `Map value length must be <=${LONGEST_LABEL}`;
    if (!LABEL_VALUE.test(text)) return 'Map value does not match the pattern /[-_0-9a-z]*/';
  }
  return undefined;
}

function codePoints(text: string): number {
  // Most texts are short; a code point has at most two units.
  let count = text.length;
  for (let at = 0; at < text.length - 1; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit >= 0xd800 && unit < 0xdc00) count -= 1;
  }
  return count;
}
