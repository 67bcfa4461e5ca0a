export { operationsTaking } from '../modelMembers.js';
export { qkmsModel as QKMS_MODEL } from '../qkms/model.js';
export type { ConstraintCase } from './constraintCases.js';
export { constraintCases } from './constraintCases.js';
