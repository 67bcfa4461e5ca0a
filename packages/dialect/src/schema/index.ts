export { pairsOf } from './pairs.js';
export { patternSource } from './pattern.js';
export { hasAmbiguousLoop } from './safePattern.js';
export type {
  BlobShape,
  IntegerShape,
  ListShape,
  PlainShape,
  ServiceModel,
  Shape,
  ShapeTable,
  ShapeType,
  StringShape,
  StructureShape,
} from './shape.js';
export type { JsonKind, Path, Rule, TypeMismatch, Validation, Violation } from './validation.js';
export type { Validator } from './validator.js';
export { createValidators } from './validator.js';
