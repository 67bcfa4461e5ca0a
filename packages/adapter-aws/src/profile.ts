import type { Realm } from '@keyglot/core';
import type { ServiceModel } from '@keyglot/dialect';

/**
 * What tells one service with this wire format from another. QKMS is a profile of the AWS dialect,
 * not a copy of it.
 *
 * @internal
 */
export interface Profile {
  readonly name: 'aws' | 'qkms';
  readonly title: string;
  /** Whether a credential scope may carry this region. */
  isRegion(name: string): boolean;
  /** Region of the realm; one fixed name where the service's identifiers have no region. */
  realmRegion(requestRegion: string): string;
  /** Whether a multi-Region key of one region can have a replica key in another one. */
  replicates(from: string, to: string): boolean;
  /** ARN of a key or an alias: `resource` is `key/<id>` or `alias/<name>`. */
  arn(realm: Realm, resource: string): string;
  /** The parts of an ARN, or undefined when the text has another form. */
  parseArn(text: string): ParsedArn | undefined;
  /** ARN of the root user of an account. */
  rootArn(account: string, region: string): string;
  /** The ARN of a user, role or root user as AWS's IAM spells it. */
  iamArn(principal: string): string;
  /** Operations and shapes of the service. */
  readonly model: ServiceModel;
  /** Whether the service has this operation of its model. */
  has(operation: string): boolean;
  /** Other spellings of operation names that the service's pages use. */
  readonly targetAliases: ReadonlyMap<string, string>;
  /** Error code for credentials that are refused; undefined keeps AWS's own codes. */
  readonly badCredentialsCode: string | undefined;
  /** Code of an error of AWS's as this service spells it. */
  codeOf(operation: string, code: string): string;
  /** Adds what this service shows beside AWS's members. */
  decorate(operation: string, output: Record<string, unknown>): Record<string, unknown>;
  /** Whether keys and data key pairs of this spec are there in a region. */
  offers(keySpec: string, region: string): boolean;
  /** Other names of values of `KeyUsage`. */
  readonly usageAliases: ReadonlyMap<string, string>;
  /** Whether DescribeKey shows the tags of a key, and whether it rotates by itself. */
  readonly describesTags: boolean;
  /** Wrapping algorithms of imports; undefined stands for all of the model. */
  readonly wrappingAlgorithms: ReadonlySet<string> | undefined;
  /** Whether ImportKeyMaterial wants to be told whether the material expires. */
  readonly wantsExpirationModel: boolean;
  /** Whether ReEncrypt takes asymmetric keys. */
  readonly reEncryptsAsymmetric: boolean;
}

/** An ARN taken apart. @internal */
export interface ParsedArn {
  readonly partition: string;
  /** Undefined where the service's ARNs have no region. */
  readonly region: string | undefined;
  readonly account: string;
  readonly kind: 'key' | 'alias';
  /** Key id, or alias name with its `alias/` prefix. */
  readonly id: string;
}
