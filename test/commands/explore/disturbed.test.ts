import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fieldsOf, parseJson } from '../../../src/core/fields.ts';
import { reach, run } from '../connect/programs.ts';
import { exploreWorld, idsIn, logRequests, objectsIn } from './explore-world.ts';

describe('explore where the service is not at its best', () => {
  it('keeps five requests in ten seconds by itself', async () => {
    const world = await exploreWorld('many-rows:10000');
    const began = world.slept();
    const before = logRequests(world).length;
    const read = await world.run(['explore', 'sign-ins', '--since', '30d', '--sandbox', 'many-rows:10000']);
    expect(read.code, read.stderr).toBe(0);
    const ids = idsIn(read.stdout);
    expect([ids.length, new Set(ids).size]).toEqual([10_000, 10_000]);
    const requests = logRequests(world).slice(before);
    // None but where this machine is so slow that requests come closer together than they were sent.
    expect(requests.filter(({ status }) => status === 429).length).toBeLessThan(requests.length / 8);
    const least = Math.ceil(requests.length / 5 - 1) * 10_000;
    expect(world.slept() - began).toBeGreaterThan(least * 0.9);
  }, 30_000);

  it.each(['throttled', 'flaky'])(
    'reads every row once where it is %s',
    async (trouble) => {
      const scenario = `many-rows:6000,${trouble}`;
      const world = await exploreWorld(scenario);
      const read = await world.run(['explore', 'audits', '--since', '30d', '--sandbox', scenario]);
      expect(read.code, read.stderr).toBe(0);
      const generated = idsIn(read.stdout).filter((id) => /_\d+$/.test(id));
      expect(new Set(generated).size).toBe(generated.length);
      expect(generated.length).toBeGreaterThanOrEqual(6_000);
      expect(logRequests(world).some(({ status }) => status !== 200)).toBe(true);
    },
    30_000,
  );

  it('promises nothing to go on with where not even the sign-in came about', async () => {
    const world = await exploreWorld('default');
    world.sandbox.faults.add({
      when: 'before',
      fault: { kind: 'answer', answer: () => ({ status: 503, headers: {}, body: '' }) },
      matches: ({ request }) => request.url.pathname.endsWith('/token'),
    });
    const ended = await world.run(['explore', 'sign-ins', '--sandbox', '--output', 'rows.ndjson']);
    expect(ended.code).toBe(7);
    expect(ended.stderr).toContain('run the same command again.');
    expect(ended.stderr).not.toContain('continues where');
  }, 15_000);

  it('answers a challenge, and signs in again where a token is taken no longer', async () => {
    const world = await exploreWorld('many-rows:3000,unthrottled');
    const rules = [
      { fault: { kind: 'cae' }, number: 2 },
      {
        fault: {
          kind: 'answer',
          answer: () => ({
            status: 401,
            headers: { 'content-type': 'application/json' },
            body: '{"error":{"code":"InvalidAuthenticationToken","message":"Lifetime validation failed."}}',
          }),
        },
        number: 3,
      },
    ] as const;
    for (const { fault, number } of rules) {
      let seen = 0;
      world.sandbox.faults.add({
        when: 'before',
        fault,
        matches: ({ request }) => {
          if (!request.url.pathname.includes('/auditLogs/')) return false;
          seen += 1;
          return seen === number;
        },
      });
    }
    const scenario = 'many-rows:3000,unthrottled';
    const read = await world.run(['explore', 'sign-ins', '--since', '30d', '--sandbox', scenario]);
    expect(read.code, read.stderr).toBe(0);
    expect(new Set(idsIn(read.stdout)).size).toBe(3_000);
  }, 30_000);
});

describe('the sample of connect', () => {
  it('reads the rows that explore reads', async () => {
    const scenario = 'many-rows:2500,unthrottled';
    const world = await exploreWorld(scenario);
    expect((await world.run(['connect', 'node', '--output', 'entra-logs.mjs'])).code).toBe(0);
    for (const [log, word] of [
      ['signIns', 'sign-ins'],
      ['directoryAudits', 'audits'],
    ] as const) {
      const options = { cwd: world.folder, env: await reach(world) };
      const sample = await run(process.execPath, ['entra-logs.mjs', log, '500'], options);
      expect([sample.code, sample.stderr]).toEqual([0, '']);
      const state = fieldsOf(parseJson(await world.read(`entra-${log}.state.json`)));
      const until = String(state['until']);
      const explored = await world.run([
        ...['explore', word, '--since', '500h', '--until', until, '--sandbox', scenario],
      ]);
      expect(explored.code, explored.stderr).toBe(0);
      const oldest = String(objectsIn(explored.stdout)[5]?.['createdDateTime'] ?? '');
      const rows = (text: string) =>
        objectsIn(text).filter((row) => String(row['createdDateTime'] ?? row['activityDateTime']) > oldest);
      expect(rows(explored.stdout).length).toBeGreaterThan(1_000);
      expect(rows(sample.stdout)).toEqual(rows(explored.stdout));
    }
  }, 60_000);
});

const hasJq = spawnSync('jq', ['--version'], { stdio: 'ignore' }).status === 0;

it.skipIf(!hasJq)(
  hasJq ? 'jq reads the very rows' : 'jq reads the very rows (skipped: jq is not installed)',
  async () => {
    const world = await exploreWorld('default');
    const argv = ['explore', 'audits', '--since', '30d', '--sandbox'];
    expect((await world.run([...argv.slice(0, -1), '--output', 'a.ndjson', '--sandbox'])).code).toBe(0);
    const rows = objectsIn(await world.read('a.ndjson'));
    const read = await run('jq', ['-sc', '.', join(world.folder, 'a.ndjson')], { cwd: world.folder });
    expect([read.code, JSON.parse(read.stdout)]).toEqual([0, rows]);
  },
);
