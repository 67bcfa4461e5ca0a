import { type ConstraintCase, constraintCases } from '@keyglot/adapter-aws/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AwsGateway, startAwsGateway } from '../support/awsGateway.js';
import { PRESENT_OPERATIONS } from '../support/awsOperations.js';

let aws: AwsGateway;

beforeAll(async () => {
  aws = await startAwsGateway();
});

afterAll(() => aws.close());

const cases = constraintCases();

function label({ member, rule, input }: ConstraintCase): string {
  return `${member} ${rule} ${JSON.stringify(input).slice(0, 120)}`;
}

const DETECTED = / validation errors? detected: /;

/** Members that the model has optional and the service wants. */
function isMissingBlob({ operation, input }: ConstraintCase): boolean {
  return ['Decrypt', 'ReEncrypt'].includes(operation) && input['CiphertextBlob'] === undefined;
}

describe('limits of the published model, over the socket', () => {
  test.each(PRESENT_OPERATIONS)(
    '%s takes what is just inside and names what is just outside',
    async (name) => {
      const mine = cases.filter(({ operation }) => operation === name);
      const told: unknown[] = [];
      const wanted: unknown[] = [];
      for (const one of mine) {
        const { status, body } = await aws.call(name, one.input);
        const text = String(body['message'] ?? body['Message'] ?? '');
        if (one.ok) {
          const detected = body['__type'] === 'ValidationException' && DETECTED.test(text);
          const excused = isMissingBlob(one) && text.includes("'ciphertextBlob'");
          told.push([label(one), detected && !excused ? text : 'taken', status < 500]);
          wanted.push([label(one), 'taken', true]);
        } else {
          told.push([label(one), status, body['__type'], text]);
          wanted.push([label(one), 400, 'ValidationException', one.message]);
        }
      }
      expect(told).toEqual(wanted);
    },
  );

  test('are many', () => {
    const mine = cases.filter(({ operation }) => PRESENT_OPERATIONS.includes(operation));
    expect(mine.length).toBeGreaterThan(500);
  });
});
