import type { RetryClock } from '../http/retry.ts';

/** The reporting API's limit per application and tenant (graph-docs throttling-limits.md). Window in milliseconds. */
const limit = { requests: 5, window: 10_000 } as const;

/** Resolves when a request of that path may be sent. */
export type Pace = (path: string) => Promise<void>;

/** Keeps requests to the reporting API within its limit beforehand; all others go at once. */
export function createPace({ now, sleep }: Pick<RetryClock, 'now' | 'sleep'>): Pace {
  let sent: number[] = [];
  return async (path) => {
    if (!path.startsWith('/auditLogs/')) return;
    for (;;) {
      const at = now().getTime();
      // What lies ahead is of a clock that was set back since.
      sent = sent.filter((earlier) => earlier > at - limit.window && earlier <= at);
      const [oldest] = sent;
      if (oldest === undefined || sent.length < limit.requests) {
        sent.push(at);
        return;
      }
      await sleep(oldest + limit.window - at);
    }
  };
}
