import type { StringShape } from '@keyglot/dialect';

/** Before, repeated in the middle, behind: texts that the pattern of a shape takes. */
const PARTS: Readonly<Record<string, readonly [before: string, middle: string, behind: string]>> = {
  AccountIdType: ['', '1', ''],
  CloudHsmClusterIdType: ['cluster-', 'a', ''],
  GrantConstraintSourceArnType: ['arn:aws:kms::123456789012:', 'a', ''],
  RegionType: ['us-east-', '1', ''],
  ServicePrincipalType: ['a.b.', 'c', ''],
  XksProxyAuthenticationAccessKeyIdType: ['', 'A', ''],
  XksProxyUriEndpointType: ['https://', 'a', ''],
  XksProxyUriPathType: ['/', 'a', '/kms/xks/v1'],
  XksProxyVpcEndpointServiceNameType: ['com.amazonaws.vpce.us-east-1.vpce-svc-', 'a', ''],
};

/** A text of that length, which matches the pattern of the shape if one of that length can. @internal */
export function sampleOfLength(name: string, length: number): string {
  const [before, middle, behind] = PARTS[name] ?? ['', 'a', ''];
  const repeats = Math.max(1, length - before.length - behind.length);
  return (before + middle.repeat(repeats) + behind).slice(0, length);
}

/** The shortest text that the shape takes. @internal */
export function shortestSample(name: string, shape: StringShape): string {
  for (let length = shape.minLength ?? 0; length <= (shape.maxLength ?? 100); length++) {
    const sample = sampleOfLength(name, length);
    if (shape.pattern === undefined || wholeMatch(shape.pattern, sample)) return sample;
  }
  throw new Error(`no sample of ${name} matches ${shape.pattern}`);
}

/** Whether a pattern of the model takes the whole text. @internal */
export function wholeMatch(pattern: string, text: string): boolean {
  return new RegExp(`^(?:${pattern})$`, 'u').test(text);
}
