/** Exit codes of the command line: part of its contract. */
export const exitCodes = {
  done: 0,
  unexpected: 1,
  usage: 2,
  prerequisite: 3,
  signIn: 4,
  waiting: 5,
  attention: 6,
  unavailable: 7,
  cancelled: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** One code of the catalogue. */
export interface CatalogueEntry {
  readonly exitCode: ExitCode;
  /** What happened, as the reference of errors says it: a clause that follows "when". */
  readonly when: string;
  /** What to do next; an error may carry a more exact one. */
  readonly remedy: string;
}
