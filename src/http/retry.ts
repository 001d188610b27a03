import { isSettled, isUnreached } from './network-error.ts';
import { parseHttpDate } from './server-clock.ts';

/** Why a request did not succeed, as far as the reply (or its absence) tells. */
export interface Failure {
  /** HTTP status; 0 when no usable reply came. */
  readonly status: number;
  /**
   * `http`: the service answered. `network`: no reply, or not a whole one. `malformed`: a success that is not what that
   * service sends. `foreign`: a refusal without the service's own error in it, so somebody else's.
   */
  readonly kind: 'http' | 'network' | 'malformed' | 'foreign';
  /** The deepest `code` of the error body; empty when there is none. */
  readonly code: string;
  readonly message: string;
  /** What is wrong with a `malformed` reply, as the end of a sentence. */
  readonly detail?: string | undefined;
  /** `details[].code` values. */
  readonly details: readonly string[];
  readonly requestId?: string | undefined;
  /** Milliseconds, from `Retry-After`. */
  readonly retryAfter?: number | undefined;
  /** JSON text of what the next token must be asked for, where Graph challenges this one. */
  readonly claims?: string | undefined;
  /** Graph refuses until there is a stronger sign-in, as a protected action asks for. */
  readonly stepUp?: boolean | undefined;
  /** Node's own error code for a network failure, such as ECONNREFUSED. */
  readonly networkCode?: string | undefined;
  /** Host and port of the proxy whose fault it is; then `status` may be what that answered. */
  readonly proxy?: string | undefined;
  /** What is known of whoever answered in the service's place. */
  readonly origin?: string | undefined;
}

/** What waiting for another try takes from outside. */
export interface RetryClock {
  /** By this machine: for how long something takes. */
  readonly now: () => Date;
  /** Milliseconds; rejects when the run is cancelled. */
  readonly sleep: (delay: number) => Promise<void>;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** What the policy needs to know of a request that failed. */
export interface FailedAttempt {
  readonly failure: Failure;
  /** Repeating it cannot do harm: a read, or a write that a second time changes nothing. */
  readonly repeatable: boolean;
  /** It refers to an object made in this run, whose replication may be under way. */
  readonly fresh: boolean;
  /** The caller's rights for it were read as sufficient in this run. */
  readonly permitted?: boolean | undefined;
}

/** How often and for how long the same thing has gone wrong. */
interface Streak {
  /** 1 for the first failure. */
  readonly attempt: number;
  /** Milliseconds since the first attempt of it began. */
  readonly elapsed: number;
  /** Uniform in [0, 1). */
  readonly random: number;
  /** Milliseconds that the service asks for. */
  readonly retryAfter?: number | undefined;
}

/** Milliseconds to wait before the next attempt, and what for. */
export interface Wait {
  readonly delay: number;
  readonly reason: 'replication' | 'throttling' | 'service' | 'concurrency' | 'challenge';
}

interface Rule {
  readonly reason: Wait['reason'];
  readonly applies: (attempt: FailedAttempt) => boolean;
  /** Milliseconds: first delay, largest delay, and how long to keep trying. */
  readonly first: number;
  readonly most: number;
  readonly window: number;
  /** How many times at most. */
  readonly tries?: number;
}

/** Milliseconds: `Retry-After: 0` must not make a loop without a pause. */
const shortest = 250;

/** Tries for which `Retry-After` alone counts. */
const retryAfterTries = 3;

const replicationTexts =
  /does not exist or one of its queried|not a valid reference update|was not found on application|backing application of the service principal/i;

function isReplicating({ failure, fresh }: FailedAttempt): boolean {
  if (!fresh || failure.kind !== 'http') return false;
  if (failure.status === 404 || failure.code === 'Authorization_IdentityNotFound') return true;
  if (failure.status !== 400 && failure.status !== 403) return false;
  return failure.details.includes('NoBackingApplicationObject') || replicationTexts.test(failure.message);
}

/** Codes of a 403 that give no reason of their own. */
const plainDenials = new Set([
  '',
  'authorization_requestdenied',
  'accessdenied',
  'forbidden',
  'unknownerror',
]);

/** Words of a refusal for lack of room, whatever its code: it also comes as a plain refusal of the right. */
export const quotaText =
  /\bquota\b.*\b(exceeded|reached)\b|\b(exceeds?|exceeded|reached)\b.*\bquota\b|exceeded the maximum (number|size)/i;

/** Recorded for some seconds after POST /applications: a copy that does not know the object yet denies the right to it. */
const isEarlyDenial = ({ failure, fresh, permitted }: FailedAttempt): boolean =>
  fresh &&
  permitted === true &&
  failure.kind === 'http' &&
  failure.status === 403 &&
  plainDenials.has(failure.code.toLowerCase()) &&
  !quotaText.test(failure.message);

const serverStatuses = new Set([408, 424, 500, 502, 503, 504, 509]);

/** Facts: replication and retry windows of azure-cli and terraform-provider-azuread; throttling.md. */
const rules: readonly Rule[] = [
  // Answered with a new token, at once; one that is challenged again needs a person.
  {
    reason: 'challenge',
    applies: ({ failure }) => failure.claims !== undefined,
    first: 0,
    most: 0,
    window: 60_000,
    tries: 2,
  },
  { reason: 'replication', applies: isReplicating, first: 1_000, most: 10_000, window: 180_000 },
  { reason: 'replication', applies: isEarlyDenial, first: 1_000, most: 8_000, window: 30_000 },
  {
    reason: 'throttling',
    applies: ({ failure }) => failure.status === 429,
    first: 2_000,
    most: 30_000,
    window: 120_000,
  },
  {
    reason: 'concurrency',
    applies: ({ failure }) => failure.code === 'Directory_ConcurrencyViolation',
    first: 1_000,
    most: 10_000,
    window: 60_000,
  },
  {
    reason: 'service',
    // Nothing was reached at all: a name or way that is wrong stays wrong, so this is not waited for long.
    applies: ({ failure, repeatable }) => repeatable && isUnreached(failure.networkCode),
    first: 500,
    most: 2_000,
    window: 6_000,
  },
  {
    reason: 'service',
    // A page in place of the reply: a filter stays, and what was a gateway's slip passes.
    applies: ({ failure, repeatable }) =>
      repeatable && failure.kind === 'malformed' && failure.origin !== undefined,
    first: 500,
    most: 2_000,
    window: 6_000,
  },
  {
    reason: 'service',
    applies: ({ failure, repeatable }) =>
      repeatable &&
      !isSettled(failure.networkCode) &&
      (failure.kind === 'network' || failure.kind === 'malformed' || serverStatuses.has(failure.status)),
    first: 500,
    most: 8_000,
    window: 45_000,
  },
];

/** Milliseconds after which a request that fails in ever new ways is given up. */
const longest = 300_000;

/**
 * Decides for one request, from now on, whether it is tried again: `after` gives the wait before the next attempt, or
 * undefined where a failure is final. The wait grows by doubling with up to 25 % jitter; `Retry-After` wins over it at
 * first and is never undercut. What asks for more than its window allows is final. Each reason has a window of its own:
 * a minute of replication takes nothing from the time that a lost reply has.
 */
export function createRetryPolicy({ now, random }: Pick<RetryClock, 'now' | 'random'>) {
  let started = now().getTime();
  let since = started;
  let attempt = 0;
  let last: Rule | undefined;
  return {
    after(failed: FailedAttempt): Wait | undefined {
      const at = now().getTime();
      // A clock that was set back would make a wait without end.
      if (at < since) [started, since] = [at, at];
      const rule = rules.find((candidate) => candidate.applies(failed));
      if (!rule || at - started > longest) return undefined;
      if (last && rule !== last) [since, attempt] = [at, 0];
      last = rule;
      attempt += 1;
      const { retryAfter } = failed.failure;
      return waitFor(rule, { attempt, elapsed: at - since, random: random(), retryAfter });
    },
  };
}

/** What one attempt gave: a value, or a failure and how to end with it where it is final. */
export type Attempted<T> =
  | { readonly value: T }
  | { readonly failure: Failure; readonly repeatable: boolean; readonly giveUp: () => T };

/** Attempts until there is a value or the table says that a failure is final. Rejects as attempts and `giveUp` do. */
export async function attemptUntilFinal<T>(
  attempt: () => Promise<Attempted<T>>,
  clock: RetryClock,
): Promise<T> {
  const policy = createRetryPolicy(clock);
  for (;;) {
    const attempted = await attempt();
    if ('value' in attempted) return attempted.value;
    const wait = policy.after({ ...attempted, fresh: false });
    if (!wait) return attempted.giveUp();
    await clock.sleep(wait.delay);
  }
}

/** The failure of a request whose reply did not come, by Node's code for it. */
export const lostReply = (networkCode: string | undefined, message = ''): Failure => ({
  status: 0,
  kind: 'network',
  code: '',
  message,
  details: [],
  networkCode,
});

/** The failure of a reply that is only known by its status. */
export const failedReply = (
  status: number,
  kind: 'http' | 'malformed' | 'foreign',
  retryAfter: number | undefined,
  origin?: string,
): Failure => ({ status, kind, code: '', message: '', details: [], retryAfter, origin });

/** What to do where Microsoft asks for more time than is waited here; undefined where it does not. Milliseconds. */
export function waitRemedy(
  retryAfter: number | undefined,
  command = 'run the same command again then. It continues where this one stopped.',
): string | undefined {
  const minutes = Math.min(Math.ceil((retryAfter ?? 0) / 60_000), 24 * 60);
  return minutes > 1 ? `Microsoft asks to wait ${minutes} minutes: ${command}` : undefined;
}

function waitFor(rule: Omit<Rule, 'applies'>, streak: Streak): Wait | undefined {
  const { attempt, elapsed, random, retryAfter } = streak;
  if (attempt > (rule.tries ?? Number.POSITIVE_INFINITY)) return undefined;
  const own = Math.round(Math.min(rule.most, rule.first * 2 ** (attempt - 1)) * (1 + random / 4));
  const asked = retryAfter === undefined ? undefined : Math.max(shortest, retryAfter);
  // A service that keeps asking for a second does not know how long it takes.
  const delay = asked === undefined || attempt > retryAfterTries ? Math.max(own, asked ?? 0) : asked;
  return elapsed + delay > rule.window ? undefined : { delay, reason: rule.reason };
}

/** Why a proof did not succeed yet although nothing is wrong. */
export type ProofProblem = 'credential' | 'grant' | 'licence';

const proofRules: Readonly<Record<ProofProblem, Omit<Rule, 'applies'>>> = {
  // New secrets reach the token servers after seconds, rarely minutes.
  credential: { reason: 'replication', first: 1_000, most: 10_000, window: 180_000 },
  // A granted permission shows in the next token minted, and Graph may lag behind that a little.
  grant: { reason: 'replication', first: 1_000, most: 10_000, window: 120_000 },
  // The licence check fails at random at times, in tenants that have one. Five reads per 10 s are allowed.
  licence: { reason: 'service', first: 3_000, most: 6_000, window: 12_000 },
};

/** The same for the proof as a whole; `elapsed` counts from its first try. */
export const nextProofAttempt = (problem: ProofProblem, streak: Streak): Wait | undefined =>
  waitFor(proofRules[problem], streak);

/** When a reply was written, by the server's own clock, or `now` where it does not say. */
export function replyDate(header: string | null | undefined, now: Date): Date {
  const date = parseHttpDate(header);
  return Number.isNaN(date) ? now : new Date(date);
}

/** Milliseconds from a `Retry-After` header: seconds or an HTTP date; undefined when absent or unreadable. */
export function parseRetryAfter(header: string | null | undefined, now: Date): number | undefined {
  if (header && /^\s*\d+\s*$/.test(header)) return Number(header) * 1_000;
  const date = parseHttpDate(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now.getTime());
}
