import { largestPage } from '../../tenant/logs/read-rows.ts';

/** Requests that Microsoft lets through in so many milliseconds (graph-docs throttling-limits.md). */
const quota = { requests: 5, window: 10_000 } as const;

/** Rows a second at best. */
const bestRate = (quota.requests * largestPage * 1_000) / quota.window;

const hour = 3_600_000;
const day = 24 * hour;

/** A stretch of the range whose rows were counted; times in milliseconds. */
export interface CountedStretch {
  readonly rows: number;
  readonly duration: number;
}

/** What an export is going to take. */
export interface ExportEstimate {
  readonly rows: number;
  /** Milliseconds at best. */
  readonly duration: number;
  /** More rows a day than Microsoft lets anybody read in a day. */
  readonly outruns: boolean;
}

/** What a range takes, reckoned from stretches of it; of a stretch without duration nothing is reckoned. Pure. */
export function estimateExport(range: number, counted: readonly CountedStretch[]): ExportEstimate {
  const rates = counted.filter(({ duration }) => duration > 0).map(({ rows, duration }) => rows / duration);
  const rate = rates.length === 0 ? 0 : rates.reduce((sum, one) => sum + one, 0) / rates.length;
  const rows = Math.round(rate * range);
  const duration = (rows / bestRate) * 1_000;
  return { rows, duration, outruns: rate * day > bestRate * 86_400 };
}

/** More than this is no job for reading by pages. Milliseconds. */
export const longestExport = hour;

const rounded = (rows: number): string => {
  const digits = Math.max(0, Math.floor(Math.log10(Math.max(rows, 1))) - 1);
  return (Math.round(rows / 10 ** digits) * 10 ** digits).toLocaleString('en-US');
};

/** `about 1,200,000 rows, 40 minutes at best`, seconds where it takes less than two minutes. Pure. */
export function estimateText({ rows, duration }: ExportEstimate): string {
  const minutes = Math.ceil(duration / 60_000);
  const seconds = Math.ceil(duration / 1_000);
  const time =
    duration < 120_000
      ? `about ${seconds} s`
      : minutes < 120
        ? `${minutes} minutes`
        : `${(duration / hour).toFixed(1)} hours`;
  return `about ${rounded(rows)} rows, ${time} at best: Microsoft lets 5 requests of ${largestPage} rows through in 10 seconds`;
}
