import { serviceErrors } from './errors/service-errors.ts';
import { signInErrors } from './errors/sign-in-errors.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { usageErrors } from './run-errors.ts';
import { tenantErrors } from './tenant-errors.ts';

export { type ExitCode, exitCodes };

/** Every code this program can end with. Codes are stable: scripts may branch on them. */
export const catalogue = { ...usageErrors, ...signInErrors, ...tenantErrors, ...serviceErrors } as const;

export type ErrorCode = keyof typeof catalogue;

/** What an expected failure adds to its sentence. */
export interface ErrorExtras {
  readonly remedy?: string;
  /** Graph's `request-id` or Entra's trace id, for Microsoft support. */
  readonly requestId?: string | undefined;
  readonly cause?: unknown;
}

/** An expected failure: says what happened, and what to do next. The exit code follows from the code. */
export class WizardError extends Error {
  readonly code: ErrorCode;
  readonly remedy: string;
  readonly requestId: string | undefined;

  constructor(code: ErrorCode, message: string, extras: ErrorExtras = {}) {
    super(message, { cause: extras.cause });
    this.name = 'WizardError';
    this.code = code;
    this.remedy = extras.remedy ?? catalogue[code].remedy;
    this.requestId = extras.requestId;
  }

  get exitCode(): ExitCode {
    return catalogue[this.code].exitCode;
  }
}
