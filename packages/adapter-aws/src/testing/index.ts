export { operationsTaking } from '../modelMembers.js';
export type { ConstraintCase } from './constraintCases.js';
export { constraintCases } from './constraintCases.js';
