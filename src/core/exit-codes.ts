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

/** What each exit code means, one sentence each, in the order in which help and documents list them. */
export const exitCodeMeanings: readonly (readonly [code: ExitCode, meaning: string])[] = [
  [exitCodes.done, 'Done, or all checks pass.'],
  [exitCodes.unexpected, 'Unexpected: a bug, or a file that could not be saved.'],
  [exitCodes.usage, 'The command line or the config file has to be corrected.'],
  [
    exitCodes.prerequisite,
    'A prerequisite is not met: a role, a licence, a policy, a permission, a failing check.',
  ],
  [exitCodes.signIn, 'The sign-in failed or was refused.'],
  [exitCodes.waiting, 'Waiting for consent: everything else is done, and the same command resumes.'],
  [exitCodes.attention, 'It works now, but needs attention.'],
  [exitCodes.unavailable, 'The network or the service is not available: try again later.'],
  [exitCodes.cancelled, 'Cancelled.'],
];
