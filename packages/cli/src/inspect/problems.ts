/** Why a value is not a ciphertext that somebody knows, in the order of the report. @internal */
export const PROBLEMS = {
  empty: 'empty or NULL',
  'no-value': 'no such member or column in the record',
  'not-text': 'a value that is no text',
  'broken-record': 'a record that is no JSON or CSV',
  'too-long': 'longer than any ciphertext',
  'not-encoded': 'neither base64 nor hexadecimal',
  'no-layout': 'bytes of no known layout',
} as const;

/** Name of one of the reasons. @internal */
export type Problem = keyof typeof PROBLEMS;

/** Where readers put what they find. @internal */
export interface Sink {
  /** @param line number from 1 of the line where the value stands, or where its record ends */
  value(text: string, line: number): void;
  problem(problem: Problem, line: number): void;
}
