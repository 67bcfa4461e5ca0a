import { _, Ajv2020, type KeywordCxt } from 'ajv/dist/2020.js';
import { decodeBase64Strict } from '../base64.js';
import { readTimestamp } from './timestamp.js';

/** The object or list that a value sits in, as ajv hands it to a modifying keyword. */
interface Place {
  readonly parentData: Record<string | number, unknown>;
  readonly parentDataProperty: string | number;
}

/**
 * An ajv with the keywords that JSON Schema lacks: `units` counts UTF-16 code units, `blob` decodes
 * base64 in place and counts bytes, `timestamp` puts a Date in place. What is already decoded passes
 * again, so that a value may be validated twice.
 *
 * It stops at the first error. ajv advises against `allErrors` for data from outside, and rightly so: a
 * list of 350,000 bad elements fits into one request. It only gives the verdict; `explain.ts` says what
 * is wrong, with a bound.
 *
 * @internal
 */
export function createAjv(): Ajv2020 {
  // The schemas are our own, and a test judges them: here that would cost the first request 30 ms.
  const ajv = new Ajv2020({ strict: true, messages: false, meta: false, validateSchema: false });
  ajv.addKeyword({
    keyword: 'units',
    type: 'string',
    schemaType: 'array',
    before: 'pattern',
    code(context: KeywordCxt): void {
      const { data, schema } = context;
      const [min, max] = schema;
      context.fail(_`${data}.length < ${min} || ${data}.length > ${max}`);
    },
  });
  ajv.addKeyword({
    keyword: 'blob',
    schemaType: 'array',
    modifying: true,
    errors: false,
    compile([min, max]: [number, number]) {
      return (value: unknown, place?: Place): boolean => {
        const bytes = typeof value === 'string' ? decodeBase64Strict(value) : value;
        if (!Buffer.isBuffer(bytes) || place === undefined) return false;
        place.parentData[place.parentDataProperty] = bytes;
        return bytes.length >= min && bytes.length <= max;
      };
    },
  });
  ajv.addKeyword({
    keyword: 'timestamp',
    schemaType: 'boolean',
    modifying: true,
    errors: false,
    validate: (_schema: unknown, value: unknown, _parent?: unknown, place?: Place): boolean => {
      const date = value instanceof Date ? value : readTimestamp(value);
      if (date === undefined || place === undefined) return false;
      place.parentData[place.parentDataProperty] = date;
      return true;
    },
  });
  return ajv;
}
