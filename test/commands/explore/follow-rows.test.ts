import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SeenRows, withSince } from '../../../src/commands/explore/follow-rows.ts';
import type { ShownRow } from '../../../src/commands/explore/print-rows.ts';
import { fieldsOf, parseJson } from '../../../src/core/fields.ts';
import { streamsOf } from '../../../src/tenant/logs/log-streams.ts';
import { exploreWorld, idsIn, logRequests, objectsIn } from './explore-world.ts';

const [stream] = streamsOf('sign-ins', ['interactive']);
if (!stream) throw new Error('There is a stream.');

const row = (id: string, second: number, text = ''): ShownRow => {
  const at = 1_000 * second;
  return {
    stream,
    row: { id, at, time: new Date(at).toISOString(), json: new Uint8Array(Buffer.from(text)) },
  };
};

describe('rows that are seen again and again', () => {
  it('are given once, again where they changed, and marked where they are late', () => {
    const seen = new SeenRows([], 0);
    const take = (marks: boolean, ...rows: readonly ShownRow[]) =>
      seen.take(rows, marks).map(({ row: { id }, mark }) => [id, mark]);
    expect(take(false, row('a', 10), row('b', 20))).toEqual([
      ['a', undefined],
      ['b', undefined],
    ]);
    expect(take(true, row('a', 10), row('c', 15), row('b', 20, 'other'), row('d', 30))).toEqual([
      ['c', 'late'],
      ['b', 'changed'],
      ['d', undefined],
    ]);
    expect(take(true, row('b', 20, 'other'), row('c', 15))).toEqual([]);
    const again = new SeenRows(seen.entries(), seen.newest);
    expect(again.take([row('c', 15), row('e', 31)], true).map(({ row: { id } }) => id)).toEqual(['e']);
    expect([seen.late, seen.changed, seen.total]).toEqual([1, 1, 5]);
  });

  it('are forgotten when they do not come again', () => {
    const seen = new SeenRows([], 0);
    seen.take([row('a', 0), row('b', 9_000)], false);
    seen.forget();
    expect(seen.entries()).toHaveLength(1);
  });
});

it('a command goes on from another time', () => {
  const argv = ['explore', '--since', '1h', 'audits', '--since=2h', '--follow'];
  expect(withSince(argv, 'x')).toEqual(['explore', 'audits', '--follow', '--since', 'x']);
});

const listLength = (value: unknown): number => (Array.isArray(value) ? value.length : Number.NaN);

describe('--follow', () => {
  /** Follows until so many looks were made. */
  async function follow(argv: readonly string[], looks: number) {
    const world = await exploreWorld('late-rows');
    const waits: number[] = [];
    const go = async () => {
      let stop = (): void => undefined;
      let left = looks;
      return world.run(['explore', 'sign-ins', '--follow', ...argv, '--sandbox', 'late-rows'], {
        onStop: (given) => {
          stop = given;
        },
        onSleep: (milliseconds) => {
          if (milliseconds < 20_000) return;
          waits.push(milliseconds);
          left -= 1;
          if (left === 0) stop();
        },
      });
    };
    return { world, waits, go };
  }

  it('gives each state of each row once, marks what is late or changed, and stays far below the quota', async () => {
    const { world, waits, go } = await follow(['--since', '10m', '--format', 'ndjson'], 25);
    const before = logRequests(world).length;
    const run = await go();
    expect(run.code, run.stderr).toBe(130);
    const states = run.stdout.split('\n').filter((line) => line !== '');
    expect(new Set(states).size).toBe(states.length);
    const said = run.stderr.replace(/\s+/g, ' ');
    expect(said).toMatch(/late: [0-9a-f-]{36} of/);
    expect(said).toMatch(/changed: [0-9a-f-]{36} of/);
    const [, total] = /stopped: (\d+) rows, of which \d+ came late and \d+ changed/.exec(said) ?? [];
    expect(Number(total)).toBe(states.length);
    expect(said).toMatch(/reporting-setup explore sign-ins --follow .*--since 20\S+Z/);
    // Every sign-in in the log by then was given.
    const all = await world.run(['explore', 'sign-ins', '--since', '20m', '--sandbox', 'late-rows']);
    const known = new Set(objectsIn(run.stdout).map(({ id }) => id));
    const newest =
      objectsIn(run.stdout)
        .map((one) => String(one['createdDateTime']))
        .sort()
        .at(-1) ?? '';
    const expected = objectsIn(all.stdout).filter(
      (one) => String(one['createdDateTime']) < new Date(Date.parse(newest) - 60_000).toISOString(),
    );
    const oldest =
      objectsIn(run.stdout)
        .map((one) => String(one['createdDateTime']))
        .sort()[0] ?? '';
    const missed = expected.filter(
      (one) => String(one['createdDateTime']) >= oldest && !known.has(one['id']),
    );
    expect(missed).toEqual([]);
    const requests = logRequests(world).length - before;
    const minutes = waits.reduce((sum, wait) => sum + wait, 0) / 60_000;
    expect(requests / minutes).toBeLessThan(3);
  }, 30_000);

  it('to a file loses nothing, and goes on by the same command', async () => {
    const { world, go } = await follow(['--since', '10m', '--output', 'rows.ndjson'], 6);
    const part = join(world.folder, 'rows.ndjson.part');
    const first = await go();
    expect(first.code, first.stderr).toBe(130);
    expect(first.stderr.replace(/\s+/g, ' ')).toContain('The same command goes on with it');
    const before = await readFile(part, 'utf8');
    world.pass(300_000);
    const second = await go();
    expect(second.code, second.stderr).toBe(130);
    const after = await readFile(part, 'utf8');
    expect(after.startsWith(before)).toBe(true);
    const lines = after.split('\n').filter((line) => line !== '');
    expect(new Set(lines).size).toBe(lines.length);
    expect(lines.length).toBeGreaterThan(before.split('\n').length + 40);
  }, 30_000);

  it('to a file notes how far it is while it reads what there was, and knows no more than what may come again', async () => {
    const scenario = 'many-rows:9000,unthrottled';
    const world = await exploreWorld(scenario);
    const journal = () => {
      const [name = ''] = readdirSync(world.folder).filter((file) => file.startsWith('explore-'));
      return fieldsOf(parseJson(readFileSync(join(world.folder, name), 'utf8')));
    };
    let noted: unknown;
    world.sandbox.faults.add({
      when: 'before',
      fault: { kind: 'reset' },
      matches: ({ request }) => {
        if (!request.url.pathname.includes('/auditLogs/')) return false;
        noted = journal()['rows'];
        return false;
      },
    });
    let stop = (): void => undefined;
    const argv = ['explore', 'sign-ins', '--follow', '--since', '30d', '--output', 'rows.ndjson'];
    const run = await world.run([...argv, '--sandbox', scenario], {
      onStop: (given) => {
        stop = given;
      },
      onSleep: (milliseconds) => {
        if (milliseconds >= 20_000) stop();
      },
    });
    expect(run.code, run.stderr).toBe(130);
    expect(noted).toBeGreaterThan(3_000);
    expect(objectsIn(await world.read('rows.ndjson.part'))).toHaveLength(9_000);
    expect(listLength(journal()['known'])).toBeLessThan(500);
  }, 30_000);

  it('in a table begins with the newest rows, and has a column for marks', async () => {
    const { go } = await follow(['--format', 'table', '--limit', '5'], 30);
    const run = await go();
    expect(run.code, run.stderr).toBe(130);
    const lines = run.stdout.trimEnd().split('\n');
    expect(lines.filter((line) => line.startsWith('Time ('))).toHaveLength(1);
    expect(lines.length).toBeGreaterThan(6);
    expect(run.stdout).toMatch(/(late|changed)$/m);
  }, 30_000);

  it('in a table never calls late what was there before it began, and was left out of the newest rows', async () => {
    const columns = ['--format', 'table', '--limit', '3', '--columns', 'createdDateTime,id'];
    const { world, go } = await follow(columns, 8);
    const list = ['explore', 'sign-ins', '--since', '3h', '--sandbox', 'late-rows'];
    const before = idsIn((await world.run(list)).stdout);
    const run = await go();
    expect(run.code, run.stderr).toBe(130);
    const lines = run.stdout.trimEnd().split('\n').slice(4);
    const idOf = (line: string): string => /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(line)?.[0] ?? '';
    const late = lines.filter((line) => line.endsWith('late')).map(idOf);
    expect(late.filter((id) => before.includes(id))).toEqual([]);
    expect(late.length).toBeGreaterThan(0);
    expect(before.length).toBeGreaterThan(100);
  }, 30_000);
});
