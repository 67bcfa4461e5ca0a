import { type CoreFaults, fault, KmsFault } from '@keyglot/core';
import { sayFault, type WireError } from '@keyglot/dialect';
import { describe, expect, test } from 'vitest';
import { AWS_FAULTS, type AwsFaults, awsFault } from '../../src/faults.js';
import { jsonError } from '../../src/wire.js';

type Details = CoreFaults & AwsFaults;

/** Details of a fault, and the code and text that they give; `status` is 400 where it is not said. */
type Case<Code extends keyof Details> = readonly [
  details: Details[Code],
  code: string,
  message: string | undefined,
  status?: number,
];

const KEY = 'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const CALL = { operation: 'Encrypt', callerArn: 'arn:aws:iam::111122223333:user/Alice' };
/** Must never be seen by a client. */
const INTERNAL = 'connection to 10.0.0.1 as keyglot lost';

/** A row for every fault there is: a new one does not compile until somebody says what it looks like. */
const EXPECTED: { readonly [Code in keyof Details]: readonly Case<Code>[] } = {
  KeyNotFound: [[{ id: KEY }, 'NotFoundException', `Key '${KEY}' does not exist`]],
  KeyIdInvalid: [
    [{ id: 'fake-key-id', arn: false }, 'NotFoundException', "Invalid keyId 'fake-key-id'"],
    [{ id: 'foo', arn: true }, 'NotFoundException', 'Invalid keyId foo'],
  ],
  ArnForeignRegion: [[{ region: 'eu-west-1' }, 'NotFoundException', 'Invalid arn eu-west-1']],
  AliasNotFound: [
    [
      { name: 'arn:aws:kms:us-east-1:111122223333:alias/a' },
      'NotFoundException',
      'Alias arn:aws:kms:us-east-1:111122223333:alias/a is not found.',
    ],
  ],
  AliasNotAllowed: [
    [{}, 'InvalidArnException', 'Key Aliases are not supported for this operation.'],
  ],
  AliasReserved: [
    [
      {},
      'NotAuthorizedException',
      'The alias name for a customer managed CMK cannot begin with alias/aws/.',
    ],
  ],
  AliasQuota: [
    [
      { limit: 50, usage: 60 },
      'LimitExceededException',
      'Aliases per key quota for this account in this region is 50, current usage is 60.',
    ],
  ],
  IdentifierMalformed: [[{ id: 'arn:x' }, 'InvalidArnException', "Invalid arn 'arn:x'"]],
  KeyDisabled: [[{ id: KEY }, 'DisabledException', `${KEY} is disabled.`]],
  KeyStateInvalid: [
    [
      { id: KEY, state: 'pending-deletion' },
      'KMSInvalidStateException',
      `${KEY} is pending deletion.`,
    ],
    [{ id: KEY, state: 'pending-import' }, 'KMSInvalidStateException', `${KEY} is pending import.`],
    [{ id: KEY, state: 'unavailable' }, 'KMSInvalidStateException', `${KEY} is unavailable.`],
    [
      { id: KEY, state: 'enabled', needed: 'pending-deletion' },
      'KMSInvalidStateException',
      `${KEY} is not pending deletion.`,
    ],
  ],
  KeyUsageInvalid: [
    [
      { id: KEY, usage: 'SIGN_VERIFY' },
      'InvalidKeyUsageException',
      `${KEY} key usage is SIGN_VERIFY which is not valid for Encrypt.`,
    ],
  ],
  KeyMismatch: [
    [
      { id: KEY },
      'IncorrectKeyException',
      'The key ID in the request does not identify a CMK that can perform this operation.',
    ],
  ],
  AlgorithmIncompatible: [
    [
      { algorithm: 'HMAC_SHA_256', spec: 'HMAC_224' },
      'InvalidKeyUsageException',
      'Algorithm HMAC_SHA_256 is incompatible with key spec HMAC_224.',
    ],
  ],
  DataKeyAsymmetric: [
    [{}, 'InvalidKeyUsageException', 'You cannot generate a data key with an asymmetric CMK'],
  ],
  DataKeyPairAsymmetric: [
    [{}, 'InvalidKeyUsageException', 'You cannot generate a data key pair with an asymmetric CMK'],
  ],
  ExternalMuLengthInvalid: [
    [
      { algorithm: 'ML_DSA_SHAKE_256' },
      'ValidationException',
      'External Mu is invalid length for algorithm ML_DSA_SHAKE_256.',
    ],
  ],
  PublicKeyInvalid: [[{}, 'ValidationException', undefined]],
  MessageTypeIncompatible: [
    [
      { messageType: 'EXTERNAL_MU', what: 'key spec RSA_2048' },
      'ValidationException',
      'Message type EXTERNAL_MU is incompatible with key spec RSA_2048.',
    ],
  ],
  CiphertextInvalid: [[{}, 'InvalidCiphertextException', undefined]],
  CiphertextKeyUnreachable: [
    [
      {},
      'AccessDeniedException',
      'The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.',
    ],
  ],
  SignatureInvalid: [[{}, 'KMSInvalidSignatureException', undefined]],
  MacInvalid: [[{}, 'KMSInvalidMacException', undefined]],
  PlaintextTooLarge: [
    [
      { algorithm: 'RSAES_OAEP_SHA_256', spec: 'RSA_2048', limitBytes: 190 },
      'ValidationException',
      'Algorithm RSAES_OAEP_SHA_256 and key spec RSA_2048 cannot encrypt data larger than 190 bytes.',
    ],
  ],
  DigestLengthInvalid: [
    [
      { algorithm: 'ECDSA_SHA_256' },
      'ValidationException',
      'Digest is invalid length for algorithm ECDSA_SHA_256.',
    ],
  ],
  AlreadyExists: [
    [
      { kind: 'alias', id: 'arn:aws:kms:us-east-1:111122223333:alias/a' },
      'AlreadyExistsException',
      'An alias with the name arn:aws:kms:us-east-1:111122223333:alias/a already exists',
    ],
  ],
  PageTokenInvalid: [[{}, 'InvalidMarkerException', undefined]],
  LimitExceeded: [
    [
      { what: 'bytes in a key policy', limit: 50 },
      'LimitExceededException',
      'You have reached the limit of 50 bytes in a key policy.',
    ],
  ],
  RotationLimit: [
    [
      { id: KEY },
      'LimitExceededException',
      `The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be performed for this key: ${KEY}`,
    ],
  ],
  OriginInvalid: [
    [
      { id: KEY, origin: 'AWS_KMS' },
      'UnsupportedOperationException',
      `${KEY} origin is AWS_KMS which is not valid for this operation.`,
    ],
  ],
  NotPrimary: [
    [{ id: KEY }, 'UnsupportedOperationException', `${KEY} is not a multi-region primary key.`],
  ],
  PrimaryElsewhere: [
    [{ id: KEY }, 'KMSInvalidStateException', `${KEY} is not a multi-Region primary key.`],
  ],
  ReplicaNotAllowed: [
    [
      { id: KEY },
      'UnsupportedOperationException',
      `${KEY} is a multi-region replica key which is not valid for Encrypt.`,
    ],
  ],
  ReplicaExists: [
    [
      {},
      'AlreadyExistsException',
      'You can create only one replica of each primary key in each AWS Region.',
    ],
  ],
  ImportTokenInvalid: [[{}, 'InvalidImportTokenException', undefined]],
  ImportTokenExpired: [[{}, 'ExpiredImportTokenException', undefined]],
  KeyMaterialUnexpected: [
    [{ expectedId: undefined }, 'IncorrectKeyMaterialException', undefined],
    [
      { expectedId: 'aa' },
      'IncorrectKeyMaterialException',
      'Imported key material does not have the expected identifier (aa).',
    ],
  ],
  KeyMaterialKnown: [
    [
      { id: 'aa', arn: KEY },
      'IncorrectKeyMaterialException',
      `Key material (id: aa) being imported as NEW_KEY_MATERIAL is already associated with KMS key ${KEY}.`,
    ],
  ],
  MaterialPending: [
    [
      { id: KEY, newId: 'aa', otherId: 'bb' },
      'KMSInvalidStateException',
      `New key material (id: aa) cannot be imported into KMS key ${KEY}, because another key material (id: bb) is pending rotation.`,
    ],
  ],
  MaterialNotEverywhere: [
    [
      {},
      'KMSInvalidStateException',
      'Cannot perform key material rotation: Key material has not been imported for replicas of the Multi-Region key.',
    ],
  ],
  NoMaterialPending: [
    [
      { id: KEY },
      'KMSInvalidStateException',
      `No available key material pending rotation for the key: ${KEY}.`,
    ],
  ],
  KeyMaterialNeverImported: [
    [
      { id: 'aa', arn: KEY },
      'ValidationException',
      `Key material (id: aa) has never been imported into KMS key ${KEY}.`,
    ],
  ],
  Conflict: [[{ what: INTERNAL }, 'ConflictException', undefined]],
  Unsupported: [[{ what: INTERNAL }, 'UnsupportedOperationException', undefined]],
  SpecUnsupported: [[{ message: 'text' }, 'UnsupportedOperationException', 'text']],
  CustomKeyStoreNotFound: [
    [{ id: 'cks-1' }, 'CustomKeyStoreNotFoundException', 'Custom key store cks-1 is not found.'],
  ],
  Tag: [[{ message: 'Duplicate tag keys' }, 'TagException', 'Duplicate tag keys']],
  PolicyUnreadable: [[{}, 'MalformedPolicyDocumentException', undefined]],
  PolicyMalformed: [[{ message: 'text' }, 'MalformedPolicyDocumentException', 'text']],
  PolicyArnInvalid: [[{}, 'InvalidArnException', 'An ARN in the specified key policy is invalid.']],
  PolicyOverlyPermissive: [
    [
      {},
      'MalformedPolicyDocumentException',
      'OverlyPermissiveCondition:EncryptionContext: Using the ForAllValues set operator with a single-valued condition key matches requests without the specified encryption context or with an unspecified encryption context. To fix, remove ForAllValues.',
    ],
  ],
  PolicyNotFound: [[{}, 'NotFoundException', 'No such policy exists']],
  SidecarNotFound: [[{ id: 's' }, 'NotFoundException', "Sidecar 's' does not exist"]],
  TaskNotFound: [[{ id: 't' }, 'NotFoundException', "Task 't' does not exist"]],
  GrantQuota: [
    [
      { limit: 50_000, usage: 50_001 },
      'LimitExceededException',
      'Grants per key quota for this account in this region is 50000, current usage is 50001.',
    ],
  ],
  GrantTokenInvalid: [[{}, 'InvalidGrantTokenException', undefined]],
  GrantIdInvalid: [[{}, 'InvalidGrantIdException', undefined]],
  GrantNotFound: [[{ id: 'abc' }, 'NotFoundException', "Grant 'abc' does not exist"]],
  PrincipalInvalid: [
    [
      { message: 'GranteePrincipal does not refer to a valid principal.' },
      'InvalidArnException',
      'GranteePrincipal does not refer to a valid principal.',
    ],
  ],
  PrincipalNotFound: [
    [
      { principal: 'AROAEXAMPLE' },
      'NotFoundException',
      'Retiring principal AROAEXAMPLE could not be found',
    ],
  ],
  DryRunPassed: [
    [
      {},
      'DryRunOperationException',
      'The request would have succeeded, but the DryRun option is set.',
    ],
  ],
  InputInvalid: [[{ reason: 'text' }, 'ValidationException', 'text']],
  Validation: [[{ message: 'text' }, 'ValidationException', 'text']],
  Serialization: [
    [{ message: undefined }, 'SerializationException', undefined],
    [{ message: 'text' }, 'SerializationException', 'text'],
  ],
  AccessDenied: [
    [
      { action: 'kms:Encrypt', resource: KEY, reason: 'nobody allows it' },
      'AccessDeniedException',
      `User: ${CALL.callerArn} is not authorized to perform: kms:Encrypt on resource: ${KEY} because nobody allows it`,
    ],
    [
      { action: 'kms:Encrypt', resource: '', reason: 'nobody allows it' },
      'AccessDeniedException',
      `User: ${CALL.callerArn} is not authorized to perform: kms:Encrypt on this resource because nobody allows it`,
    ],
  ],
  UnknownOperation: [[{}, 'UnknownOperationException', undefined]],
  NotThisProtocol: [[{}, 'UnknownOperationException', undefined, 404]],
  BodyTooLarge: [[{}, 'RequestEntityTooLargeException', undefined, 413]],
  MissingAuthentication: [
    [{}, 'MissingAuthenticationTokenException', 'Missing Authentication Token'],
  ],
  IncompleteSignature: [[{ message: 'text' }, 'IncompleteSignatureException', 'text']],
  UnrecognizedClient: [
    [{}, 'UnrecognizedClientException', 'The security token included in the request is invalid.'],
  ],
  SignatureMismatch: [
    [
      {},
      'InvalidSignatureException',
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    ],
  ],
  SignatureRefused: [[{ message: 'text' }, 'InvalidSignatureException', 'text']],
  SignatureRefusedInferred: [[{ message: 'text' }, 'InvalidSignatureException', 'text']],
  ValidationInferred: [[{ message: 'text' }, 'ValidationException', 'text']],
  SpecUnsupportedInferred: [[{ message: 'text' }, 'UnsupportedOperationException', 'text']],
  TokenExpired: [
    [{}, 'ExpiredTokenException', 'The security token included in the request is expired'],
  ],
  NotAuthorized: [
    [{}, 'NotAuthorizedException', 'The security token included in the request is invalid.'],
  ],
  Unavailable: [
    [
      { what: INTERNAL },
      'DependencyTimeoutException',
      'The system timed out while trying to fulfill the request.',
      500,
    ],
  ],
  Internal: [[{ what: INTERNAL }, 'KMSInternalException', undefined, 500]],
};

const ROWS = Object.entries(EXPECTED).flatMap(([name, cases]) =>
  // The table above checks the details of each code; here they only travel.
  (cases as readonly Case<keyof Details>[]).map(
    ([details, code, message, status = 400]) => [name, details, { status, code, message }] as const,
  ),
);

function said(name: string, details: unknown): WireError {
  return sayFault(AWS_FAULTS, new KmsFault(name, details), CALL).error;
}

describe('the table of faults', () => {
  test('has a cell for every fault and none for anything else', () => {
    expect(Object.keys(AWS_FAULTS).sort()).toEqual(Object.keys(EXPECTED).sort());
  });

  test.each(ROWS)('says %s with %j', (name, details, expected) => {
    expect(said(name, details)).toEqual(expected);
  });

  test.each(ROWS)('shows nothing internal of %s on the wire', (name, details, expected) => {
    const { status, body, headers } = jsonError(said(name, details), 'request-id', undefined);
    expect(status).toBe(expected.status);
    expect(body).not.toContain(INTERNAL);
    expect(headers).not.toContain('x-amzn-query-error');
    if (status === 404) {
      expect(body).toBe('<UnknownOperationException/>\n');
      return;
    }
    const text = ['AccessDeniedException', 'SerializationException'].includes(expected.code)
      ? 'Message'
      : 'message';
    expect(JSON.parse(body)).toEqual({
      __type: expected.code,
      ...(expected.message === undefined ? {} : { [text]: expected.message }),
    });
    expect(expected.code).toMatch(/^[A-Za-z]+Exception$/);
  });

  test('says server faults with 500 and nothing else', () => {
    const server = ROWS.filter(([, , { status }]) => status >= 500).map(([name]) => name);
    expect(server).toEqual(['Unavailable', 'Internal']);
  });

  test.each(Object.entries(AWS_FAULTS))('knows the source of %s', (_name, { evidence }) => {
    expect(['recorded', 'documented', 'inferred']).toContain(evidence.mark);
    expect(evidence.date).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(evidence.source).toMatch(/^https:\/\/[\x21-\x7e]+$/);
  });

  test('says a fault that nobody declared as an internal one', () => {
    expect(said('NoSuchFault', { what: INTERNAL })).toEqual({
      status: 500,
      code: 'KMSInternalException',
      message: undefined,
    });
    expect(said('toString', {})).toMatchObject({ status: 500, code: 'KMSInternalException' });
    expect(said('__proto__', {})).toMatchObject({ status: 500, code: 'KMSInternalException' });
  });
});

test('faults carry their code and details', () => {
  expect(fault('KeyNotFound', { id: KEY })).toMatchObject({
    code: 'KeyNotFound',
    details: { id: KEY },
  });
  expect(awsFault('Tag', { message: 'text' })).toMatchObject({
    code: 'Tag',
    details: { message: 'text' },
  });
});
