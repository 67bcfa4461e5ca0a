/**
 * How sure an answer is: seen from the real service, said by its documentation, or a choice of ours.
 *
 * @public
 */
export type EvidenceMark = 'recorded' | 'documented' | 'inferred';

/** Where an answer comes from. @public */
export interface Evidence {
  readonly mark: EvidenceMark;
  /** Day of the judgement, `YYYY-MM-DD`. */
  readonly date: string;
  /** Page, issue or source file. */
  readonly source: string;
}

/** Name of the header that asks for the evidence of an answer, and carries it. @public */
export const EVIDENCE_HEADER = 'x-keyglot-evidence';

/** The value of the evidence header: mark, date and source. @public */
export function evidenceText(evidence: Evidence): string {
  return `${evidence.mark}; ${evidence.date}; ${evidence.source}`;
}
