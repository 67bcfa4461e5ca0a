export type { Base64Fault } from './base64.js';
export { decodeBase64Strict } from './base64.js';
export type { Credential, CredentialDraft, CredentialForm } from './credentials.js';
export {
  CREDENTIAL_KIND,
  findCredential,
  registerCredential,
  removeCredential,
} from './credentials.js';
export type { Dialect } from './dialect.js';
export type { Evidence, EvidenceMark } from './evidence.js';
export { EVIDENCE_HEADER, evidenceText } from './evidence.js';
export type {
  DialectFace,
  Inspection,
  TransferEnd,
  TransferSource,
  TransferTarget,
  TwinWish,
  Whereabouts,
} from './face.js';
export { refuseUnused, TransferRefused } from './face.js';
export type { FaultForm, FaultRow, FaultRowSource } from './faultRows.js';
export { faultRows } from './faultRows.js';
export type { FaultCell, FaultTable, WireError } from './faultTable.js';
export { sayFault } from './faultTable.js';
export type { Action, Check, CoverageRow, Operation, Unsupported } from './operation.js';
export type {
  AnyAnswer,
  Caller,
  Decoded,
  Outcome,
  PipelineServices,
  Protocol,
} from './pipeline.js';
export { createPipeline } from './pipeline.js';
export type { RpcAnswer, RpcService } from './rpc.js';
export type {
  BlobShape,
  IntegerShape,
  JsonKind,
  ListShape,
  Path,
  PlainShape,
  Rule,
  ServiceModel,
  Shape,
  ShapeTable,
  ShapeType,
  StringShape,
  StructureShape,
  TypeMismatch,
  Validation,
  Validator,
  Violation,
} from './schema/index.js';
export { createValidators, hasAmbiguousLoop, pairsOf, patternSource } from './schema/index.js';
export type { RequestHead, WireRequest, WireResponse } from './wire.js';
export { header } from './wire.js';
