import { createValidators } from '@keyglot/dialect';
import { describe, expect, it } from 'vitest';
import { model, type OperationName } from '../../src/generated/model.js';
import { serializationMessage, validationMessage } from '../../src/validation.js';

const validatorOf = createValidators(model.shapes);

function answer(operation: OperationName, body: unknown): string | undefined {
  const result = validatorOf(model.operations[operation].input)(JSON.parse(JSON.stringify(body)));
  if (result.ok) return 'ok';
  return result.kind === 'constraints'
    ? validationMessage(result.violations)
    : `${serializationMessage(result)}`;
}

const base64 = (bytes: number): string => Buffer.alloc(bytes).toString('base64');
const one = (item: string): string => `1 validation error detected: ${item}`;
const KEY = '00000000-0000-0000-0000-000000000000';

describe('validationMessage', () => {
  // Recorded: https://github.com/floci-io/floci/pull/3968 (us-east-1, 2026-09).
  it.each<[OperationName, object, string]>([
    [
      'DescribeKey',
      {},
      "Value null at 'keyId' failed to satisfy constraint: Member must not be null",
    ],
    [
      'CreateAlias',
      { AliasName: 'alias/x' },
      "Value null at 'targetKeyId' failed to satisfy constraint: Member must not be null",
    ],
    [
      'DescribeKey',
      { KeyId: 'キー' },
      "Value 'キー' at 'keyId' failed to satisfy constraint: Member must satisfy regular expression pattern: ^\\p{ASCII}+$",
    ],
    [
      'Encrypt',
      { KeyId: KEY, Plaintext: base64(4097) },
      "Value at 'plaintext' failed to satisfy constraint: Member must have length less than or equal to 4096",
    ],
    [
      'Encrypt',
      { KeyId: KEY },
      "Value at 'plaintext' failed to satisfy constraint: Member must not be null",
    ],
    [
      'Decrypt',
      { CiphertextBlob: '' },
      "Value at 'ciphertextBlob' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ],
    [
      'VerifyMac',
      { KeyId: KEY, Message: 'bWVzc2FnZQ==', MacAlgorithm: 'HMAC_SHA_256' },
      "Value null at 'mac' failed to satisfy constraint: Member must not be null",
    ],
    [
      'Sign',
      { KeyId: KEY, Message: 'AAAA', SigningAlgorithm: 'ECDSA_SHA_256', MessageType: 'FOO' },
      "Value 'FOO' at 'messageType' failed to satisfy constraint: Member must satisfy enum value set: [RAW, DIGEST, EXTERNAL_MU]",
    ],
    [
      'GenerateRandom',
      { NumberOfBytes: 0 },
      "Value '0' at 'numberOfBytes' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ],
  ])('answers %s %j as recorded from KMS', (operation, body, item) => {
    expect(answer(operation, body)).toBe(one(item));
  });

  it('joins several errors and puts the length before the pattern', () => {
    expect(answer('GetPublicKey', { KeyId: '' })).toBe(
      "2 validation errors detected: Value '' at 'keyId' failed to satisfy constraint: Member must have length greater than or equal to 1; Value '' at 'keyId' failed to satisfy constraint: Member must satisfy regular expression pattern: ^\\p{ASCII}+$",
    );
  });

  it('counts list elements from one', () => {
    const Tags = [
      { TagKey: 'a', TagValue: '' },
      { TagKey: 'b', TagValue: 'v'.repeat(257) },
    ];
    expect(answer('TagResource', { KeyId: KEY, Tags })).toBe(
      one(
        `Value '${'v'.repeat(257)}' at 'tags.2.member.tagValue' failed to satisfy constraint: Member must have length less than or equal to 256`,
      ),
    );
  });

  it('reports a list of scalars once, with all limits of an element', () => {
    expect(answer('UntagResource', { KeyId: KEY, TagKeys: ['fine', '', ''] })).toBe(
      one(
        "Value '[fine, , ]' at 'tagKeys' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1]",
      ),
    );
  });

  it('lists at most ten errors', () => {
    const Tags = Array.from({ length: 50 }, () => ({ TagKey: '', TagValue: '' }));
    const text = answer('TagResource', { KeyId: KEY, Tags });
    expect(text).toMatch(/^10 validation errors detected: /);
    expect(text?.split('; ')).toHaveLength(10);
  });

  it('shows an integer beyond 32 bits as the nearest that fits', () => {
    expect(answer('ListKeys', { Limit: 99_999_999_999 })).toBe(
      one(
        "Value '2147483647' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 1000",
      ),
    );
  });

  it('never shows a sensitive value', () => {
    const text = answer('CreateCustomKeyStore', {
      CustomKeyStoreName: 'a',
      KeyStorePassword: 'hunter',
      XksProxyAuthenticationCredential: { AccessKeyId: 'short', RawSecretAccessKey: 'secret?' },
    });
    expect(text).not.toMatch(/hunter|short|secret\?/);
    expect(text).toContain(
      "Value at 'keyStorePassword' failed to satisfy constraint: Member must have length greater than or equal to 7",
    );
  });

  it('cuts a value of more than 16384 characters', () => {
    const text = answer('DescribeKey', { KeyId: 'k'.repeat(1_000_000) });
    expect(text).toBe(
      one(
        `Value '${'k'.repeat(16_384)}...' at 'keyId' failed to satisfy constraint: Member must have length less than or equal to 2048`,
      ),
    );
  });
});

describe('serializationMessage', () => {
  it.each<[OperationName, unknown, string]>([
    ['DescribeKey', { KeyId: 1 }, 'NUMBER_VALUE can not be converted to a String'],
    ['DescribeKey', { KeyId: true }, 'TRUE_VALUE can not be converted to a String'],
    ['DescribeKey', { KeyId: false }, 'FALSE_VALUE can not be converted to a String'],
    ['DescribeKey', { KeyId: ['a'] }, 'Start of list found where not expected'],
    ['DescribeKey', { KeyId: {} }, 'Start of structure or map found where not expected.'],
    ['DescribeKey', [], 'Start of list found where not expected'],
    ['DescribeKey', null, 'undefined'],
    ['DescribeKey', 'text', 'undefined'],
    ['ListKeys', { Limit: '3' }, 'STRING_VALUE can not be converted to an Integer'],
    ['ListKeys', { Limit: true }, 'TRUE_VALUE can not be converted to an Integer'],
    ['ListKeys', { Limit: 3.5 }, 'NUMBER_VALUE can not be converted to an Integer'],
    ['CreateKey', { MultiRegion: 'true' }, 'STRING_VALUE can not be converted to an Boolean'],
    ['CreateKey', { MultiRegion: 1 }, 'NUMBER_VALUE can not be converted to a Boolean'],
    ['CreateKey', { Tags: 'x' }, 'Expected list or null'],
    ['CreateKey', { Tags: {} }, 'Start of structure or map found where not expected.'],
    ['CreateKey', { Tags: ['x'] }, 'Expected null'],
    ['Decrypt', { EncryptionContext: 'x' }, 'Expected map or null'],
    ['Decrypt', { EncryptionContext: [] }, 'Start of list found where not expected'],
    ['Decrypt', { EncryptionContext: { a: 1 } }, 'NUMBER_VALUE can not be converted to a String'],
    ['Decrypt', { Recipient: 'x' }, 'Expected null'],
    ['Decrypt', { CiphertextBlob: 1 }, 'NUMBER_VALUE can not be converted to a Blob'],
    [
      'Decrypt',
      { CiphertextBlob: 'AAAAA' },
      'Base64 encoded length is expected a multiple of 4 bytes but found: 5',
    ],
    ['Decrypt', { CiphertextBlob: 'AA-_' }, "Invalid Base64 character: '-'"],
    ['Decrypt', { CiphertextBlob: 'AB==' }, 'Invalid last non-pad Base64 character dectected'],
    [
      'ImportKeyMaterial',
      { ValidTo: 'soon' },
      'STRING_VALUE can not be converted to milliseconds since epoch',
    ],
  ])('answers %s %j', (operation, body, text) => {
    expect(answer(operation, body)).toBe(text);
  });

  it('wins over broken limits', () => {
    expect(answer('ListKeys', { Marker: '', Limit: '3' })).toBe(
      'STRING_VALUE can not be converted to an Integer',
    );
  });

  it('never holds the text of a broken blob', () => {
    expect(answer('Encrypt', { KeyId: KEY, Plaintext: 'top secret text' })).not.toContain('secret');
  });
});
