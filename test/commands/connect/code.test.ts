import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Agent, fetch } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fieldsOf, parseJson, valuesOf } from '../../../src/core/fields.ts';
import { createWorld, type World } from '../../helpers/world.ts';
import { automationToken, type Started } from '../../sandbox/start.ts';
import { modeOf } from './prepared-world.ts';
import { has, hasPython, python, reach, run, titled } from './programs.ts';

type Log = 'signIns' | 'directoryAudits';

const hasMsal = hasPython('msal');
const hasJq = has('jq', '--version') && has('curl', '--version') && has('bash', '--version');

const samples = [
  { target: 'node', program: process.execPath, file: 'entra-logs.mjs', there: true, missing: '' },
  { target: 'python', program: python, file: 'entra_logs.py', there: hasMsal, missing: 'python3-msal' },
  { target: 'curl', program: 'bash', file: 'entra-logs.sh', there: hasJq, missing: 'curl or jq' },
] as const;

const timeOf: Record<Log, string> = { signIns: 'createdDateTime', directoryAudits: 'activityDateTime' };

/** Ids of every row that Graph gives, by pages as they come. */
async function allRows(world: World, log: Log): Promise<Map<string, string>> {
  const { sandbox } = world;
  const dispatcher = new Agent({ connect: { ca: sandbox.caCertificate } });
  onTestFinished(() => dispatcher.destroy());
  const call: Started['call'] = (path, init) => fetch(sandbox.origin + path, { ...init, dispatcher });
  const authorization = `Bearer ${await automationToken({ sandbox, call })}`;
  const rows = new Map<string, string>();
  let url: unknown = `${world.sandbox.graphUrl}/v1.0/auditLogs/${log}`;
  while (typeof url === 'string') {
    const page = await (await fetch(url, { headers: { authorization }, dispatcher })).json();
    for (const row of valuesOf(page)) rows.set(String(row['id']), String(row[timeOf[log]]));
    url = fieldsOf(page)['@odata.nextLink'];
  }
  return rows;
}

const idsIn = (ndjson: string): string[] =>
  ndjson
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => String(fieldsOf(parseJson(line))['id']));

async function prepare(credential: string, target: string, file: string, scenario = 'default') {
  const world = await createWorld({ scenarios: scenario.split(',') });
  const set = await world.run(['--sandbox', scenario, '--yes', '--no-input', '--credential', credential]);
  expect(set.code, set.stderr).toBe(0);
  const made = await world.run(['connect', target, '--output', file]);
  expect(made.code, made.stderr).toBe(0);
  return { world, env: await reach(world) };
}

describe.each(samples)('the sample for $target', ({ target, program, file, there, missing }) => {
  const title = (text: string): string => titled(text, there, missing);

  it.skipIf(!there).each(['signIns', 'directoryAudits'] as const)(
    title('gives each row of %s once, and nothing the next time'),
    async (log) => {
      const { world, env } = await prepare('secret', target, file, 'many-rows:2500,unthrottled');
      const options = { cwd: world.folder, env };
      const first = await run(program, [file, log, '1000'], options);
      expect([first.code, first.stderr]).toEqual([0, '']);
      const state = fieldsOf(
        parseJson(await readFile(join(world.folder, `entra-${log}.state.json`), 'utf8')),
      );
      const until = Date.parse(String(state['until']));
      const expected = [...(await allRows(world, log))].filter(([, at]) => Date.parse(at) <= until);
      expect(expected.length).toBeGreaterThan(2_400);
      expect(idsIn(first.stdout).sort()).toEqual(expected.map(([id]) => id).sort());
      const again = await run(program, [file, log], options);
      expect([again.code, again.stdout]).toEqual([0, '']);
    },
    60_000,
  );

  it.skipIf(!there)(title('holds no secret, and shows none in its arguments'), async () => {
    const { world } = await prepare('secret', target, file);
    const { clientSecret } = await world.config();
    expect(await world.read(file)).not.toContain(clientSecret);
  });
});

describe('samples', () => {
  it.each(samples.filter(({ target, there }) => target !== 'curl' && there))(
    'for $target prove themselves with a certificate too',
    async ({ target, program, file }) => {
      const { world, env } = await prepare('certificate', target, file);
      const ended = await run(program, [file, 'signIns', '48'], { cwd: world.folder, env });
      expect([ended.code, ended.stderr]).toEqual([0, '']);
      expect(idsIn(ended.stdout).length).toBeGreaterThan(0);
    },
    60_000,
  );

  it('try again what was throttled, and lose nothing', async () => {
    const { world, env } = await prepare(
      'secret',
      'node',
      'entra-logs.mjs',
      'many-rows:9000,throttled,unthrottled',
    );
    // Milliseconds in the place of seconds: no test waits.
    const changed = (await world.read('entra-logs.mjs')).replace('wait(1000 * ', 'wait(');
    await writeFile(join(world.folder, 'entra-logs.mjs'), changed);
    const options = { cwd: world.folder, env };
    const ended = await run(process.execPath, ['entra-logs.mjs', 'signIns', '1000'], options);
    expect([ended.code, ended.stderr]).toEqual([0, '']);
    const asked = world.sandbox.requests.filter(({ url }) => url.includes('/auditLogs/signIns'));
    expect(asked.map(({ status }) => status)).toContain(429);
    expect(new Set(idsIn(ended.stdout)).size).toBeGreaterThan(8_900);
  }, 60_000);

  it.skipIf(!hasJq)(
    titled('for curl keep secret, token and rows to their owner, and leave none behind', hasJq, 'curl or jq'),
    async () => {
      const { world, env } = await prepare('secret', 'curl', 'entra-logs.sh');
      const scratch = join(world.folder, 'scratch');
      await mkdir(scratch);
      // What lies there while the rows are asked for: kept aside by the program that asks.
      const text = await world.read('entra-logs.sh');
      const spied = text.replace('ask() {', 'ask() { find "$TMPDIR" -printf "%m %y\\n" >> modes.txt;');
      expect(spied).not.toBe(text);
      await writeFile(join(world.folder, 'entra-logs.sh'), `umask 022\n${spied}`);
      const options = { cwd: world.folder, env: { ...env, TMPDIR: scratch } };
      const ended = await run('bash', ['entra-logs.sh', 'signIns'], options);
      expect([ended.code, ended.stderr]).toEqual([0, '']);
      const modes = (await world.read('modes.txt')).trim().split('\n');
      expect([...new Set(modes.filter((line) => line !== '755 d'))].sort()).toEqual(['600 f', '700 d']);
      expect(await readdir(scratch)).toEqual([]);
      const left = (await readdir(world.folder)).filter((name) => name.startsWith('entra-signIns'));
      expect(left).toEqual(['entra-signIns.state.json']);
      expect(await modeOf(world, 'entra-signIns.state.json')).toBe(0o600);
    },
    60_000,
  );

  it('ask what documented operators allow', async () => {
    const { world, env } = await prepare('secret', 'node', 'entra-logs.mjs', 'strict-filters');
    const ended = await run(process.execPath, ['entra-logs.mjs', 'signIns'], { cwd: world.folder, env });
    expect([ended.code, ended.stderr]).toEqual([0, '']);
  });

  it('stop where the next page lies on another host', async () => {
    const { world, env } = await prepare('secret', 'node', 'entra-logs.mjs');
    const changed = (await world.read('entra-logs.mjs')).replace(
      "url = page['@odata.nextLink'];",
      "url = 'https://elsewhere.example/next';",
    );
    await writeFile(join(world.folder, 'entra-logs.mjs'), changed);
    const ended = await run(process.execPath, ['entra-logs.mjs'], { cwd: world.folder, env });
    expect(ended.code).not.toBe(0);
    expect(ended.stderr).toContain('The next page lies on another host.');
  });
});
