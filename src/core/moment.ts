import { addDuration, type Duration, parseDuration } from './duration.ts';
import { quoted } from './text.ts';

/** A point in time as somebody wrote it. */
export type Moment =
  /** So long before now. */
  | { readonly kind: 'ago'; readonly duration: Duration }
  /** So many days before the day that it is by now, at its local midnight. */
  | { readonly kind: 'day'; readonly daysAgo: number }
  /** Epoch milliseconds. */
  | { readonly kind: 'at'; readonly time: number };

const valid = 'write it like 30m, 24h, 7d, today, 2026-11-20, 2026-11-20T14:30 or 2026-11-20T14:30:00Z';

const dateTime =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/i;

/** Epoch milliseconds; by local time where no offset is written; undefined for a date that there is not. */
function timeOf(text: string): number | undefined {
  const [, ...parts] = dateTime.exec(text) ?? [];
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
    .slice(0, 6)
    .map(Number)
    .map((part) => part || 0);
  const isThere =
    parts.length > 0 &&
    new Date(Date.UTC(year, month - 1, day)).getUTCDate() === day &&
    month >= 1 &&
    month <= 12 &&
    hour < 24 &&
    minute < 60 &&
    second < 60;
  if (!isThere) return undefined;
  const offset = parts[6];
  if (offset === undefined) return new Date(year, month - 1, day, hour, minute, second).getTime();
  const [, sign = '+', hours = '0', minutes = '0'] = /^([+-])(\d{2}):?(\d{2})$/.exec(offset) ?? [];
  const ahead = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1);
  return Date.UTC(year, month - 1, day, hour, minute, second) - ahead;
}

/** Parses a duration before now, a date or a time; a date alone is its local midnight. Throws RangeError. */
export function parseMoment(text: string): Moment {
  const wanted = text.trim();
  if (/^today$/i.test(wanted)) return { kind: 'day', daysAgo: 0 };
  if (/^yesterday$/i.test(wanted)) return { kind: 'day', daysAgo: 1 };
  const short = /^(\d{1,7})(s|m|h)$/i.exec(wanted);
  if (short && Number(short[1]) > 0) {
    const unit = { s: 1, m: 60, h: 3_600 }[short[2]?.toLowerCase() ?? 's'] ?? 1;
    return { kind: 'ago', duration: { months: 0, days: 0, seconds: Number(short[1]) * unit } };
  }
  if (/^\d+(d|w|mo|y)$/i.test(wanted)) return { kind: 'ago', duration: parseDuration(wanted) };
  const time = timeOf(wanted);
  if (time === undefined) throw new RangeError(`${quoted(text)} is no time: ${valid}`);
  return { kind: 'at', time };
}

const backwards = ({ months, days, seconds }: Duration): Duration => ({
  months: -months,
  days: -days,
  seconds: -seconds,
});

/** The point in time that is meant, in epoch milliseconds. Pure but for the machine's time zone. */
export function resolveMoment(moment: Moment, now: Date): number {
  switch (moment.kind) {
    case 'at':
      return moment.time;
    case 'ago':
      return addDuration(now, backwards(moment.duration)).getTime();
    case 'day':
      return new Date(now.getFullYear(), now.getMonth(), now.getDate() - moment.daysAgo).getTime();
  }
}
