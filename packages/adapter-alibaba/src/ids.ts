import type { KeyRecord, Realm } from '@keyglot/core';

/**
 * ARN of a key.
 *
 * @see https://www.alibabacloud.com/help/doc-detail/28953.htm
 * @internal
 */
export function keyArn(key: Pick<KeyRecord, 'realm' | 'wireId'>): string {
  return arnOf(key.realm, `key/${key.wireId}`);
}

/** ARN in a realm; `resource` is `key/<id>` or an alias with its prefix, which is not doubled. @internal */
export function arnOf({ region, tenant }: Realm, resource: string): string {
  return `acs:kms:${region}:${tenant}:${resource}`;
}

/** A resource in an ARN. @internal */
export interface ParsedArn {
  readonly region: string;
  readonly account: string;
  readonly kind: 'key' | 'alias';
  /** Key id, or alias name with its prefix. */
  readonly id: string;
}

/** Takes `acs:kms:<region>:<account>:key/<id>` or `…:alias/<name>` apart. @internal */
export function parseArn(text: string): ParsedArn | undefined {
  const [, region, account, kind, name] = ARN.exec(text) ?? [];
  if (region === undefined || account === undefined || name === undefined) return undefined;
  const alias = kind === 'alias';
  return { region, account, kind: alias ? 'alias' : 'key', id: alias ? `alias/${name}` : name };
}

const ARN = /^acs:kms:([a-z0-9-]{1,64}):(\d{1,32}):(key|alias)\/([A-Za-z0-9_/-]{1,255})$/;
