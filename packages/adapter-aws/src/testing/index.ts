export type { ConstraintCase } from './constraintCases.js';
export { constraintCases } from './constraintCases.js';
