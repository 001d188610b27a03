/** The dates of one reply. Times are of this machine, in epoch milliseconds. */
export interface DatedReply {
  /** The `Date` header (RFC 9110, 6.6.1): whole seconds. */
  readonly date: string | null;
  /** The `Age` header: where it is there, a cache between gave a reply of earlier. */
  readonly age: string | null;
  readonly sent: number;
  readonly received: number;
}

/**
 * The time of the servers, told from the `Date` headers of their replies. Until one came it is this machine's own. What
 * Entra and Graph judge by time is reckoned by `now`; how long something takes, by `local`.
 */
export interface ServerClock {
  readonly now: () => Date;
  readonly local: () => Date;
  readonly observe: (reply: DatedReply) => void;
  /** Milliseconds by which this machine's clock is ahead of the servers', at least; undefined where no reply told. */
  readonly ahead: () => number | undefined;
}

/** So many of the latest replies count: one that is wrong decides nothing, and a clock that was set is noticed. */
const kept = 5;

/**
 * Epoch milliseconds of an HTTP date (RFC 9110, 5.6.7) in the one form that is sent today; NaN for anything else: the
 * engine makes a date of almost any text with a number in it.
 */
export const parseHttpDate = (text: string | null | undefined): number =>
  /^\w{3}, .* GMT$/.test(text ?? '') ? Date.parse(text ?? '') : Number.NaN;

/**
 * By how much this machine is ahead, at the least: nothing where the header fits a moment between request and reply, so
 * that a slow reply looks like no wrong clock.
 */
function aheadBy({ date, age, sent, received }: DatedReply): number | undefined {
  const from = parseHttpDate(date);
  if (Number.isNaN(from) || Number(age ?? 0) !== 0) return undefined;
  const until = from + 1_000;
  if (sent > until) return sent - until;
  return received < from ? received - from : 0;
}

/** The middle one; of two, the one nearer to nothing. */
function middle(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  if (low === undefined || high === undefined) return undefined;
  return Math.abs(low) < Math.abs(high) ? low : high;
}

/** A clock that no reply has set yet, beside this machine's own. */
export function createServerClock(local: () => Date): ServerClock {
  let samples: readonly number[] = [];
  const ahead = (): number | undefined => middle(samples);
  return {
    local,
    ahead,
    now: () => new Date(local().getTime() - (ahead() ?? 0)),
    observe: (reply) => {
      const sample = aheadBy(reply);
      if (sample !== undefined) samples = [...samples, sample].slice(-kept);
    },
  };
}
