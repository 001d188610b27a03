import { describe, expect, it } from 'vitest';
import type { Directory, DirectoryRequest } from '../../../src/graph/directory.ts';
import { DirectoryError, graphError } from '../../../src/graph/directory-error.ts';
import { failedReply } from '../../../src/http/retry.ts';
import { streamsOf } from '../../../src/tenant/logs/log-streams.ts';
import { type RowPosition, type RowQuery, readRows } from '../../../src/tenant/logs/read-rows.ts';
import { conditionsFor } from '../../../src/tenant/logs/row-conditions.ts';

const start = Date.parse('2026-11-28T00:00:00Z');
const [stream] = streamsOf('sign-ins', ['interactive']);
if (!stream) throw new Error('There is a stream.');

interface Row {
  readonly id: string;
  readonly createdDateTime: string;
  readonly status: { readonly errorCode: number };
}

/** Three rows a second, every fourth of which failed. */
const rowsOf = (count: number): Row[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `row-${index}`,
    createdDateTime: new Date(start + Math.floor(index / 3) * 1_000).toISOString(),
    status: { errorCode: index % 4 === 0 ? 50126 : 0 },
  }));

type Fault = (request: {
  readonly page: number;
  readonly filter: string;
  readonly count: number;
}) => string | undefined;

/** From, until, place and order of a first page. */
const cursorOf = (url: URL, filter: string): number[] => [
  Date.parse(/ge (\S+)/.exec(filter)?.[1] ?? ''),
  Date.parse(/le (\S+)/.exec(filter)?.[1] ?? ''),
  0,
  url.searchParams.get('$orderby')?.endsWith('desc') ? 1 : 0,
];

/** A log that gives pages of `size` rows, and refuses what `fault` names. */
function logOf(rows: readonly Row[], size: number, fault: Fault = () => undefined) {
  const asked: string[] = [];
  const send = async ({ path, parse }: DirectoryRequest): Promise<unknown> => {
    const url = new URL(path, 'https://graph.example');
    const filter = url.searchParams.get('$filter') ?? '';
    const token = url.searchParams.get('$skiptoken');
    asked.push(token ?? filter);
    const [from, until, place, isNewestFirst] = token ? token.split('_').map(Number) : cursorOf(url, filter);
    const page = (place ?? 0) / size + 1;
    const reason = fault({ page, filter, count: asked.length });
    if (reason !== undefined) {
      throw new DirectoryError({ ...failedReply(400, 'http', undefined), message: reason }, 'read');
    }
    const found = rows.filter(({ createdDateTime }) => {
      const at = Date.parse(createdDateTime);
      return at >= (from ?? 0) && at <= (until ?? 0);
    });
    if (isNewestFirst) found.reverse();
    const end = (place ?? 0) + size;
    const next = `https://graph.example/v1.0/auditLogs/signIns?$skiptoken=${from}_${until}_${end}_${isNewestFirst}`;
    const body = { value: found.slice(place, end), ...(end < found.length && { '@odata.nextLink': next }) };
    return parse?.(new Uint8Array(Buffer.from(JSON.stringify(body))));
  };
  return { asked, directory: { send } satisfies Directory };
}

const query = (more: Partial<RowQuery> = {}): RowQuery => ({
  stream,
  from: start,
  until: start + 3_600_000,
  newestFirst: false,
  conditions: [],
  pageSize: 999,
  ahead: false,
  ...more,
});

async function read(
  { directory }: { readonly directory: Directory },
  more: Partial<RowQuery> = {},
  position?: RowPosition,
  most = Number.POSITIVE_INFINITY,
): Promise<{ readonly ids: string[]; readonly refused: string[] }> {
  const refused: string[] = [];
  const ids: string[] = [];
  const source = readRows(
    query(more),
    {
      directory: () => directory,
      renew: async () => undefined,
      sleep: async () => undefined,
      onRefused: (_stream, conditions) => refused.push(...conditions.map(({ from }) => from)),
    },
    position,
  );
  for await (const rows of source) {
    ids.push(...rows.map(({ id }) => id));
    if (ids.length >= most) break;
  }
  return { ids, refused };
}

const all = rowsOf(1_000);
const ids = all.map(({ id }) => id);

describe('rows of a list', () => {
  it.each([false, true])('come once each and in order, newest first: %s', async (newestFirst) => {
    const { ids: found } = await read(logOf(all, 7), { newestFirst });
    const times = found.map((id) => Math.floor(Number(id.slice(4)) / 3));
    expect([...found].sort()).toEqual([...ids].sort());
    expect(times).toEqual([...times].sort((a, b) => (newestFirst ? b - a : a - b)));
  });

  it.each([false, true])('come once each where links die, newest first: %s', async (newestFirst) => {
    const dies: Fault = ({ page, count }) =>
      page > 1 && count % 9 === 0 ? 'Token not found: token is either invalid or expired' : undefined;
    const log = logOf(all, 7, dies);
    expect((await read(log, { newestFirst })).ids.sort()).toEqual([...ids].sort());
    expect(log.asked.filter((one) => one.startsWith('createdDateTime')).length).toBeGreaterThan(10);
  });

  it('end with an error where links die and nothing comes meanwhile', async () => {
    const log = logOf(all, 2, ({ page }) => (page === 2 ? 'Skip token is null' : undefined));
    const error: unknown = await read(log).catch((reason: unknown) => reason);
    // No filter is to blame for that.
    expect(error).toMatchObject({ failure: { kind: 'malformed' } });
    expect(error instanceof DirectoryError && graphError(error).message).toContain(
      'not what Microsoft Graph sends: the links to its pages end at once: Skip token is null.',
    );
    expect(log.asked.length).toBeLessThan(20);
  });

  it.each([false, true])('go on from a position, newest first: %s', async (newestFirst) => {
    const order = (await read(logOf(all, 7), { newestFirst })).ids;
    for (const count of [1, 2, 3, 500, 998, 999, 1_000]) {
      const before = order.slice(0, count);
      const second = start + Math.floor(Number(order[count - 1]?.slice(4)) / 3) * 1_000;
      const same = before.filter((id) => start + Math.floor(Number(id.slice(4)) / 3) * 1_000 === second);
      const { ids: rest } = await read(logOf(all, 7), { newestFirst }, { second, ids: same });
      expect([...before, ...rest].sort()).toEqual([...ids].sort());
    }
  });

  it('begin a new chain after 32 pages', async () => {
    const log = logOf(all, 7);
    await read(log);
    expect(log.asked.filter((one) => one.startsWith('createdDateTime'))).toHaveLength(5);
  });

  it('are asked for one page at a time, and the next one beforehand where all are wanted', async () => {
    const one = logOf(all, 7);
    await read(one, {}, undefined, 7);
    expect(one.asked).toHaveLength(1);
    const ahead = logOf(all, 7);
    await read(ahead, { ahead: true }, undefined, 7);
    expect(ahead.asked).toHaveLength(2);
  });

  it('are filtered here where Graph does not', async () => {
    const refuses: Fault = ({ filter }) => (/ ne /.test(filter) ? 'Invalid filter clause' : undefined);
    const conditions = conditionsFor(stream, { failed: true });
    const { ids: found, refused } = await read(logOf(all, 50, refuses), { conditions });
    expect(found).toEqual(ids.filter((_, index) => index % 4 === 0));
    expect(refused).toEqual(['--failed']);
  });

  it('are not filtered here by what no log has, or nobody reads', async () => {
    const refuses: Fault = ({ filter }) =>
      / eq 1/.test(filter) ? "Invalid filter clause: Could not find a property named 'x'" : undefined;
    const unknown = conditionsFor(stream, { failed: false, filter: 'x eq 1' });
    await expect(read(logOf(all, 50, refuses), { conditions: unknown })).rejects.toThrow('find a property');
    const unread: Fault = ({ filter }) => (/geo/.test(filter) ? 'Invalid filter clause' : undefined);
    const odd = conditionsFor(stream, { failed: false, filter: 'geo.distance(a,b) lt 3' });
    await expect(read(logOf(all, 50, unread), { conditions: odd })).rejects.toThrow('Invalid filter clause');
  });

  it('are not filtered here by a text where they have a number: that none passes would be no answer', async () => {
    const refuses: Fault = ({ filter }) => (/'50126'/.test(filter) ? 'Invalid filter clause' : undefined);
    const conditions = conditionsFor(stream, { failed: false, filter: "status/errorCode eq '50126'" });
    await expect(read(logOf(all, 50, refuses), { conditions })).rejects.toThrow('Invalid filter clause');
  });

  it('end with an error where they come in another order, lead elsewhere or in a circle', async () => {
    const reversed = logOf([...all].reverse(), 50);
    await expect(read(reversed)).rejects.toThrow('another order');
    const page = (next: string): Directory => ({
      send: async ({ parse }) =>
        parse?.(new Uint8Array(Buffer.from(JSON.stringify({ value: [], '@odata.nextLink': next })))),
    });
    const elsewhere = { directory: page('https://graph.example/v1.0/users?$skiptoken=1') };
    await expect(read(elsewhere)).rejects.toThrow('lies elsewhere');
    const circleOfTwo: Directory = {
      send: async ({ path, parse }) => {
        const other = path.includes('skiptoken=1') ? 2 : 1;
        const next = `https://graph.example/v1.0/auditLogs/signIns?$skiptoken=${other}`;
        return parse?.(new Uint8Array(Buffer.from(JSON.stringify({ value: [], '@odata.nextLink': next }))));
      },
    };
    await expect(read({ directory: circleOfTwo })).rejects.toThrow('in a circle');
    const circle = { directory: page('https://graph.example/v1.0/auditLogs/signIns?$skiptoken=1') };
    await expect(read(circle)).rejects.toThrow('in a circle');
  });

  it('end with an error where the same rows come without an end', async () => {
    let count = 0;
    const same: Directory = {
      send: async ({ parse }) => {
        count += 1;
        const next = `https://graph.example/v1.0/auditLogs/signIns?$skiptoken=${count}`;
        const body = { value: all.slice(0, 9), '@odata.nextLink': next };
        return parse?.(new Uint8Array(Buffer.from(JSON.stringify(body))));
      },
    };
    await expect(read({ directory: same })).rejects.toThrow('no end');
    expect(count).toBeLessThan(300);
  });

  it('end with an error where a page goes back behind the one before: what is left could not be told', async () => {
    const pages = [all.slice(500, 600), all.slice(400, 500), all.slice(600, 700)];
    const parts = (page: number): Directory['send'] => {
      const rest = `https://graph.example/v1.0/auditLogs/signIns?$skiptoken=${page + 1}`;
      const body = { value: pages[page], ...(page + 1 < pages.length && { '@odata.nextLink': rest }) };
      return async ({ parse }) => parse?.(new Uint8Array(Buffer.from(JSON.stringify(body))));
    };
    const send: Directory['send'] = (request) =>
      parts(Number(/skiptoken=(\d)/.exec(request.path)?.[1] ?? 0))(request);
    await expect(read({ directory: { send } })).rejects.toThrow('another order');
  });

  it('come once each where links die and few of them pass what is looked at here', async () => {
    const dies: Fault = ({ page, count }) =>
      page > 1 && count % 3 === 0 ? 'Token not found: token is either invalid or expired' : undefined;
    const log = logOf(all, 7, dies);
    const { ids: found } = await read(log, { test: ({ id }) => id === 'row-990' });
    expect(found).toEqual(['row-990']);
  });
});
