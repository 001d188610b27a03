/** The dates of one reply. Times are of this machine, in epoch milliseconds. */
export interface DatedReply {
  /** Who wrote it, port and all. */
  readonly host: string;
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

/** So many of the latest replies of each host count: one that is wrong decides nothing, and a clock that was set is noticed. */
const kept = 5;

/**
 * Milliseconds beyond which a date says nothing of this machine's clock: by that clock the server's certificate is valid,
 * and none of public trust lasts nearly as long.
 */
const mostApart = 10 * 365 * 86_400_000;

const imfDate =
  /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * Epoch milliseconds of a date in a header, in the one form that is written today (RFC 9110, 5.6.7); NaN for anything
 * else. `Date.parse` alone takes a bare number for a year.
 */
export const httpDate = (header: string | null | undefined): number => {
  const text = header?.trim() ?? '';
  return imfDate.test(text) ? Date.parse(text) : Number.NaN;
};

/**
 * By how much this machine is ahead, at the least: nothing where the header fits a moment between request and reply, so
 * that a slow reply looks like no wrong clock.
 */
function aheadBy({ date, age, sent, received }: DatedReply): number | undefined {
  const from = httpDate(date);
  if (Number.isNaN(from) || Number(age ?? 0) !== 0) return undefined;
  const until = from + 1_000;
  const apart = sent > until ? sent - until : Math.min(received - from, 0);
  return Math.abs(apart) > mostApart ? undefined : apart;
}

/** The middle one; of two, the one nearer to nothing. */
function middle(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  if (low === undefined || high === undefined) return undefined;
  return Math.abs(low) < Math.abs(high) ? low : high;
}

/** The one nearer to nothing than every other; nothing where two lie on either side of it. */
function nearest(values: readonly (number | undefined)[]): number | undefined {
  const told = values.filter((value) => value !== undefined);
  if (told.some((value) => value > 0) && told.some((value) => value < 0)) return 0;
  return told.reduce<number | undefined>(
    (least, value) => (least === undefined || Math.abs(value) < Math.abs(least) ? value : least),
    undefined,
  );
}

/** A clock that no reply has set yet, beside this machine's own. */
export function createServerClock(local: () => Date): ServerClock {
  const samples = new Map<string, readonly number[]>();
  // A clock of this machine that is wrong is so for every server: where they do not agree, it is one of theirs.
  const ahead = (): number | undefined => nearest([...samples.values()].map(middle));
  return {
    local,
    ahead,
    now: () => new Date(local().getTime() - (ahead() ?? 0)),
    observe: (reply) => {
      const sample = aheadBy(reply);
      if (sample === undefined) return;
      samples.set(reply.host, [...(samples.get(reply.host) ?? []), sample].slice(-kept));
    },
  };
}
