import type { usageErrors } from '../run-errors.ts';
import type { tenantErrors } from '../tenant-errors.ts';
import type { serviceErrors } from './service-errors.ts';
import type { signInErrors } from './sign-in-errors.ts';

type Code =
  | keyof typeof usageErrors
  | keyof typeof signInErrors
  | keyof typeof tenantErrors
  | keyof typeof serviceErrors;

/** What an error code of Microsoft's means for this job. */
export interface Reading {
  readonly code: Code;
  /** The cause in plain words: a sentence without its full stop. */
  readonly cause: string;
  /** More exact than the catalogue's. */
  readonly remedy?: string;
}
