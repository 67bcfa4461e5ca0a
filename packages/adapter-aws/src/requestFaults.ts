import type { FaultTable } from '@keyglot/dialect';
import {
  COMMON,
  cell,
  documented,
  type FaultCall,
  fixed,
  inferred,
  QKMS_SDK,
  recorded,
} from './faultCells.js';
import type { AwsFaults } from './faultDetails.js';

type RequestFault =
  | 'UnknownOperation'
  | 'NotThisProtocol'
  | 'BodyTooLarge'
  | 'MissingAuthentication'
  | 'IncompleteSignature'
  | 'UnrecognizedClient'
  | 'SignatureMismatch'
  | 'SignatureRefused'
  | 'SignatureRefusedInferred'
  | 'TokenExpired'
  | 'NotAuthorized';

/** What is wrong with a request before anybody looks at its input. @internal */
export const REQUEST_FAULTS: Pick<FaultTable<AwsFaults, FaultCall>, RequestFault> = {
  UnknownOperation: fixed(
    'UnknownOperationException',
    undefined,
    inferred('https://github.com/architect/dynalite/blob/main/test/connection.js'),
  ),
  NotThisProtocol: cell(
    inferred('https://github.com/architect/dynalite/blob/main/test/connection.js'),
    () => ({ status: 404, code: 'UnknownOperationException', message: undefined }),
  ),
  BodyTooLarge: cell(inferred(COMMON), () => ({
    status: 413,
    code: 'RequestEntityTooLargeException',
    message: undefined,
  })),
  MissingAuthentication: fixed(
    'MissingAuthenticationTokenException',
    'Missing Authentication Token',
    inferred(COMMON),
  ),
  IncompleteSignature: cell(inferred(COMMON), ({ message }) => ({
    status: 400,
    code: 'IncompleteSignatureException',
    message,
  })),
  UnrecognizedClient: fixed(
    'UnrecognizedClientException',
    'The security token included in the request is invalid.',
    recorded('https://github.com/ministackorg/ministack/issues/1745'),
  ),
  SignatureMismatch: fixed(
    'InvalidSignatureException',
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    recorded('https://github.com/ministackorg/ministack/issues/1745'),
  ),
  SignatureRefused: cell(
    recorded('https://github.com/aws/aws-sdk-js-v3/issues/6400'),
    ({ message }) => ({ status: 400, code: 'InvalidSignatureException', message }),
  ),
  SignatureRefusedInferred: cell(inferred(COMMON), ({ message }) => ({
    status: 400,
    code: 'InvalidSignatureException',
    message,
  })),
  TokenExpired: fixed(
    'ExpiredTokenException',
    'The security token included in the request is expired',
    recorded('https://github.com/getsops/sops/issues/621'),
  ),
  NotAuthorized: fixed(
    'NotAuthorizedException',
    'The security token included in the request is invalid.',
    documented(QKMS_SDK),
  ),
};
