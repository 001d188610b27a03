import { readdirSync, readFileSync } from 'node:fs';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fieldsOf, parseJson } from '../../../src/core/fields.ts';
import type { RunOptions, World } from '../../helpers/world.ts';
import { exploreWorld, idsIn, logRequests } from './explore-world.ts';

const scenario = 'many-rows:4000,unthrottled';

const take = (world: World, output: string, more: readonly string[] = [], options: RunOptions = {}) =>
  world.run(
    ['explore', 'sign-ins', '--since', '30d', '--output', output, ...more, '--sandbox', scenario],
    options,
  );

const isThere = (world: World, name: string): Promise<boolean> =>
  stat(join(world.folder, name)).then(
    () => true,
    () => false,
  );

/** Lets the request of that number for rows, and all behind it, fail like this. */
function failFrom(world: World, number: number, happens: () => void): void {
  let count = 0;
  world.sandbox.faults.add({
    when: 'before',
    fault: { kind: 'reset' },
    matches: ({ request }) => {
      if (!request.url.pathname.includes('/auditLogs/')) return false;
      count += 1;
      if (count >= number) happens();
      return count >= number;
    },
  });
}

describe('an export', () => {
  it('has every row once, is private, and replaces only what explore wrote', async () => {
    const world = await exploreWorld(scenario);
    const run = await take(world, 'rows.ndjson', ['--json']);
    expect(run.code, run.stderr).toBe(0);
    const text = await world.read('rows.ndjson');
    expect(new Set(idsIn(text)).size).toBe(4_000);
    expect(text.split('\n')).toHaveLength(4_001);
    expect(Reflect.get(run.json(), 'output')).toMatchObject({ rows: 4_000, isWhole: true });
    expect((await stat(join(world.folder, 'rows.ndjson'))).mode & 0o777).toBe(0o600);
    expect(await isThere(world, 'rows.ndjson.part')).toBe(false);
    expect(run.stderr.replace(/\s+/g, ' ')).toMatch(/about \S+ rows, about \d+ s at best/);
    // Again: it was explore that wrote it.
    expect((await take(world, 'rows.ndjson', ['--limit', '10'])).code).toBe(0);
    expect(idsIn(await world.read('rows.ndjson'))).toHaveLength(10);
    await writeFile(join(world.folder, 'rows.ndjson'), 'mine');
    const refused = await take(world, 'rows.ndjson');
    expect([refused.code, refused.error]).toMatchObject([2, { code: 'output-not-ours' }]);
    await writeFile(join(world.folder, 'other.csv.part'), 'mine');
    expect((await take(world, 'other.csv')).code).toBe(2);
    expect(await world.read('other.csv.part')).toBe('mine');
    await rm(join(world.folder, 'other.csv.part'));
    const csv = await take(world, 'other.csv');
    expect(csv.code, csv.stderr).toBe(0);
    const array = await take(world, 'other.json');
    expect(array.code, array.stderr).toBe(0);
    const objects: readonly unknown[] = JSON.parse(await world.read('other.json'));
    expect(objects.map((row) => String(fieldsOf(row)['id']))).toEqual(idsIn(text));
    const lines = (await world.read('other.csv')).split('\r\n');
    expect(lines.slice(1, -1).map((line) => line.split(',')[1])).toEqual(idsIn(text));
  }, 30_000);

  it.each([
    ['ndjson', 'network'],
    ['csv', 'stop'],
    ['json', 'network'],
  ] as const)(
    'to %s that is cut by the %s is continued by the same command',
    async (format, by) => {
      const world = await exploreWorld(scenario);
      const whole = await take(world, `whole.${format}`);
      expect(whole.code, whole.stderr).toBe(0);
      const name = `rows.${format}`;
      for (const number of [7, 6, 1]) {
        let stop = (): void => undefined;
        failFrom(world, number, () => {
          if (by === 'stop') stop();
        });
        const cut = await take(world, name, ['--json'], {
          onStop: (given) => {
            stop = given;
          },
        });
        expect(cut.code, cut.stderr).toBe(by === 'stop' ? 130 : 7);
        expect(cut.json().error?.remedy).toContain('The same command goes on with it');
        expect(Reflect.get(cut.json(), 'output')).toMatchObject({ isWhole: false });
        expect([await isThere(world, name), await isThere(world, `${name}.part`)]).toEqual([false, true]);
        world.sandbox.faults.clear();
      }
      const other = await take(world, name, ['--failed']);
      expect([other.code, other.stderr.replace(/\s+/g, ' ')]).toEqual([
        2,
        expect.stringContaining('--restart'),
      ]);
      const requests = logRequests(world).length;
      const rest = await take(world, name);
      expect(rest.code, rest.stderr).toBe(0);
      expect(logRequests(world).length - requests).toBeLessThan(9);
      expect(await world.read(name)).toBe(await world.read(`whole.${format}`));
    },
    30_000,
  );

  it('notes its first rows before it asks how many there are, so that every run gets on however soon it is killed', async () => {
    const world = await exploreWorld(scenario);
    const noted: unknown[] = [];
    const starts: string[] = [];
    world.sandbox.faults.add({
      when: 'before',
      fault: { kind: 'reset' },
      matches: ({ request }) => {
        const from = / ge (\S+)/.exec(request.url.searchParams.get('$filter') ?? '')?.[1];
        if (from === undefined) return false;
        starts.push(from);
        if (from === starts[0]) return false;
        const [name = ''] = readdirSync(world.folder).filter((file) => file.startsWith('explore-'));
        noted.push(fieldsOf(parseJson(readFileSync(join(world.folder, name), 'utf8')))['rows']);
        return false;
      },
    });
    const run = await take(world, 'rows.ndjson');
    expect(run.code, run.stderr).toBe(0);
    expect(new Set(starts).size).toBeGreaterThan(2);
    expect(noted[0]).toBe(999);
  }, 30_000);

  it('begins anew where what is there is not what was written', async () => {
    const world = await exploreWorld(scenario);
    failFrom(world, 7, () => undefined);
    expect((await take(world, 'rows.ndjson')).code).toBe(7);
    world.sandbox.faults.clear();
    const part = join(world.folder, 'rows.ndjson.part');
    const text = await readFile(part, 'utf8');
    await writeFile(part, text.replace(/.{20}$/s, 'x'.repeat(20)));
    const run = await take(world, 'rows.ndjson');
    expect([run.code, run.stderr.replace(/\s+/g, ' ')]).toEqual([0, expect.stringContaining('begins anew')]);
    expect(new Set(idsIn(await world.read('rows.ndjson'))).size).toBe(4_000);
  }, 30_000);

  it('goes on without a folder of its own, and says what that means', async () => {
    const world = await exploreWorld(scenario);
    const lost: RunOptions = { stateFolder: async () => join(world.folder, 'reporting-setup.json') };
    failFrom(world, 3, () => undefined);
    const cut = await take(world, 'rows.ndjson', ['--json'], lost);
    expect([cut.code, cut.json().error?.remedy]).toEqual([7, expect.stringContaining('move it away')]);
    world.sandbox.faults.clear();
    const again = await take(world, 'rows.ndjson', [], lost);
    expect(again.code).toBe(2);
    expect(again.stderr.replace(/\s+/g, ' ')).toContain('no journal tells what it is');
    await rm(join(world.folder, 'rows.ndjson.part'));
    const run = await take(world, 'rows.ndjson', [], lost);
    expect(run.code, run.stderr).toBe(0);
    expect(run.stderr.replace(/\s+/g, ' ')).toContain('cannot be noted, because');
    expect(new Set(idsIn(await world.read('rows.ndjson'))).size).toBe(4_000);
  }, 30_000);
});
