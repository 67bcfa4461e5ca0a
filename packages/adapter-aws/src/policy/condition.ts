import type { Json } from '@keyglot/core';
import { awsFault } from '../faults.js';

/** The condition block of a statement: operator, then condition key, then values. @internal */
export type Condition = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
const OPERATOR =
  /^(forallvalues:|foranyvalue:)?(string(not)?equals(ignorecase)?|string(not)?like|numeric(not)?equals|(numeric|date)(less|greater)than(equals)?|date(not)?equals|bool|binaryequals|(not)?ipaddress|arn(not)?(equals|like))(ifexists)?$/;
const NULL = /^(forallvalues:|foranyvalue:)?null$/;

// Recorded: https://github.com/awsdocs/aws-kms-developer-guide/pull/47
const FORBIDDEN = /^((aws|kms):resourcetag(\/|$)|kms:resourcealiases$)/;

/**
 * Reads the condition block of a statement.
 *
 * @throws KmsFault PolicyUnreadable, PolicyMalformed, PolicyOverlyPermissive
 * @internal
 */
export function parseCondition(block: Json): Condition {
  return new Map(
    membersOf(block).map(([operator, keys]) => {
      const name = operator.toLowerCase();
      if (!OPERATOR.test(name) && !NULL.test(name)) throw awsFault('PolicyUnreadable', {});
      return [operator, keysOf(name, keys)];
    }),
  );
}

function keysOf(operator: string, block: Json): ReadonlyMap<string, readonly string[]> {
  return new Map(
    membersOf(block).map(([key, values]) => {
      const name = key.toLowerCase();
      if (FORBIDDEN.test(name)) {
        throw awsFault('PolicyMalformed', {
          message:
            'These condition keys are not permitted in a key policy: aws:ResourceTag, kms:ResourceTag, kms:ResourceAliases',
        });
      }
      if (operator.startsWith('forallvalues:') && name.startsWith('kms:encryptioncontext:')) {
        throw awsFault('PolicyOverlyPermissive', {});
      }
      return [key, valuesOf(values)];
    }),
  );
}

function valuesOf(values: Json): readonly string[] {
  const list: readonly Json[] = Array.isArray(values) ? values : [values];
  return list.map((value) => {
    // `1e400` is read as a number that JSON cannot carry back.
    const isEndless = typeof value === 'number' && !Number.isFinite(value);
    if (value === null || typeof value === 'object' || isEndless) {
      throw awsFault('PolicyUnreadable', {});
    }
    return String(value);
  });
}

/** Members of an object. @throws KmsFault PolicyUnreadable @internal */
export function membersOf(value: Json | undefined): [string, Json][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw awsFault('PolicyUnreadable', {});
  }
  return Object.entries(value);
}
