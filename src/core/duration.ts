import { joinWords, quoted } from './text.ts';

/** A calendar duration: months count as the calendar has them, days as 24 hours (UTC). */
export interface Duration {
  readonly months: number;
  readonly days: number;
  /** What ISO 8601 durations may have below a day. */
  readonly seconds: number;
}

const mostYears = 100;

/** Longer than nothing and at most a hundred years. */
function isSensible({ months, days, seconds }: Duration): boolean {
  const years = months / 12 + (days + seconds / 86_400) / 365.25;
  return years > 0 && years <= mostYears;
}

const days = (count: number): Duration => ({ months: 0, days: count, seconds: 0 });
const months = (count: number): Duration => ({ months: count, days: 0, seconds: 0 });

const units: Readonly<Record<string, (count: number) => Duration>> = {
  d: days,
  w: (count) => days(7 * count),
  mo: months,
  y: (count) => months(12 * count),
};

/** Parses `90d`, `12w`, `6mo`, `1y`. Throws RangeError saying what is valid. */
export function parseDuration(text: string): Duration {
  const [, count, unit = ''] = /^(\d{1,6})(d|w|mo|y)$/i.exec(text) ?? [];
  const duration = units[unit.toLowerCase()]?.(Number(count));
  if (!duration) {
    throw new RangeError(`${quoted(text)} is not a duration: write it like 90d, 6mo, 1y or 2y`);
  }
  if (!isSensible(duration)) {
    throw new RangeError(`${quoted(text)} is not a duration between 1d and ${mostYears}y`);
  }
  return duration;
}

const isoDuration =
  /^P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** Parses an ISO 8601 duration such as `P90D` or `P1Y2M3DT4H`. Throws RangeError. */
export function parseIsoDuration(text: string): Duration {
  const match = isoDuration.exec(text);
  const count = (index: number): number => Number(match?.[index] ?? 0);
  const duration: Duration = {
    months: 12 * count(1) + count(2),
    days: 7 * count(3) + count(4),
    seconds: 3600 * count(5) + 60 * count(6) + count(7),
  };
  if (!match || !isSensible(duration)) {
    throw new RangeError(`${quoted(text)} is not an ISO 8601 duration up to ${mostYears} years`);
  }
  return duration;
}

/** Adds by the UTC calendar: January 31 plus a month is the last day of February. */
export function addDuration(date: Date, duration: Duration): Date {
  const result = new Date(date);
  const day = result.getUTCDate();
  result.setUTCDate(1);
  result.setUTCMonth(result.getUTCMonth() + duration.months);
  const daysInMonth = new Date(Date.UTC(result.getUTCFullYear(), result.getUTCMonth() + 1, 0)).getUTCDate();
  result.setUTCDate(Math.min(day, daysInMonth));
  return new Date(result.getTime() + Math.round((duration.days * 86_400 + duration.seconds) * 1000));
}

/** For people: `180 days`, `2 years`, `1 year, 2 months and 3 days`. */
export function formatDuration(duration: Duration): string {
  const parts: [number, string][] = [
    [Math.floor(duration.months / 12), 'year'],
    [duration.months % 12, 'month'],
    [duration.days, 'day'],
    [Math.floor(duration.seconds / 3600), 'hour'],
    [Math.floor((duration.seconds % 3600) / 60), 'minute'],
    [duration.seconds % 60, 'second'],
  ];
  return joinWords(
    parts.filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}${count === 1 ? '' : 's'}`),
  );
}

/** As it is typed for an option: `90d`, `24mo`; what is below a day is left out. Pure. */
export const typedDuration = ({ months: count, days: rest }: Duration): string =>
  count > 0 ? `${count}mo` : `${rest}d`;

/**
 * When something ends that begins at `start`: after its lifetime, or after the `cap` on it, which is `capped` then. A
 * lifetime as long as the cap is capped, too: it is what is chosen where nobody says one.
 */
export function cappedEnd(
  start: Date,
  lifetime: Duration,
  cap: Duration | undefined,
): { readonly end: Date; readonly capped: Duration | undefined } {
  const wanted = addDuration(start, lifetime);
  const latest = cap && addDuration(start, cap);
  return latest && latest <= wanted ? { end: latest, capped: cap } : { end: wanted, capped: undefined };
}
