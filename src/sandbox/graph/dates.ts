import type { Call } from './context.ts';

/** The present with the seven fraction digits of the reply that tells of something new. */
export function timestamp(call: Call): string {
  return new Date(call.world.now()).toISOString().replace(/Z$/, '0000Z');
}

/** A moment as most of Graph's properties show it: in UTC and whole seconds, whatever fraction it was written with. */
export function graphDate(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, -5)}Z`;
}

/** As graphDate, for a date as the tenant keeps it. */
export function wholeSeconds(date: string | null): string | null {
  return date === null ? null : graphDate(Date.parse(date));
}

const pattern = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

/** `start` plus an ISO 8601 duration, in epoch milliseconds; undefined for text that is none. */
export function addDuration(start: number, text: string): number | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const [years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0));
  const end = new Date(start);
  end.setUTCFullYear(end.getUTCFullYear() + years);
  end.setUTCMonth(end.getUTCMonth() + months);
  return end.getTime() + (((weeks * 7 + days) * 24 + hours) * 3600 + minutes * 60 + seconds) * 1000;
}
