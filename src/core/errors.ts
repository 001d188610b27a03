import { connectErrors } from './connect-errors.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { serviceErrors, signInErrors, usageErrors } from './run-errors.ts';
import { tenantErrors } from './tenant-errors.ts';
import { safeText } from './text.ts';

export { type ExitCode, exitCodes };

/** Every code this program can end with. Codes are stable: scripts may branch on them. */
export const catalogue = {
  ...usageErrors,
  ...connectErrors,
  ...signInErrors,
  ...tenantErrors,
  ...serviceErrors,
} as const;

export type ErrorCode = keyof typeof catalogue;

/** What an error code of Microsoft's means for this job. */
export interface Reading {
  readonly code: ErrorCode;
  /** The cause in plain words: a sentence without its full stop. */
  readonly cause: string;
  /** More exact than the catalogue's. */
  readonly remedy?: string;
}

/** What an expected failure adds to its sentence. */
interface ErrorExtras {
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

/** The same failure in other words. Pure. */
export const reworded = (
  error: WizardError,
  { message = error.message, remedy = error.remedy }: { readonly message?: string; readonly remedy?: string },
  cause: unknown = error,
): WizardError => new WizardError(error.code, message, { remedy, requestId: error.requestId, cause });

/** Node's code of a failed file operation: `ENOENT`, `ENOSPC`, … */
export function fileCode(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' ? code : undefined;
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'the system does not permit it',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EIO: 'the disk reports an error',
  ELOOP: 'it is a symbolic link',
  ENOENT: 'the folder is not there',
  ENOTDIR: 'a part of the path is no folder',
  EISDIR: 'it is a folder',
  ENAMETOOLONG: 'the name is too long',
  EFBIG: 'the file would be too large',
  EMFILE: 'too many files are open',
  EBUSY: 'another program holds it open, or it is write-protected',
  EINVAL: 'it is no name for a file here',
  ENXIO: 'it is no regular file',
};

/** Why a file operation failed, in a few words. Rethrows what is no file system error. */
export function fileReason(error: unknown): string {
  const code = fileCode(error);
  if (code === undefined) throw error;
  return reasons[code] ?? `the system says ${safeText(code)}`;
}

/** Causes of causes, at most. */
const deepest = 8;

const textProperty = (error: object, key: 'name' | 'message' | 'stack' | 'code'): string | undefined => {
  const value: unknown = Reflect.get(error, key);
  return typeof value === 'string' ? value : undefined;
};

/**
 * An error and its causes by name, message, stack and code alone, redacted. What else the errors of a library carry is
 * dropped: requests and replies are among it, and with them secrets.
 */
export function plainError(error: unknown, redact: (text: string) => string, depth = 0): Error | undefined {
  if (error === undefined || error === null || depth > deepest) return undefined;
  if (typeof error !== 'object') return new Error(redact(String(error)));
  const cause = plainError(Reflect.get(error, 'cause'), redact, depth + 1);
  const plain = new Error(redact(textProperty(error, 'message') ?? ''), cause && { cause });
  plain.name = textProperty(error, 'name') ?? 'Error';
  plain.stack = redact(textProperty(error, 'stack') ?? plain.name);
  const code = textProperty(error, 'code');
  return code === undefined ? plain : Object.assign(plain, { code: redact(code) });
}

/** The stacks of an error and of its causes, line by line. */
export function stackLines(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  return [...(error.stack ?? '').split('\n'), ...stackLines(error.cause)];
}
