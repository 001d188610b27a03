import type { Call } from './context.ts';
import { GraphRefusal } from './refusal.ts';

/** The reporting API's limit per application and tenant (graph-docs throttling-limits.md). */
const limit = { requests: 5, window: 10_000 } as const;

/** Counts one request to /auditLogs. Throws 429 with Retry-After when the application has had its share. */
export function countReportRequest({ graph, world, caller, ids }: Call): void {
  const now = world.now();
  const recent = (graph.reportRequests.get(caller.appId) ?? []).filter((at) => at > now - limit.window);
  if (recent.length >= limit.requests) {
    throw new GraphRefusal({
      status: 429,
      code: 'TooManyRequests',
      message:
        'This request is throttled. Please try again after the value (in seconds) specified in the Retry-After ' +
        `header. CorrelationId: ${ids.request}`,
      headers: { 'retry-after': String(limit.window / 1000) },
    });
  }
  graph.reportRequests.set(caller.appId, [...recent, now]);
}
