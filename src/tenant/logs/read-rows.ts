import { fieldsIn } from '../../core/fields.ts';
import { isoSeconds } from '../../core/moment.ts';
import type { Directory } from '../../graph/directory.ts';
import { type DirectoryError, failedWith } from '../../graph/directory-error.ts';
import { type LogPage, type LogRow, parseLogPage, rowJson } from '../../graph/log-page.ts';
import type { LogStream } from './log-streams.ts';
import type { RowTest } from './odata-filter.ts';
import {
  brokenList,
  deadLinks,
  isDeadLink,
  isRefusedCondition,
  isStaleToken,
  orRefusal,
  purposeOf,
  requireFew,
  requireOrder,
} from './page-faults.ts';
import { isNonPremium } from './read-log.ts';
import { type Condition, testOf } from './row-conditions.ts';

/** Rows a page, at most: 1,000 are documented, and some logs refuse more than 999. */
export const largestPage = 999;

/** How far a list was read: all rows before `second` in the list's order, and of that second these. */
export interface RowPosition {
  /** Epoch milliseconds, in whole seconds: finer than that nobody can ask. */
  readonly second: number;
  readonly ids: readonly string[];
}

/** Which rows of a list are wanted. */
export interface RowQuery {
  readonly stream: LogStream;
  /** Epoch milliseconds in whole seconds, both ends included. */
  readonly from: number;
  readonly until: number;
  readonly newestFirst: boolean;
  readonly conditions: readonly Condition[];
  /** What is looked at here in any case. */
  readonly test?: RowTest | undefined;
  /** Rows a page. */
  readonly pageSize: number;
  /** The next page is asked for while this one is dealt with: for who wants them all. */
  readonly ahead: boolean;
}

/** What reading rows touches. */
export interface RowReaderIo {
  readonly directory: () => Directory;
  /** Makes a new session where Graph takes the token no longer. */
  readonly renew: () => Promise<void>;
  /** Called before each request. */
  readonly onRequest?: () => void;
  /** Milliseconds; rejects when the run is cancelled. */
  readonly sleep: (delay: number) => Promise<void>;
  /** Told which conditions Graph refused, so that they are looked at here. */
  readonly onRefused: (stream: LogStream, conditions: readonly Condition[]) => void;
}

/** Pages of one chain, at most: after some five hundred the service slows down, and each chain's first second is read twice. */
const longestChain = 32;

/** New chains in a row that brought nothing, before that is an error. */
const mostRestarts = 5;

/** Pages in a row without a row, before that is an error. */
const mostEmptyPages = 5_000;

/** Pages in a row whose rows all came before: a hundred thousand of one second. */
const mostRepeatedPages = 100;

/** The licence check says no at times in a tenant that has one: so often, and so many milliseconds later, it is asked again. */
const licenceTries = { count: 2, pause: 1_500 } as const;

const second = 1_000;

/** The whole second that a time is in. */
export const secondOf = (at: number): number => Math.floor(at / second) * second;

/** Notes how far rows were read, one after the other. */
export class PositionNote {
  private second: number | undefined;
  private ids: string[] = [];
  private readonly newestFirst: boolean;

  constructor(newestFirst: boolean, start?: RowPosition) {
    this.newestFirst = newestFirst;
    this.second = start?.second;
    this.ids = [...(start?.ids ?? [])];
  }

  /** A row that came late, behind others in the list's order, changes nothing. */
  add(row: LogRow): void {
    const at = secondOf(row.at);
    if (at === this.second) {
      this.ids.push(row.id);
      return;
    }
    if (this.second !== undefined && at > this.second === this.newestFirst) return;
    this.second = at;
    this.ids = [row.id];
  }

  get position(): RowPosition | undefined {
    return this.second === undefined ? undefined : { second: this.second, ids: this.ids };
  }
}

/** Bounds of what is still to be read. */
function boundsOf(query: RowQuery, position: RowPosition | undefined): { from: number; until: number } {
  const { from, until, newestFirst } = query;
  if (position === undefined) return { from, until };
  return newestFirst
    ? { from, until: Math.min(until, position.second + second) }
    : { from: Math.max(from, position.second), until };
}

/** The first page of a chain, relative to Graph's versioned root. Pure. */
function firstPath(
  query: RowQuery,
  conditions: readonly Condition[],
  position: RowPosition | undefined,
): string {
  const { stream, newestFirst, pageSize } = query;
  const { from, until } = boundsOf(query, position);
  const { time, condition, isExclusive, path } = stream;
  const span = isExclusive
    ? [`${time} gt ${isoSeconds(from - second)}`, `${time} lt ${isoSeconds(until + second)}`]
    : [`${time} ge ${isoSeconds(from)}`, `${time} le ${isoSeconds(until)}`];
  const clauses = [
    ...span,
    ...(condition === undefined ? [] : [condition]),
    ...conditions.map(({ text }) => text),
  ];
  const filter = encodeURIComponent(clauses.join(' and '));
  const order = encodeURIComponent(`${time} ${newestFirst ? 'desc' : 'asc'}`);
  return `${path}?$filter=${filter}&$orderby=${order}&$top=${pageSize}`;
}

/** A next link counts by path and query alone: no token goes to another host, and it stays in its list. */
function pathOf(link: string, { stream }: RowQuery): string {
  const { pathname, search } = new URL(link);
  const path = pathname.replace(/^.*?\/(v1\.0|beta)(?=\/)/, '');
  if (path === stream.path && search !== '') return path + search;
  throw brokenList(stream, 'The next page lies elsewhere');
}

/** Reads one list, chain after chain. */
class ListReader {
  private asked: readonly Condition[];
  private refused: readonly Condition[] = [];
  private test: RowTest | undefined;
  private restarts = 0;
  private empty = 0;
  private repeated = 0;
  private licenceTries = 0;
  private readonly note: PositionNote;
  private readonly query: RowQuery;
  private readonly io: RowReaderIo;

  constructor(query: RowQuery, io: RowReaderIo, start: RowPosition | undefined) {
    this.query = query;
    this.io = io;
    this.asked = query.conditions;
    this.test = query.test;
    this.note = new PositionNote(query.newestFirst, start);
  }

  async *rows(): AsyncGenerator<readonly LogRow[]> {
    let isOver = false;
    while (!isOver) {
      const chain = this.chain();
      for (;;) {
        const page = await chain.next();
        if (page.done) {
          isOver = page.value;
          break;
        }
        yield page.value;
      }
    }
  }

  /** One chain of pages; gives whether the list is at its end. */
  private async *chain(): AsyncGenerator<readonly LogRow[], boolean> {
    const start = this.note.position;
    const seen = new Set(start?.ids);
    const first = firstPath(this.query, this.asked, start);
    const paths = new Set([first]);
    let page = await this.read(first, true);
    for (let count = 1; page !== undefined; count += 1) {
      const isLong = count >= longestChain && this.note.position?.second !== start?.second;
      const next = isLong || page.next === undefined ? undefined : this.linkOf(page.next, paths);
      const pending = next !== undefined && this.query.ahead ? this.startRead(next) : undefined;
      const fresh = this.fresh(page, seen, start);
      this.count(page, fresh);
      const rows = fresh.filter((row) => this.passes(row));
      if (rows.length > 0) yield rows;
      if (next === undefined) return page.next === undefined;
      page = await (pending ?? this.read(next, false));
    }
    return false;
  }

  private linkOf(link: string, paths: Set<string>): string {
    const path = pathOf(link, this.query);
    if (!paths.has(path)) {
      paths.add(path);
      return path;
    }
    throw brokenList(this.query.stream, 'The list leads in a circle');
  }

  private startRead(path: string): Promise<LogPage | undefined> {
    const pending = this.read(path, false);
    // Whoever stops reading does not wait for it.
    pending.catch(() => undefined);
    return pending;
  }

  private passes(row: LogRow): boolean {
    return this.test === undefined || this.test(fieldsIn(rowJson(row)));
  }

  /** What of a page did not come before and lies in the range. */
  private fresh({ rows }: LogPage, seen: Set<string>, start: RowPosition | undefined): readonly LogRow[] {
    const { from, until, newestFirst } = this.query;
    const before = this.note.position?.second;
    const fresh: LogRow[] = [];
    let behind = 0;
    for (const row of rows) {
      if (seen.has(row.id)) continue;
      seen.add(row.id);
      const at = secondOf(row.at);
      if (at < from || at > until) continue;
      // Asked for again because of its second alone.
      if (start !== undefined && at !== start.second && at > start.second === newestFirst) continue;
      if (before !== undefined && at !== before && at > before === newestFirst) behind += 1;
      this.note.add(row);
      fresh.push(row);
    }
    if (behind > fresh.length - behind) requireFew(behind, this.query.stream);
    return fresh;
  }

  private count({ rows }: LogPage, fresh: readonly LogRow[]): void {
    this.empty = rows.length === 0 ? this.empty + 1 : 0;
    this.repeated = rows.length > 0 && fresh.length === 0 ? this.repeated + 1 : 0;
    if (fresh.length > 0) this.restarts = 0;
    if (this.empty > mostEmptyPages || this.repeated > mostRepeatedPages) {
      throw brokenList(this.query.stream, 'The list has no end');
    }
  }

  /** A page; undefined where the chain has to begin anew. Rejects with DirectoryError. */
  private async read(path: string, isFirst: boolean, isSecondTry = false): Promise<LogPage | undefined> {
    const { stream } = this.query;
    this.io.onRequest?.();
    try {
      const page = (await this.io.directory().send({
        method: 'GET',
        path,
        ...(stream.version && { version: stream.version }),
        purpose: purposeOf(stream),
        permitted: true,
        parse: (bytes) => parseLogPage(bytes, stream.time),
      })) as LogPage;
      requireOrder(page, stream, this.query.newestFirst);
      return page;
    } catch (error) {
      if (!isSecondTry && failedWith(error, isStaleToken)) {
        await this.io.renew();
        return this.read(path, isFirst, true);
      }
      if (failedWith(error, isNonPremium) && this.licenceTries < licenceTries.count) {
        this.licenceTries += 1;
        await this.io.sleep(licenceTries.pause);
        return this.read(path, isFirst);
      }
      if (isFirst && failedWith(error, isRefusedCondition) && this.takeOver(error)) return undefined;
      if (isFirst || !failedWith(error, isDeadLink)) throw error;
      this.countRestart(error);
      return undefined;
    }
  }

  private countRestart(error: DirectoryError): void {
    this.restarts += 1;
    if (this.restarts > mostRestarts) throw deadLinks(this.query.stream, error);
  }

  /** Looks at conditions here that Graph refused; false where none is left that could be the reason. */
  private takeOver(error: DirectoryError): boolean {
    const doubtful = this.asked.filter(({ isDocumented }) => !isDocumented);
    const taken = doubtful.length > 0 ? doubtful : this.asked;
    if (taken.length === 0) return false;
    const refused = [...this.refused, ...taken];
    const own = readable(refused, this.query.stream, error);
    const { test } = this.query;
    this.test = test === undefined ? own : (row) => test(row) && own(row);
    this.refused = refused;
    this.asked = this.asked.filter((condition) => !taken.includes(condition));
    this.io.onRefused(this.query.stream, taken);
    return true;
  }
}

/** The refused conditions as a test. Throws the refusal where they cannot be read here either, or applied to a row. */
function readable(conditions: readonly Condition[], stream: LogStream, error: DirectoryError): RowTest {
  const test = orRefusal(error, () => testOf(conditions, stream)) ?? (() => true);
  return (row) => orRefusal(error, () => test(row));
}

/**
 * Rows of one list in its order, page by page and each once, from `start` on where that is given. A chain whose next link
 * is dead, or that has got long, is followed by another one from where it was. Rejects with DirectoryError.
 */
export const readRows = (
  query: RowQuery,
  io: RowReaderIo,
  start?: RowPosition,
): AsyncGenerator<readonly LogRow[]> => new ListReader(query, io, start).rows();
