/** Faults that only this dialect has. @internal */
export interface AwsFaults {
  /** Key id that is neither a UUID nor of the multi-Region form; `arn` when it was part of an ARN. */
  KeyIdInvalid: { readonly id: string; readonly arn: boolean };
  ArnForeignRegion: { readonly region: string };
  AliasNotAllowed: Record<never, never>;
  AliasReserved: Record<never, never>;
  /** Text given by the operation. */
  Validation: { readonly message: string };
  /** A text that nobody recorded. */
  ValidationInferred: { readonly message: string };
  Serialization: { readonly message: string | undefined };
  CiphertextKeyUnreachable: Record<never, never>;
  DataKeyAsymmetric: Record<never, never>;
  DataKeyPairAsymmetric: Record<never, never>;
  /** A peer's public key of another kind, or none. */
  PublicKeyInvalid: Record<never, never>;
  /** A message representative of ML-DSA that has not 64 bytes. */
  ExternalMuLengthInvalid: { readonly algorithm: string };
  MessageTypeIncompatible: { readonly messageType: string; readonly what: string };
  SpecUnsupported: { readonly message: string };
  SpecUnsupportedInferred: { readonly message: string };
  CustomKeyStoreNotFound: { readonly id: string };
  AliasQuota: { readonly limit: number; readonly usage: number };
  RotationLimit: { readonly id: string };
  /** The key's material comes from elsewhere than the operation needs. */
  OriginInvalid: { readonly id: string; readonly origin: string };
  /** A multi-Region replica key or a single-Region key, where only a primary key will do. */
  NotPrimary: { readonly id: string };
  /** The same, as UpdatePrimaryRegion says it. */
  PrimaryElsewhere: { readonly id: string };
  /** A multi-Region replica key, where any other key will do. */
  ReplicaNotAllowed: { readonly id: string };
  /** The Region has a key of this id already. */
  ReplicaExists: Record<never, never>;
  ImportTokenInvalid: Record<never, never>;
  ImportTokenExpired: Record<never, never>;
  /** `expectedId` is undefined where the key has had no material yet. */
  KeyMaterialUnexpected: { readonly expectedId: string | undefined };
  /** Announced as new. */
  KeyMaterialKnown: { readonly id: string; readonly arn: string };
  /** `otherId` waits for its rotation, and only one may. */
  MaterialPending: { readonly id: string; readonly newId: string; readonly otherId: string };
  NoMaterialPending: { readonly id: string };
  /** A replica key lacks the material that waits for its rotation. */
  MaterialNotEverywhere: Record<never, never>;
  KeyMaterialNeverImported: { readonly id: string; readonly arn: string };
  Tag: { readonly message: string };
  /** A text that is no key policy at all. */
  PolicyUnreadable: Record<never, never>;
  PolicyMalformed: { readonly message: string };
  PolicyArnInvalid: Record<never, never>;
  PolicyOverlyPermissive: Record<never, never>;
  PolicyNotFound: Record<never, never>;
  SidecarNotFound: { readonly id: string };
  TaskNotFound: { readonly id: string };
  GrantQuota: { readonly limit: number; readonly usage: number };
  GrantTokenInvalid: Record<never, never>;
  GrantIdInvalid: Record<never, never>;
  GrantNotFound: { readonly id: string };
  /** A principal of a grant that is none. */
  PrincipalInvalid: { readonly message: string };
  /** The same, for the one operation that has another code for it. */
  PrincipalNotFound: { readonly principal: string };
  DryRunPassed: Record<never, never>;
  UnknownOperation: Record<never, never>;
  /** Not a POST of JSON, so not this protocol at all. */
  NotThisProtocol: Record<never, never>;
  BodyTooLarge: Record<never, never>;
  MissingAuthentication: Record<never, never>;
  IncompleteSignature: { readonly message: string };
  UnrecognizedClient: Record<never, never>;
  SignatureMismatch: Record<never, never>;
  SignatureRefused: { readonly message: string };
  /** A text that other services send, or nobody recorded. */
  SignatureRefusedInferred: { readonly message: string };
  TokenExpired: Record<never, never>;
  /** QKMS's one answer to credentials that it refuses. */
  NotAuthorized: Record<never, never>;
}
