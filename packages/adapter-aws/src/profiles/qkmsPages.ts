import type { ServiceModel, Shape } from '@keyglot/dialect';
import { model } from '../generated/model.js';
import type { Profile } from '../profile.js';
import { PAGE_SHAPES } from '../qkms/model.js';
import { QKMS_PROFILE } from './qkms.js';

type Members = Record<string, unknown>;

/** How QKMS answers: as both its client and AWS's can read, or as its pages have it. @public */
export type QkmsForm = 'client' | 'pages';

/** Codes of AWS's with those that pages have in their place, by operation. */
const CODES: { readonly [operation: string]: Readonly<Record<string, string>> } = {
  ListResourceTags: { NotFoundException: 'KMSNotFoundException' },
  TagResource: {
    NotFoundException: 'KMSNotFoundException',
    TagException: 'TooManyTagsException',
  },
  UntagResource: { NotFoundException: 'KMSNotFoundException' },
  ReplicateKey: { NotFoundException: 'KMSNotFoundException' },
  Verify: { KMSInvalidSignatureException: 'SignatureInvalidException' },
  VerifyMac: { KMSInvalidMacException: 'MacInvalidException' },
};

/**
 * QKMS as its pages describe it, where they differ from what its client reads. Answers of this form
 * break AWS's JavaScript SDK, which reads no ISO times.
 *
 * @see https://docs.quilibrium.com/docs/api/q-kms/
 * @internal
 */
export const QKMS_PAGES_PROFILE: Profile = Object.freeze<Profile>({
  ...QKMS_PROFILE,
  model: withRequired({
    CreateGrantRequest: 'GranteePrincipal',
    GetKeyPolicyRequest: 'PolicyName',
    PutKeyPolicyRequest: 'PolicyName',
    ImportKeyMaterialRequest: 'ExpirationModel',
    ListRetirableGrantsRequest: 'RetiringPrincipal',
  }),
  // Only its client has this one.
  has: (operation) => operation !== 'GenerateRandom' && QKMS_PROFILE.has(operation),
  describesTags: false,
  decorate: (operation, output) =>
    decoratePages(operation, QKMS_PROFILE.decorate(operation, output)),
  codeOf: (operation, code) =>
    (Object.hasOwn(CODES, operation) ? CODES[operation]?.[code] : undefined) ?? code,
});

/** The profile of QKMS in one of its forms. @internal */
export function qkmsProfile(form: QkmsForm | undefined): Profile {
  return form === 'pages' ? QKMS_PAGES_PROFILE : QKMS_PROFILE;
}

/** AWS's model with one member more that is required, by the name of its structure. */
function withRequired(members: { readonly [structure: string]: string }): ServiceModel {
  const changed = Object.entries(members).map(([name, member]): [string, Shape] => {
    const shape = model.shapes[name];
    if (shape?.type !== 'structure') throw new Error(`${name} is no structure`);
    return [name, { ...shape, required: [...(shape.required ?? []), member] }];
  });
  const shapes = { ...model.shapes, ...PAGE_SHAPES, ...Object.fromEntries(changed) };
  return { ...model, shapes };
}

/** Their examples have dates as texts, and an origin of their own for a key that was just made. */
function decoratePages(operation: string, output: Members): Members {
  const name = operation === 'ReplicateKey' ? 'ReplicaKeyMetadata' : 'KeyMetadata';
  // Their AWS form is an object made by keyMetadata, with the date in seconds.
  const metadata = output[name] as Members | undefined;
  if (metadata === undefined) return output;
  const made = new Date(Number(metadata['CreationDate']) * 1_000).toISOString();
  const origin = operation === 'CreateKey' && metadata['Origin'] === 'AWS_KMS';
  return {
    ...output,
    [name]: { ...metadata, CreationDate: made, ...(origin ? { Origin: 'QKMS' } : {}) },
  };
}
