import { fault } from '@keyglot/core';
import type { Ajv2020 } from 'ajv/dist/2020.js';
import { ignoredMembersOf } from './ignored.js';
import { jsonSchemaOf } from './jsonSchema.js';
import { createAjv } from './keywords.js';
import { dropNulls } from './nulls.js';
import { isObject, type ShapeTable, shapeOf } from './shape.js';
import { findTypeMismatch } from './typeMismatch.js';
import type { Validation } from './validation.js';
import { findViolations } from './violations.js';

/**
 * Judges a value that came out of `JSON.parse`, and decodes its blobs and timestamps in place. Nothing
 * is coerced or trimmed; a null is the same as absence.
 *
 * @public
 */
export type Validator = (value: unknown) => Validation;

/**
 * Makes the validators of a service. Each is compiled on its first use, and ajv is made with the first.
 *
 * @param table Frozen shapes; patterns in them must have passed {@link hasAmbiguousLoop} with `false`.
 * @returns The validator of the structure of that name. Ask once and keep it: that is the fast way.
 *
 * @example
 * const validatorOf = createValidators(model.shapes);
 * const validate = validatorOf('EncryptRequest');
 * const result = validate(JSON.parse(body));
 *
 * @public
 */
export function createValidators(table: ShapeTable): (name: string) => Validator {
  const validators = new Map<string, Validator>();
  let ajv: Ajv2020 | undefined;
  return (name) => {
    let validator = validators.get(name);
    if (validator === undefined) {
      validator = lazyValidator(table, name, () => {
        ajv ??= createAjv();
        return ajv;
      });
      validators.set(name, validator);
    }
    return validator;
  };
}

function lazyValidator(table: ShapeTable, name: string, ajv: () => Ajv2020): Validator {
  let compiled: Validator | undefined;
  return (value) => {
    compiled ??= compile(table, name, ajv());
    return compiled(value);
  };
}

function compile(table: ShapeTable, name: string, ajv: Ajv2020): Validator {
  const shape = shapeOf(table, name);
  const accepts = ajv.compile(jsonSchemaOf(table, name));
  const ignoredMembers = ignoredMembersOf(table, name);
  return (value) => {
    // Nulls are rare, so they are only looked for when ajv has refused something.
    if (accepts(value) || (dropNulls(table, shape, value) && accepts(value))) {
      if (isObject(value)) return { ok: true, value, ignored: ignoredMembers(value) };
    }
    const mismatch = findTypeMismatch(table, shape, value);
    if (mismatch !== undefined) return { ok: false, kind: 'type', ...mismatch };
    const violations = findViolations(table, shape, value);
    if (violations.length > 0) return { ok: false, kind: 'constraints', violations };
    throw fault('Internal', { what: `ajv refuses a value of ${name} that breaks no rule` });
  };
}
