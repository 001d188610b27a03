import { beforeEach, describe, expect, it } from 'vitest';
import { createFixture, type Fixture, type Json, refusalOf, type Send, start } from './helper.ts';

const q = encodeURIComponent;

let fixture: Fixture;
let send: Send;

beforeEach(async () => {
  fixture = createFixture({ behaviour: { lateRows: true, unthrottled: true } });
  send = await fixture.asApplication(['AuditLog.Read.All', 'Directory.Read.All']);
});

/** The rows that are dated after the start. */
async function newRows(): Promise<Json[]> {
  const filter = q(`createdDateTime ge ${new Date(start).toISOString()}`);
  return (await send('GET', `/auditLogs/signIns?$filter=${filter}`)).body.value;
}

const codeOf = ({ status }: Json): unknown => (status as Json)['errorCode'];

describe('rows that come late', () => {
  it('appear behind newer ones that were there before', async () => {
    const seen = new Set<unknown>();
    let newest = 0;
    let late = 0;
    for (let second = 0; second < 120; second += 1) {
      fixture.advance(1000);
      for (const row of (await newRows()).filter(({ id }) => !seen.has(id))) {
        const time = Date.parse(String(row['createdDateTime']));
        if (time < newest) late += 1;
        newest = Math.max(newest, time);
        seen.add(row['id']);
      }
    }
    expect(seen.size).toBeGreaterThan(10);
    expect(late).toBeGreaterThan(3);
  });

  it('are all there half a minute after they happened, and never before', async () => {
    fixture.advance(60_000);
    const early = await newRows();
    expect(early.every((row) => Date.parse(String(row['createdDateTime'])) <= start + 60_000)).toBe(true);
    fixture.advance(30_000);
    const settled = (await newRows()).filter(
      (row) => Date.parse(String(row['createdDateTime'])) < start + 60_000,
    );
    fixture.advance(600_000);
    const final = (await newRows()).filter(
      (row) => Date.parse(String(row['createdDateTime'])) < start + 60_000,
    );
    expect(final.map(({ id }) => id)).toEqual(settled.map(({ id }) => id));
    expect(settled.length).toBeGreaterThan(early.length);
  });

  it('change under the same id: an interrupted sign-in succeeds', async () => {
    const codes = new Map<unknown, unknown[]>();
    for (let second = 0; second < 90; second += 1) {
      fixture.advance(1000);
      for (const row of await newRows()) {
        const known = codes.get(row['id']) ?? [];
        if (known.at(-1) !== codeOf(row)) codes.set(row['id'], [...known, codeOf(row)]);
      }
    }
    const changed = [...codes.values()].filter((known) => known.length > 1);
    expect(changed.length).toBeGreaterThan(1);
    expect(changed.every((known) => known.join() === '50074,0')).toBe(true);
  });

  it('stay as one chain of pages began with them', async () => {
    fixture.advance(60_000);
    const first = await send('GET', '/auditLogs/signIns?$top=5');
    fixture.advance(60_000);
    const once = await send('GET', first.body['@odata.nextLink']);
    const again = await send('GET', first.body['@odata.nextLink']);
    expect(again.body.value).toEqual(once.body.value);
    const third = await send('GET', once.body['@odata.nextLink']);
    const ids = [...first.body.value, ...once.body.value, ...third.body.value].map(({ id }: Json) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('pages in between', () => {
  it('are short or empty, and yet have a next one', async () => {
    const sizes: number[] = [];
    const ids: unknown[] = [];
    let link: string | undefined = '/auditLogs/signIns?$top=20';
    while (link !== undefined) {
      const { body }: Awaited<ReturnType<Send>> = await send('GET', link);
      sizes.push(body.value.length);
      ids.push(...body.value.map(({ id }: Json) => id));
      link = body['@odata.nextLink'];
    }
    expect(sizes.slice(0, 8)).toEqual([20, 0, 10, 20, 20, 0, 10, 20]);
    const whole = await send('GET', '/auditLogs/signIns');
    expect(ids).toEqual(whole.body.value.map(({ id }: Json) => id));
  });

  it('belong to their own log and to five minutes', async () => {
    const { body } = await send('GET', '/auditLogs/signIns?$top=20');
    const link = String(body['@odata.nextLink']);
    expect(refusalOf(await send('GET', link.replace('signIns', 'directoryAudits')))).toBe('400 ');
    fixture.advance(299_999);
    expect((await send('GET', link)).status).toBe(200);
    fixture.advance(1);
    expect(refusalOf(await send('GET', link))).toBe('400 ');
  });
});
