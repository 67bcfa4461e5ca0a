import type { Mount } from '../../packages/gateway/src/claim/place.js';
import type { DescribedDialect } from './dialects.js';
import { code, table } from './markdown.js';

type Names = { readonly [Name in Exclude<Mount, 'qkms'>]?: string };

/** What the operations of different providers have in common. QKMS has the names of AWS. */
const TASKS: readonly (readonly [task: string, names: Names])[] = [
  ['encrypt', same('Encrypt', 'SymmetricCrypto.Encrypt', 'Encrypt')],
  ['decrypt', same('Decrypt', 'SymmetricCrypto.Decrypt', 'Decrypt')],
  ['re-encrypt', same('ReEncrypt', 'SymmetricCrypto.ReEncrypt', 'Re-encrypt')],
  ['data key', same('GenerateDataKey', 'SymmetricCrypto.GenerateDataKey', 'Create Custom Key')],
  [
    'sign',
    {
      aws: 'Sign',
      alibaba: 'AsymmetricSign',
      yandex: 'AsymmetricSignatureCrypto.Sign',
      ncp: 'Sign',
    },
  ],
  ['verify', { aws: 'Verify', alibaba: 'AsymmetricVerify', ncp: 'Verify' }],
  ['public key', same('GetPublicKey', 'AsymmetricSignatureCrypto.GetPublicKey', 'Get Public Key')],
  ['MAC', { aws: 'GenerateMac', alibaba: 'GenerateMac' }],
  ['make a key', same('CreateKey', 'SymmetricKey.Create', 'Create Key')],
  ['look at a key', same('DescribeKey', 'SymmetricKey.Get', 'Get Key Info')],
  ['list keys', same('ListKeys', 'SymmetricKey.List', 'Get Key List')],
  [
    'list versions',
    {
      aws: 'ListKeyRotations',
      alibaba: 'ListKeyVersions',
      yandex: 'SymmetricKey.ListVersions',
      ncp: 'Get Key Version List',
    },
  ],
  ['enable', same('EnableKey', 'SymmetricKey.Update', 'Enable Key')],
  ['disable', same('DisableKey', 'SymmetricKey.Update', 'Disable Key')],
  [
    'rotate now',
    {
      aws: 'RotateKeyOnDemand',
      alibaba: 'CreateKeyVersion',
      yandex: 'SymmetricKey.Rotate',
      ncp: 'Rotate Key',
    },
  ],
  [
    'rotate by itself',
    {
      aws: 'EnableKeyRotation',
      alibaba: 'UpdateRotationPolicy',
      yandex: 'SymmetricKey.Update',
      ncp: 'Enable Auto Rotation',
    },
  ],
  ['delete', same('ScheduleKeyDeletion', 'SymmetricKey.Delete', 'Request Key Deletion')],
  [
    'keep it after all',
    { aws: 'CancelKeyDeletion', alibaba: 'CancelKeyDeletion', ncp: 'Cancel Key Deletion' },
  ],
  ['alias', { aws: 'CreateAlias', alibaba: 'CreateAlias' }],
  ['import material', { aws: 'ImportKeyMaterial', alibaba: 'ImportKeyMaterial' }],
  [
    'who may use it',
    {
      aws: 'PutKeyPolicy',
      alibaba: 'SetKeyPolicy',
      yandex: 'SymmetricKey.SetAccessBindings',
      ncp: 'Add ACL Rule',
    },
  ],
];

function same(name: string, yandex: string, ncp: string): Names {
  return { aws: name, alibaba: name, yandex, ncp };
}

/**
 * Task by dialect: the operation's name and, unless it is done, its state.
 *
 * @throws Error when a dialect has no operation of that name
 */
export function tasksTable(dialects: readonly DescribedDialect[]): string {
  return table(
    ['task', ...dialects.map(({ title }) => title)],
    TASKS.map(([task, names]) => [
      task,
      ...dialects.map((dialect) => {
        const name = names[dialect.name === 'qkms' ? 'aws' : dialect.name];
        return name === undefined ? '–' : shown(dialect, name);
      }),
    ]),
  );
}

function shown({ name: dialect, operations }: DescribedDialect, name: string): string {
  const row = operations.find(({ operation }) => operation === name);
  if (row === undefined) throw new Error(`${dialect} has no operation ${name}`);
  return row.state === 'done' ? code(name) : `${code(name)} (${row.state})`;
}
