import type { CoverageRow, Unsupported } from '@keyglot/dialect';
import { model } from './generated/model.js';
import { OPERATIONS } from './operations/index.js';

const REASONS: readonly (readonly [names: RegExp, reason: string])[] = [
  [/Secret|RandomPassword/, 'secrets are not there yet'],
  [/Certificate/, 'the certificate manager is not there yet'],
  [/Instance/, 'dedicated instances are not there yet'],
  [
    /AccessPoint|ClientKey|NetworkRule|(?:^|[a-z])Polic(?:y|ies)$/,
    'policies and client keys are not there yet',
  ],
  [/Tag/, 'tags are kept when a key is made, and not changed yet'],
  [/Import|KeyMaterial/, 'imported material is not there yet'],
  [/Export/, 'data keys wrapped for another key are not there yet'],
  [/ManagedDataKey/, 'managed data keys are not there yet'],
  [/Mac$/, 'the specs of MAC keys are not published'],
  [/./, 'not there yet'],
];

/** Operations of other editions of the API: current clients lack them or the model does. @internal */
export const EXTRA_OPERATIONS: ReadonlySet<string> = new Set([
  'AdvanceEncrypt',
  'BatchGetSecretValue',
  'CertificatePrivateKeyDecrypt',
  'CertificatePrivateKeySign',
  'CertificatePublicKeyEncrypt',
  'CertificatePublicKeyVerify',
  'CreateCertificate',
  'DeleteCertificate',
  'DescribeCertificate',
  'DescribeService',
  'GetCertificate',
  'UpdateCertificateStatus',
  'UploadCertificate',
]);

/** Every operation of the published API that has no row, and why. @internal */
export function unsupported(): readonly Unsupported[] {
  const done = new Set(OPERATIONS.map(({ name }) => name));
  return [...Object.keys(model.operations), ...EXTRA_OPERATIONS]
    .filter((name) => !done.has(name))
    .map((name) => ({ name, reason: reasonOf(name), state: 'not yet' }));
}

/** Every operation of Alibaba Cloud KMS, and what Keyglot does with it. @public */
export function describeOperations(): readonly CoverageRow[] {
  const rows = new Map(OPERATIONS.map((row) => [row.name, row]));
  const missing = new Map(unsupported().map((row) => [row.name, row]));
  const names = [...Object.keys(model.operations), ...EXTRA_OPERATIONS];
  return names.map((operation) => {
    const line = { dialect: 'alibaba', operation };
    const row = rows.get(operation);
    if (row === undefined) {
      const { reason = '', state = 'not yet' } = missing.get(operation) ?? {};
      const note = `answered with UnsupportedOperation: ${reason}`;
      return { ...line, state, evidence: undefined, note };
    }
    const state = row.simulated === undefined ? 'done' : 'simulated';
    return { ...line, state, evidence: row.evidence, note: row.simulated ?? '' };
  });
}

function reasonOf(name: string): string {
  return REASONS.find(([names]) => names.test(name))?.[1] ?? '';
}
