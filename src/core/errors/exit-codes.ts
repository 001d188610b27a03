import { type ExitCode, exitCodes } from '../exit-codes.ts';

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
