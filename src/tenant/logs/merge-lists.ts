import type { LogRow } from '../../graph/log-page.ts';

/** Rows of one of several lists. */
interface ListRows {
  /** Of the list among those that were merged. */
  readonly index: number;
  readonly rows: readonly LogRow[];
}

/** A list, as far as it was read and not given. */
interface Head {
  readonly index: number;
  readonly list: AsyncGenerator<readonly LogRow[]>;
  rows: readonly LogRow[];
}

const timeOf = ({ rows }: Head): number => rows[0]?.at ?? 0;

/** How many of the first list's rows come before everything else. */
function lengthOf(first: Head, others: readonly Head[], sign: number): number {
  if (others.length === 0) return first.rows.length;
  const limit = Math.min(...others.map((head) => sign * timeOf(head)));
  const end = first.rows.findIndex(({ at }) => sign * at > limit);
  return end < 0 ? first.rows.length : Math.max(1, end);
}

/** Rows of several lists in the order of time, of which each is in that order itself. Rejects as the lists do. */
export async function* mergeLists(
  lists: readonly AsyncGenerator<readonly LogRow[]>[],
  newestFirst: boolean,
): AsyncGenerator<ListRows> {
  const sign = newestFirst ? -1 : 1;
  const heads: Head[] = [];
  // One after the other: requests of one moment would travel together.
  for (const [index, list] of lists.entries()) {
    const first = await list.next();
    if (!first.done) heads.push({ index, list, rows: first.value });
  }
  while (heads.length > 0) {
    heads.sort((a, b) => sign * (timeOf(a) - timeOf(b)) || a.index - b.index);
    const [first, ...others] = heads;
    if (first === undefined) return;
    const length = lengthOf(first, others, sign);
    yield { index: first.index, rows: first.rows.slice(0, length) };
    first.rows = first.rows.slice(length);
    if (first.rows.length > 0) continue;
    const next = await first.list.next();
    if (next.done) heads.shift();
    else first.rows = next.value;
  }
}
