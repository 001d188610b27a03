const seen = Symbol.for('reporting-setup: warnings of Node fail the tests');

/**
 * Set up in each process that runs tests: a warning of Node (a deprecation, something experimental, listeners that pile
 * up) is an error that nobody catches, and fails the run.
 */
if (!Object.hasOwn(globalThis, seen)) {
  Object.defineProperty(globalThis, seen, { value: true });
  process.on('warning', (warning) => {
    throw warning;
  });
}

/** Throws where a program that ran by itself printed a warning of Node. */
export function requireNoWarning(stderr: string): void {
  const warning = /^\(node:\d+\) .*/m.exec(stderr)?.[0];
  if (warning !== undefined) throw new Error(`Node warns: ${warning}`);
}
