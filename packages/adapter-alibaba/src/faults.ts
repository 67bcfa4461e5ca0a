import { KmsFault, type Secret } from '@keyglot/core';
import type { Evidence, FaultCell, FaultTable, WireError } from '@keyglot/dialect';
import { wireState } from './wireState.js';

/** Faults that only this dialect has. @internal */
export interface AlibabaFaults {
  /** A parameter that the operation needs is missing or empty. */
  ParameterMissing: { readonly name: string };
  ParameterInvalid: { readonly name: string };
  /** Query, form or escapes that cannot be read. */
  ParametersUnreadable: Record<never, never>;
  BodyTooLarge: Record<never, never>;
  KeyVersionNotFound: { readonly id: string };
  /** Enable, disable, schedule, cancel, or an alias, in a state that does not allow it. */
  StateNotModifiable: { readonly id: string };
  /** The key is of a kind that this asymmetric operation does not take. */
  OperationRejected: { readonly id: string };
  AliasNotAllowed: Record<never, never>;
  KeyPolicyUnsupported: Record<never, never>;
  InstanceNotFound: { readonly id: string };
  MethodUnsupported: Record<never, never>;
  ActionUnknown: Record<never, never>;
  VersionUnknown: Record<never, never>;
  AccessKeyMissing: Record<never, never>;
  AccessKeyUnknown: Record<never, never>;
  SecurityTokenMissing: Record<never, never>;
  SecurityTokenMismatch: Record<never, never>;
  /** Time missing, or too far from now. */
  TimestampRefused: Record<never, never>;
  TimestampMalformed: Record<never, never>;
  NonceUsed: Record<never, never>;
  SignatureIncomplete: Record<never, never>;
  /** `signed` is the text that had to be signed, in UTF-8; it holds what the request holds. */
  SignatureMismatch: { readonly signed: Secret };
  /** A dry run that would have worked. */
  DryRunPassed: Record<never, never>;
  /** A dry run that would have been refused, with what the service would have said. */
  DryRunRefused: { readonly refused: WireError };
}

/** Makes a fault of this dialect, with its details checked. @internal */
export function alibabaFault<Code extends keyof AlibabaFaults>(
  code: Code,
  details: AlibabaFaults[Code],
): KmsFault<Code, AlibabaFaults[Code]> {
  return new KmsFault(code, details);
}

/** What a cell may need to know of the request. @internal */
export interface FaultCall {
  readonly operation: string;
}

const DATE = '2026-11-24';
const recorded = (source: string): Evidence => ({ mark: 'recorded', date: DATE, source });
const documented = (source: string): Evidence => ({ mark: 'documented', date: DATE, source });
const inferred = (source: string): Evidence => ({ mark: 'inferred', date: DATE, source });

const RESPONSES = 'https://www.alibabacloud.com/help/doc-detail/69008.htm';
const STATES = 'https://www.alibabacloud.com/help/doc-detail/44211.htm';
const STS = 'https://www.alibabacloud.com/help/doc-detail/42775.htm';
const META =
  'https://github.com/dew-serverless/acs-sdk-php/blob/31e9010f/data/kms/2016-01-20/api-docs.php';
const RPC = 'https://github.com/aliyun/alibaba-cloud-sdk-go';

type Say<Details> = FaultCell<Details, FaultCall>['say'];

function cell<Details>(evidence: Evidence, say: Say<Details>): FaultCell<Details, FaultCall> {
  return { evidence, say };
}

function fixed(
  status: number,
  code: string,
  message: string,
  evidence: Evidence,
): FaultCell<unknown, FaultCall> {
  return cell(evidence, () => ({ status, code, message }));
}

function invalid(name: string): WireError {
  const message = `The specified parameter ${name} is not valid.`;
  return { status: 400, code: 'InvalidParameter', message };
}

function rejected(state: string): WireError {
  const message = `The request was rejected because the key state is ${state}.`;
  return { status: 409, code: `Rejected.${state}`, message };
}

const NOT_CONFORMING = 'The request signature does not conform to Alibaba Cloud standards.';

/**
 * How Alibaba Cloud KMS says each fault. "Not found" is 404 under names that begin with `Forbidden`,
 * and a wrong key state is 409.
 *
 * @internal
 */
export const ALIBABA_FAULTS: FaultTable<AlibabaFaults, FaultCall> = {
  KeyNotFound: fixed(
    404,
    'Forbidden.KeyNotFound',
    'The specified Key is not found.',
    documented(RESPONSES),
  ),
  AliasNotFound: fixed(
    404,
    'Forbidden.AliasNotFound',
    'The specified Alias is not found.',
    documented(RESPONSES),
  ),
  KeyVersionNotFound: fixed(
    404,
    'Forbidden.KeyVersionNotFound',
    'The specified Key version is not found.',
    documented(RESPONSES),
  ),
  KeyDisabled: cell(documented(STATES), () => rejected('Disabled')),
  KeyStateInvalid: cell(documented(STATES), ({ state }) => rejected(wireState(state))),
  StateNotModifiable: fixed(
    409,
    'Rejected.StateModifiedFailed',
    'Keystate modified failed.',
    documented(STATES),
  ),
  KeyUsageInvalid: fixed(
    400,
    'Rejected.UnsupportedOperation',
    'Unsupported operation.',
    inferred(META),
  ),
  OperationRejected: fixed(
    400,
    'Rejected.UnsupportedOperation',
    'Unsupported operation.',
    inferred(META),
  ),
  AlgorithmIncompatible: fixed(
    400,
    'Rejected.UnsupportedOperation',
    'Unsupported operation.',
    inferred(META),
  ),
  Unsupported: fixed(
    400,
    'UnsupportedOperation',
    'This action is not supported.',
    recorded('https://github.com/aliyun/terraform-provider-alicloud/issues/5164'),
  ),
  AliasNotAllowed: fixed(
    400,
    'Unsupported.Alias',
    'Alias is not valid for this api.',
    documented(RESPONSES),
  ),
  KeyPolicyUnsupported: fixed(
    400,
    'Forbidden.KeyPolicyUnSupported',
    'The specified key does not support key policy.',
    documented(META),
  ),
  InstanceNotFound: fixed(
    403,
    'Forbidden.DKMSInstanceNotFound',
    'The specified DKMS Instance is not found.',
    documented(META),
  ),
  ParameterMissing: cell(
    recorded('https://github.com/alibaba/acm-sdk-python/issues/7'),
    ({ name }) => ({
      status: 400,
      code: 'MissingParameter',
      message: `The parameter  ${name}  needed but no provided.`,
    }),
  ),
  ParameterInvalid: cell(documented(META), ({ name }) => invalid(name)),
  ParametersUnreadable: fixed(
    400,
    'ParseRequestParameterException',
    'Server parse parameters exception. Please check your input params.',
    documented(RESPONSES),
  ),
  BodyTooLarge: fixed(
    413,
    'ParseRequestParameterException',
    'Server parse parameters exception. Please check your input params.',
    inferred(RESPONSES),
  ),
  CiphertextInvalid: cell(
    inferred('https://github.com/aliyun/alibabacloud-dkms-transfer-java-sdk'),
    () => invalid('CiphertextBlob'),
  ),
  KeyMismatch: cell(inferred(META), () => invalid('CiphertextBlob')),
  SignatureInvalid: cell(inferred(META), () => invalid('Value')),
  MacInvalid: cell(inferred(META), () => invalid('Mac')),
  PlaintextTooLarge: cell(inferred(META), () => invalid('Plaintext')),
  DigestLengthInvalid: cell(inferred(META), () => invalid('Digest')),
  IdentifierMalformed: cell(inferred(META), () => invalid('KeyId')),
  PageTokenInvalid: cell(inferred(META), () => invalid('NextToken')),
  InputInvalid: cell(inferred(META), ({ reason }) => ({
    status: 400,
    code: 'InvalidParameter',
    message: reason,
  })),
  AlreadyExists: cell(documented(RESPONSES), ({ kind }) =>
    kind === 'alias'
      ? { status: 400, code: 'AliasAlreadyExists', message: 'AliasName Already Exists.' }
      : { status: 409, code: 'Rejected.ResourceExist', message: 'The resource already exists.' },
  ),
  LimitExceeded: fixed(
    400,
    'Rejected.LimitExceeded',
    'The request was rejected because user create resource limit was exceeded.',
    documented(RESPONSES),
  ),
  Conflict: fixed(
    503,
    'ServiceUnavailableTemporary',
    'Service Unavailable Temporary.',
    inferred(RESPONSES),
  ),
  AccessDenied: cell(
    recorded('https://github.com/aliyun/aliyun-openapi-java-sdk/issues/426'),
    ({ resource }) => ({
      status: 403,
      code: 'Forbidden.NoPermission',
      message: `This operation for ${resource} is forbidden by permission system.`,
    }),
  ),
  MethodUnsupported: fixed(
    403,
    'UnsupportedHTTPMethod',
    'This http method is not supported.',
    documented(RESPONSES),
  ),
  ActionUnknown: fixed(
    404,
    'InvalidAction.NotFound',
    'Specified api is not found, please check your url and method.',
    inferred(RPC),
  ),
  VersionUnknown: fixed(
    400,
    'InvalidVersion',
    'Specified parameter Version is not valid.',
    inferred(RPC),
  ),
  AccessKeyMissing: fixed(
    400,
    'MissingAccessKeyId',
    'AccessKeyId is mandatory for this action.',
    inferred(RPC),
  ),
  AccessKeyUnknown: fixed(
    404,
    'InvalidAccessKeyId.NotFound',
    'The AccessKey ID provided does not exist in our records.',
    documented(RESPONSES),
  ),
  SecurityTokenMissing: fixed(
    400,
    'MissingSecurityToken',
    'SecurityToken is mandatory for this action.',
    documented(STS),
  ),
  SecurityTokenMismatch: fixed(
    400,
    'InvalidSecurityToken.MismatchWithAccessKey',
    'Specified SecurityToken mismatch with the AccessKey.',
    documented('https://github.com/AlibabaCloudDocs/fc'),
  ),
  TimestampRefused: fixed(
    400,
    'IllegalTimestamp',
    'The input parameter "Timestamp" that is mandatory for processing this request is not supplied.',
    documented(RESPONSES),
  ),
  TimestampMalformed: fixed(
    400,
    'InvalidTimeStamp.Format',
    'Specified time stamp or date value is not well formatted.',
    inferred(RPC),
  ),
  NonceUsed: fixed(
    400,
    'SignatureNonceUsed',
    'Specified signature nonce was used already.',
    inferred(RPC),
  ),
  SignatureIncomplete: fixed(400, 'IncompleteSignature', NOT_CONFORMING, documented(RESPONSES)),
  // Clients compare what stands behind the colon with their own, and one needs the colon.
  SignatureMismatch: cell(inferred(RPC), ({ signed }) => ({
    status: 400,
    code: 'IncompleteSignature',
    message: `${NOT_CONFORMING} server string to sign is:${signed.expose().toString('utf8')}`,
  })),
  DryRunPassed: fixed(
    400,
    'DryRunOperationError',
    'The request would have succeeded, but the DryRun parameter is set.',
    inferred('https://github.com/alibabacloud-go/kms-20160120'),
  ),
  DryRunRefused: cell(inferred('https://github.com/alibabacloud-go/kms-20160120'), ({ refused }) =>
    refused.status === 403
      ? { ...refused, code: 'AccessDeniedError' }
      : { ...refused, status: 400, code: 'ValidationError' },
  ),
  Unavailable: fixed(
    503,
    'ServiceUnavailableTemporary',
    'Service Unavailable Temporary.',
    documented(RESPONSES),
  ),
  Internal: fixed(500, 'InternalFailure', 'Internal Failure.', documented(RESPONSES)),
};
