import { everyFault, type FaultContext, type FaultRule, type FaultTarget, graphError } from './faults.ts';
import type { Behaviour, World } from './world.ts';

/** Matches the requests to Microsoft Graph whose number leaves `remainder` when divided by `cycle`. */
function graphEvery(cycle: number, remainder: number): FaultRule['matches'] {
  return ({ kind }, ordinal) => kind === 'graph' && ordinal % cycle === remainder;
}

/** As graphEvery, counting only the targets for which `counts` holds. */
function everyOf(
  counts: (target: FaultTarget) => boolean,
  cycle: number,
  remainder: number,
): FaultRule['matches'] {
  let seen = 0;
  return (target) => {
    if (!counts(target)) return false;
    seen += 1;
    return seen % cycle === remainder;
  };
}

function isTokenRequest({ kind, request }: FaultTarget): boolean {
  return (
    kind === 'entra' && request.method === 'POST' && /\/oauth2(\/v2\.0)?\/token$/.test(request.url.pathname)
  );
}

function isSuccessfulWrite({ kind, request, reply }: FaultTarget): boolean {
  return kind === 'graph' && request.method !== 'GET' && reply !== undefined && reply.status < 300;
}

/** One request in three at most, and hardly ever two in a row: patience always helps. */
function throttledRules(rarer: number): FaultRule[] {
  return [
    { matches: graphEvery(5 * rarer, 3), fault: everyFault['status-429-seconds'], when: 'before' },
    { matches: graphEvery(11 * rarer, 7), fault: everyFault['status-429'], when: 'before' },
  ];
}

function flakyRules(rarer: number): FaultRule[] {
  return [
    { matches: graphEvery(9 * rarer, 4), fault: everyFault['status-503'], when: 'before' },
    { matches: graphEvery(9 * rarer, 6), fault: everyFault['status-504'], when: 'before' },
    { matches: graphEvery(9 * rarer, 8), fault: everyFault.reset, when: 'before' },
    { matches: everyOf(isSuccessfulWrite, 4, 2), fault: everyFault.reset, when: 'after' },
    { matches: everyOf(isTokenRequest, 4, 2), fault: everyFault['status-503'], when: 'before' },
  ];
}

/** How often the same call fails before it is let through: once where every try costs a client many seconds. */
const mostFaults = (path: string): number => (/\/auditLogs\/|\/(\$batch|addPassword)$/.test(path) ? 1 : 3);

/**
 * Faults come by number, and a client whose own rhythm falls in with theirs would meet one at every try of the same call:
 * each call is let through once after that many.
 */
function limited(rules: readonly FaultRule[]): FaultRule[] {
  const met = new Map<string, number>();
  const isLetThrough = ({ request }: FaultTarget): boolean => {
    const call = `${request.method} ${request.url.pathname}`;
    const count = met.get(call) ?? 0;
    const isEnough = count >= mostFaults(request.url.pathname);
    met.set(call, isEnough ? 0 : count + 1);
    return isEnough;
  };
  return rules.map((rule) => ({
    ...rule,
    matches: (target, ordinal) => rule.matches(target, ordinal) && !isLetThrough(target),
  }));
}

/** The faults of a scenario: the same ones at the same requests of every run, and no more of both than of one. */
export function scenarioFaults({ throttled, flaky }: Behaviour): FaultRule[] {
  const rarer = throttled && flaky ? 2 : 1;
  return limited([...(throttled ? throttledRules(rarer) : []), ...(flaky ? flakyRules(rarer) : [])]);
}

/** Throttles one item of `$batch` in five, with and without Retry-After in turn. */
export function throttleItems(context: FaultContext): NonNullable<World['itemFault']> {
  let seen = 0;
  return () => {
    seen += 1;
    if (seen % 5 !== 4) return undefined;
    const reply = graphError(context, 429, 'TooManyRequests', 'Too Many Requests');
    const headers = seen % 10 === 4 ? { 'retry-after': '1' } : {};
    return { ...reply, headers: { 'content-type': 'application/json', ...headers } };
  };
}
