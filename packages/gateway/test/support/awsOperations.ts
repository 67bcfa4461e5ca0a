import { describeOperations } from '@keyglot/adapter-aws';

const ROWS = describeOperations().filter(({ dialect }) => dialect === 'aws');

/** Every operation of the published model, in its order. */
export const MODEL_OPERATIONS: readonly string[] = ROWS.map(({ operation }) => operation);

/** Those that have a row in the operation table. */
export const PRESENT_OPERATIONS: readonly string[] = ROWS.filter(
  ({ state }) => state === 'done' || state === 'simulated',
).map(({ operation }) => operation);
