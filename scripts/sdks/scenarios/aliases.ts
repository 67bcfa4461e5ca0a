import type { Scenario } from '../scenario.js';
import { NO_KEY, NO_SUCH_KEY, validation } from './errors.js';

const ARN = 'arn:aws:kms:us-east-1:111122223333:alias/one';

/** Second names of keys. */
export const ALIAS_SCENARIOS: readonly Scenario[] = [
  {
    name: 'aliases',
    steps: [
      { call: 'CreateKey', input: {}, save: 'first' },
      { call: 'CreateKey', input: {}, save: 'second' },
      {
        call: 'CreateAlias',
        input: { AliasName: 'alias/one', TargetKeyId: '<first.KeyMetadata.KeyId>' },
      },
      {
        call: 'DescribeKey',
        input: { KeyId: 'alias/one' },
        output: { KeyMetadata: { Arn: '<first.KeyMetadata.Arn>' } },
      },
      {
        call: 'CreateAlias',
        input: { AliasName: 'alias/one', TargetKeyId: '<second.KeyMetadata.KeyId>' },
        error: {
          code: 'AlreadyExistsException',
          message: `An alias with the name ${ARN} already exists`,
        },
      },
      {
        call: 'UpdateAlias',
        input: { AliasName: 'alias/one', TargetKeyId: '<second.KeyMetadata.Arn>' },
      },
      {
        call: 'DescribeKey',
        input: { KeyId: ARN },
        output: { KeyMetadata: { Arn: '<second.KeyMetadata.Arn>' } },
      },
      {
        call: 'ListAliases',
        input: { KeyId: '<second.KeyMetadata.KeyId>' },
        output: {
          Aliases: [
            {
              AliasName: 'alias/one',
              AliasArn: ARN,
              TargetKeyId: '<second.KeyMetadata.KeyId>',
            },
          ],
          Truncated: false,
        },
      },
      { call: 'ListAliases', input: { KeyId: NO_KEY }, error: NO_SUCH_KEY },
      {
        call: 'UpdateAlias',
        input: { AliasName: 'alias/none', TargetKeyId: '<first.KeyMetadata.KeyId>' },
        error: {
          code: 'NotFoundException',
          message: 'Alias arn:aws:kms:us-east-1:111122223333:alias/none is not found.',
        },
      },
      {
        call: 'CreateAlias',
        input: { AliasName: 'one', TargetKeyId: '<first.KeyMetadata.KeyId>' },
        error: validation(
          'Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html',
        ),
      },
      { call: 'DeleteAlias', input: { AliasName: 'alias/one' } },
      {
        call: 'DeleteAlias',
        input: { AliasName: 'alias/one' },
        error: { code: 'NotFoundException', message: `Alias ${ARN} is not found.` },
      },
    ],
  },
];
