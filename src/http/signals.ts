/** An AbortSignal, or what an SDK has in its place. */
export interface Abortable {
  readonly aborted: boolean;
  readonly reason?: unknown;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/**
 * Aborts when any of the signals does, and for its reason, until `end` is called. Unlike AbortSignal.any it leaves
 * nothing behind on a signal that lives as long as the run.
 */
export function joined(signals: readonly (Abortable | undefined)[]): {
  readonly signal: AbortSignal;
  readonly end: () => void;
} {
  const either = new AbortController();
  const links = signals.flatMap((signal) => {
    if (signal === undefined) return [];
    const abort = (): void => either.abort(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
    return [{ signal, abort }];
  });
  const end = (): void => {
    for (const { signal, abort } of links) signal.removeEventListener('abort', abort);
  };
  return { signal: either.signal, end };
}
