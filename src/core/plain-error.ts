/** Causes of causes, at most. */
const deepest = 8;

const textOf = (error: object, key: 'name' | 'message' | 'stack' | 'code'): string | undefined => {
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
  const plain = new Error(redact(textOf(error, 'message') ?? ''), cause && { cause });
  plain.name = textOf(error, 'name') ?? 'Error';
  plain.stack = redact(textOf(error, 'stack') ?? plain.name);
  const code = textOf(error, 'code');
  return code === undefined ? plain : Object.assign(plain, { code: redact(code) });
}

/** The stacks of an error and of its causes, line by line. */
export function stackLines(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  return [...(error.stack ?? '').split('\n'), ...stackLines(error.cause)];
}
