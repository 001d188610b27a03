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
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(?:(Z)|([+-]\d{2}):?(\d{2}))?)?$/i;

/** Epoch milliseconds; by local time where no offset is written; NaN for a time that there is not. */
function timeOf(text: string): number {
  const [, date, time = '00:00', second = '00', utc, hours, minutes] = dateTime.exec(text) ?? [];
  const written = `${date}T${time}:${second}`;
  // The engine takes February 30 for a day in March, and 24:00 for the next day.
  const isThere = new Date(`${written}Z`).toJSON()?.startsWith(written);
  const zone = utc ?? (hours === undefined ? '' : `${hours}:${minutes}`);
  return isThere ? Date.parse(`${written}${zone}`) : Number.NaN;
}

/** Seconds. */
const shortUnits: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600 };

/** Parses a duration before now, a date or a time; a date alone is its local midnight. Throws RangeError. */
export function parseMoment(text: string): Moment {
  const wanted = text.trim().toLowerCase();
  if (wanted === 'today') return { kind: 'day', daysAgo: 0 };
  if (wanted === 'yesterday') return { kind: 'day', daysAgo: 1 };
  const [, count, unit = ''] = /^(\d{1,7})([smh])$/.exec(wanted) ?? [];
  const seconds = Number(count) * (shortUnits[unit] ?? 0);
  if (seconds > 0) return { kind: 'ago', duration: { months: 0, days: 0, seconds } };
  if (/^\d+(d|w|mo|y)$/.test(wanted)) return { kind: 'ago', duration: parseDuration(wanted) };
  const time = timeOf(wanted);
  if (Number.isNaN(time)) throw new RangeError(`${quoted(text)} is no time: ${valid}`);
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

/** A time to the second, as Entra and Graph take it: `2026-11-28T09:14:03Z`. Throws RangeError where it is none. Pure. */
export const isoSeconds = (time: number | string | Date): string =>
  `${new Date(time).toISOString().slice(0, 19)}Z`;

/** A time for people: `2026-11-28 09:14 UTC`. Throws RangeError where it is none. Pure. */
export const utcMinutes = (time: number | string | Date): string =>
  `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
