/** An expected reason why the sandbox cannot start or go on: what happened, and what to do about it. */
export class SandboxError extends Error {
  readonly remedy: string;

  constructor(message: string, remedy: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'SandboxError';
    this.remedy = remedy;
  }
}

/** Node's code (`ENOENT`, `EADDRINUSE`, …) of a failed system call. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
