import type { Evidence, FaultCell } from '@keyglot/dialect';

/** What a cell may need to know of the request. @internal */
export interface FaultCall {
  readonly operation: string;
  readonly callerArn: string;
}

const DATE = '2026-11-24';
/** @internal */
export const recorded = (source: string): Evidence => ({ mark: 'recorded', date: DATE, source });
/** @internal */
export const documented = (source: string): Evidence => ({
  mark: 'documented',
  date: DATE,
  source,
});
/** @internal */
export const inferred = (source: string): Evidence => ({ mark: 'inferred', date: DATE, source });

/** @internal */
export const API: string = 'https://docs.aws.amazon.com/kms/latest/APIReference';
/** @internal */
export const LOCALSTACK: string =
  'https://github.com/localstack/localstack/blob/8b9a79f/tests/aws/services/kms/test_kms.snapshot.json';
/** @internal */
export const FLOCI: string = 'https://github.com/floci-io/floci/pull/3968';
/** @internal */
export const KEY_STATES: string =
  'https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html';
/** @internal */
export const QKMS_SDK: string = 'https://github.com/QuilibriumNetwork/qkms-sdk';
// Answers of the service in us-east-1, on 2026-09-12.
/** @internal */
export const STACKD: string = 'https://github.com/radkawar/stackd/blob/9dc356f/testdata/aws/kms';
// Each rule was tried on the service, on 2026-09-05.
/** @internal */
export const CDK_PREFLIGHT: string =
  'https://github.com/badmintoncryer/cdk-preflight/tree/main/rules/kms';
/** @internal */
export const COMMON: string = `${API}/CommonErrors.html`;

type Say<Details> = FaultCell<Details, FaultCall>['say'];

/** @internal */
export function cell<Details>(
  evidence: Evidence,
  say: Say<Details>,
): FaultCell<Details, FaultCall> {
  return { evidence, say };
}

/** A cell with HTTP 400 and a fixed text, or none. @internal */
export function fixed(
  code: string,
  message: string | undefined,
  evidence: Evidence,
): FaultCell<unknown, FaultCall> {
  return cell<unknown>(evidence, () => ({ status: 400, code, message }));
}
