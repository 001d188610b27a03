/** Minutes by which local time is ahead of UTC at a point in time. */
export type OffsetOf = (at: number) => number;

/** This machine's zone, or UTC. */
export const offsetIn =
  (isUtc: boolean): OffsetOf =>
  (at) =>
    isUtc ? 0 : -new Date(at).getTimezoneOffset();

/** `+01:00`, `UTC`. Pure. */
export function offsetText(minutes: number): string {
  if (minutes === 0) return 'UTC';
  const size = Math.abs(minutes);
  const pair = (part: number): string => String(part).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${pair(Math.floor(size / 60))}:${pair(size % 60)}`;
}

/** `2026-11-28 09:14:03` by that many minutes ahead of UTC. Pure. */
export const clockText = (at: number, minutes: number): string =>
  new Date(at + minutes * 60_000).toISOString().slice(0, 19).replace('T', ' ');
