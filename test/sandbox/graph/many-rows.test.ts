import { describe, expect, it } from 'vitest';
import { eraBefore } from '../../../src/sandbox/graph/logs/generated-sign-ins.ts';
import { createTimeline, officeHours } from '../../../src/sandbox/graph/logs/timeline.ts';
import { createFixture, type Json, origin, refusalOf, type Send, start } from './helper.ts';

const q = encodeURIComponent;

async function reader(manyRows: number): Promise<Send> {
  const fixture = createFixture({ behaviour: { manyRows, unthrottled: true } });
  return fixture.asApplication(['AuditLog.Read.All', 'Directory.Read.All', 'Policy.Read.All']);
}

interface Read {
  readonly rows: Json[];
  /** How many rows each page had. */
  readonly pages: number[];
}

async function readAll(send: Send, path: string): Promise<Read> {
  const rows: Json[] = [];
  const pages: number[] = [];
  for (let link: string | undefined = path; link !== undefined; ) {
    const { status, body }: Awaited<ReturnType<Send>> = await send('GET', link);
    expect(status).toBe(200);
    rows.push(...body.value);
    pages.push(body.value.length);
    link = body['@odata.nextLink'];
  }
  return { rows, pages };
}

function countBy(rows: readonly Json[], key: (row: Json) => unknown): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(String(key(row)), (counts.get(String(key(row))) ?? 0) + 1);
  return counts;
}

describe('a log of many rows', () => {
  it.each(['signIns', 'directoryAudits'])('has as many as asked for, each once: %s', async (log) => {
    const { rows, pages } = await readAll(await reader(5000), `/auditLogs/${log}?$top=400`);
    expect(rows).toHaveLength(5000);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(5000);
    const date = log === 'signIns' ? 'createdDateTime' : 'activityDateTime';
    const times = rows.map((row) => Date.parse(String(row[date])));
    expect(times).toEqual([...times].sort((left, right) => right - left));
    expect(times[0]).toBeLessThanOrEqual(start);
    expect(times.at(-1)).toBeGreaterThan(start - 30 * 86_400_000);
    expect(pages.slice(0, 4)).toEqual([400, 0, 200, 400]);
  });

  it('has the same rows in every process, and again backwards', async () => {
    const path = '/auditLogs/signIns?$top=1000';
    const first = await readAll(await reader(2500), path);
    const second = await readAll(await reader(2500), path);
    const backwards = await readAll(await reader(2500), `${path}&$orderby=createdDateTime`);
    expect(second.rows).toEqual(first.rows);
    expect(backwards.rows).toEqual(first.rows.toReversed());
  });

  it('has a million as easily', async () => {
    const send = await reader(1_000_000);
    const newest = await send('GET', '/auditLogs/signIns?$top=999');
    const oldest = await send('GET', '/auditLogs/signIns?$top=1&$orderby=createdDateTime');
    expect(newest.body.value).toHaveLength(999);
    const [last] = oldest.body.value;
    expect(Date.parse(last.createdDateTime)).toBeLessThan(start - 28 * 86_400_000);
    expect((await send('GET', `/auditLogs/signIns/${last.id}`)).body).toMatchObject(last);
    expect(refusalOf(await send('GET', `/auditLogs/signIns/${last.correlationId}`))).toBe(
      '404 Request_ResourceNotFound',
    );
  });

  it('adds up, window by window', async () => {
    const send = await reader(3000);
    const day = 86_400_000;
    const total = await Promise.all(
      Array.from({ length: 30 }, async (_, index) => {
        const [from, to] = [30 - index, 29 - index].map((days) => new Date(start - days * day).toISOString());
        const filter = q(`createdDateTime ge ${from} and createdDateTime lt ${to}`);
        return (await readAll(send, `/auditLogs/signIns?$filter=${filter}`)).rows.length;
      }),
    );
    expect(total.reduce((sum, count) => sum + count, 0)).toBe(3000);
    expect(Math.max(...total)).toBeLessThan(150);
  });

  it('looks like a real one: busy by day, mostly successful, from several countries and clients', async () => {
    const { rows } = await readAll(await reader(10_000), '/auditLogs/signIns');
    const hours = countBy(rows, ({ createdDateTime }) => String(createdDateTime).slice(11, 13));
    expect(hours.size).toBe(24);
    expect(hours.get('09')).toBeGreaterThan(10 * (hours.get('02') ?? 0));
    const codes = countBy(rows, ({ status }) => (status as Json)['errorCode']);
    expect(codes.get('0')).toBeGreaterThan(8500);
    expect(codes.size).toBeGreaterThan(7);
    expect(codes.get('50126')).toBeGreaterThan(codes.get('65001') ?? 0);
    expect(countBy(rows, ({ location }) => (location as Json)['countryOrRegion']).size).toBeGreaterThan(5);
    expect(countBy(rows, ({ clientAppUsed }) => clientAppUsed).size).toBe(4);
    expect(countBy(rows, ({ userId }) => userId).size).toBeGreaterThan(30);
    const blocked = rows.filter(({ status }) => (status as Json)['errorCode'] === 53003);
    expect(blocked.length).toBeGreaterThan(0);
    expect(blocked.every(({ conditionalAccessStatus }) => conditionalAccessStatus === 'failure')).toBe(true);
  });

  it('answers what it has found so far where a filter fits few rows', async () => {
    const send = await reader(100_000);
    const filter = q("userPrincipalName eq 'nobody@contoso.com'");
    const { rows, pages } = await readAll(send, `/auditLogs/signIns?$filter=${filter}`);
    expect(rows).toEqual([]);
    expect(pages).toEqual([0, 0, 0, 0, 0]);
  });

  it('has the kinds of sign-in that beta shows in proportion', async () => {
    const fixture = createFixture({ behaviour: { manyRows: 2000, unthrottled: true } });
    const send = await fixture.asApplication(['AuditLog.Read.All', 'Directory.Read.All']);
    const counts = await Promise.all(
      ['interactiveUser', 'nonInteractiveUser', 'servicePrincipal', 'managedIdentity'].map(async (kind) => {
        const filter = q(`signInEventTypes/any(t: t eq '${kind}')`);
        return (await readAll(send, `${origin}/beta/auditLogs/signIns?$filter=${filter}`)).rows.length;
      }),
    );
    expect(counts).toEqual([2000, 2000, 200, 100]);
  });
});

describe('the timeline behind it', () => {
  it('finds the first event at or after a time', () => {
    const timeline = createTimeline(100, officeHours);
    for (const time of [start, start - 86_400_000 * 3.3, Date.parse('2026-11-24T00:00:00Z')]) {
      const number = timeline.numberAt(time);
      expect(timeline.timeOf(number)).toBeGreaterThanOrEqual(time);
      expect(timeline.timeOf(number - 1)).toBeLessThan(time);
    }
  });

  it('keeps the events of an hour until the next one begins', () => {
    expect(eraBefore(start + 60_000, 1000).last).toBe(eraBefore(start, 1000).last);
    expect(eraBefore(start + 3_600_000, 1000).last).toBeGreaterThan(eraBefore(start, 1000).last);
  });
});
