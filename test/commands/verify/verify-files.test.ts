import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProcess, startTenants, type Tenants } from '../../helpers/tenants.ts';
import { createWorld } from '../../helpers/world.ts';
import { type Built, build } from '../../pty/built.ts';

interface Document {
  readonly ok: boolean;
  readonly exitCode: number;
  readonly summary: Readonly<Record<string, number>>;
  readonly results: readonly {
    readonly path: string;
    readonly exitCode: number;
    readonly tenant?: { readonly id: string };
    readonly checks: readonly { readonly id: string; readonly status: string; readonly code?: string }[];
  }[];
  readonly error?: { readonly code: string; readonly message: string };
}

const documentIn = (stdout: string): Document => JSON.parse(stdout);

async function worldWithFiles(names: readonly string[]) {
  const world = await createWorld();
  expect((await world.run(['--yes', '--sandbox'])).code).toBe(0);
  // What setup itself read of the logs no longer counts towards their limit.
  world.pass(10_000);
  const text = await world.read();
  for (const name of names) await writeFile(join(world.folder, name), text, { mode: 0o600 });
  return world;
}

describe('verify of several files', () => {
  it('keeps the document of a single file as it was, and gives several one of their own', async () => {
    const world = await worldWithFiles(['a.json', 'b.json']);
    const one = await world.run(['verify', '--sandbox', '--json', '--config', 'a.json']);
    expect(JSON.parse(one.stdout)).not.toHaveProperty('results');
    const named = await world.run([
      'verify',
      '--sandbox',
      '--json',
      '--config',
      'b.json',
      '--config',
      'a.json',
    ]);
    const { results, ...head } = documentIn(named.stdout);
    expect(head).toEqual({
      ...{ schemaVersion: 1, command: 'verify', ok: true, exitCode: 0 },
      summary: { total: 2, pass: 2, attention: 0, fail: 0, unavailable: 0 },
    });
    expect(results.map(({ path }) => relative(world.folder, path))).toEqual(['b.json', 'a.json']);
    const { path: _path, ...single } = results[1] ?? { path: '' };
    expect(Object.keys(single)).toEqual(Object.keys(JSON.parse(one.stdout)));
    const unquoted = await world.run(['verify', '--sandbox', '--json', '--config', 'a.json', 'b.json']);
    expect(documentIn(unquoted.stdout).summary['total']).toBe(2);
  });

  it('expands a pattern, and answers in the same form where one file matches', async () => {
    const world = await worldWithFiles(['a.json', 'b.json', 'c.env']);
    const all = await world.run(['verify', '--sandbox', '--json', '--config', '[ab].json']);
    expect(documentIn(all.stdout).results).toHaveLength(2);
    const one = await world.run(['verify', '--sandbox', '--json', '--config', 'a*.json']);
    expect(documentIn(one.stdout).results).toHaveLength(1);
  });

  it('takes a name with a star for a file where there is one', async () => {
    const world = await worldWithFiles(['[ab].json', 'a.json']);
    const { stdout } = await world.run(['verify', '--sandbox', '--json', '--config', '[ab].json']);
    expect(JSON.parse(stdout)).not.toHaveProperty('results');
  });

  it('refuses patterns that match nothing, naming each', async () => {
    const world = await worldWithFiles(['a.json']);
    const argv = [
      'verify',
      '--sandbox',
      '--json',
      '--config',
      'x/*.json',
      '--config',
      'a.json',
      '--config',
      'y*',
    ];
    const { code, stdout } = await world.run(argv);
    expect([code, documentIn(stdout).error?.message]).toEqual([
      2,
      '--config: no file matches "x/*.json", "y*"',
    ]);
  });

  it.each([['0'], ['65'], ['many']])('refuses --concurrency %s', async (count) => {
    const world = await createWorld();
    const { code, stderr } = await world.run(['verify', '--concurrency', count]);
    expect([code, stderr.includes('a number from 1 to 64')]).toEqual([2, true]);
  });

  it('refuses --admin, for which somebody would sign in again and again', async () => {
    const world = await worldWithFiles(['a.json', 'b.json']);
    const { code, stderr } = await world.run(['verify', '--admin', '--sandbox', '--config', '*.json']);
    expect([code, stderr.includes('--admin goes with one file at a time')]).toEqual([2, true]);
  });

  it('goes on whatever one of them says, and ends with the code that most needs somebody', async () => {
    const world = await worldWithFiles(['a.json', 'b.json', 'c.json']);
    await writeFile(join(world.folder, 'a.json'), '{', { mode: 0o600 });
    const wrong = (await world.read('b.json')).replace(/("clientSecret": ")[^"]*/, '$1not-the-secret-at-all');
    await writeFile(join(world.folder, 'b.json'), wrong, { mode: 0o600 });
    const argv = ['verify', '--sandbox', '--json', '--config', '?.json', '--config', 'none.json'];
    const { code, stdout, stderr } = await world.run(argv);
    const { results, summary } = documentIn(stdout);
    expect(results.map(({ exitCode }) => exitCode)).toEqual([2, 3, 0, 3]);
    expect([code, summary]).toEqual([2, { total: 4, pass: 1, attention: 0, fail: 3, unavailable: 0 }]);
    const rows = stderr.split('\n').filter((line) => /^ {2}\S+ +\S+\.json/.test(line));
    expect(rows.map((row) => row.trim().split(/ +/).slice(0, 2))).toEqual([
      ['✖', 'a.json'],
      ['✖', 'b.json'],
      ['✖', 'none.json'],
      ['✔', 'c.json'],
    ]);
    expect(stderr).toContain('3 do not pass, 1 passes');
    // What cannot be read has told all in its row.
    expect(stderr).toContain('reporting-setup verify --sandbox --config b.json');
    const issued = [...world.sandbox.issued].filter((secret) => (stdout + stderr).includes(secret));
    expect(issued).toEqual([]);
  });

  it('waits rather than ask too often where several files are of one application', async () => {
    const world = await worldWithFiles(['a.json', 'b.json', 'c.json', 'd.json']);
    const slept = world.slept();
    expect((await world.run(['verify', '--sandbox', '--config', '[abcd].json'])).code).toBe(0);
    // Eight reads at five in ten seconds.
    expect(world.slept() - slept).toBeGreaterThan(5_000);
  });

  it('shows a bar and counts on a terminal, at 40 columns as well', async () => {
    const world = await worldWithFiles(['a.json', 'b.json', 'c.json']);
    const shown = await world.run(['verify', '--sandbox', '--config', '[abc].json'], {
      keys: [],
      columns: 40,
    });
    const stderr = stripVTControlCharacters(shown.stderr);
    expect(stderr).toContain('░░░░░░░░░░ 0 of 3');
    expect(stderr).toContain('✔ Looked at 3 files');
    const plain = await world.run(['verify', '--sandbox', '--config', '[abc].json']);
    expect(plain.stderr).toContain('3 of 3');
  });

  it('tells of those that it looked at before it was stopped', async () => {
    const world = await worldWithFiles(['a.json', 'b.json', 'c.json', 'd.json']);
    let stop = (): void => undefined;
    const { code, stdout } = await world.run(
      ['verify', '--sandbox', '--json', '--concurrency', '1', '--config', '[abcd].json'],
      { onStop: (given) => (stop = given), onSleep: () => stop() },
    );
    const { results, summary, error } = documentIn(stdout);
    expect([code, error?.code]).toEqual([130, 'cancelled']);
    expect([results.length, summary['total'], summary['pass']]).toEqual([2, 4, 2]);
  });
});

describe('verify of many tenants', () => {
  let built: Built;
  let folder: string;
  let tenants: Tenants;

  beforeAll(async () => {
    built = await build();
    folder = await mkdtemp(join(tmpdir(), 'reporting-setup-fleet-'));
    tenants = await startTenants(16, { program: built.program, folder });
  }, 120_000);

  afterAll(async () => {
    await tenants?.stop();
    await built?.remove();
    await rm(folder, { recursive: true, force: true });
  });

  it('looks at each in one process, and one that is gone stops none', async () => {
    await tenants.sandboxes[6]?.stop();
    const argv = [
      built.program,
      'verify',
      '--json',
      '--config',
      '*.json',
      '--concurrency',
      '16',
      '--timeout',
      '5m',
    ];
    const { code, stdout, stderr } = await runProcess(process.execPath, argv, {
      cwd: folder,
      env: tenants.env,
    });
    const { results, summary } = documentIn(stdout);
    expect([code, summary]).toEqual([7, { total: 16, pass: 15, attention: 0, fail: 0, unavailable: 1 }]);
    expect(results[6]?.exitCode).toBe(7);
    // What could not be looked at is not said to be broken, and what passes comes behind it.
    expect(stderr).toMatch(/Files\n {2}○ \S+\.json[\s\S]*could\s+not\s+be\s+checked[\s\S]*\[unreachable\]/);
    expect(stderr).toContain('1 could not be checked, 15 pass\n');
    expect(stderr).not.toMatch(/✖|MaxListeners|Warning/);
    const ids = results.map(({ tenant }) => tenant?.id);
    expect(ids).toEqual(tenants.sandboxes.map(({ tenantId }) => tenantId));
    const { clientSecret } = JSON.parse(await readFile(tenants.files[0] ?? '', 'utf8'));
    expect(stdout).not.toContain(clientSecret);
    // Each tenant was asked in its own name: a token of one is refused by every other.
    for (const { requests, crashes } of tenants.sandboxes.filter((_one, index) => index !== 6)) {
      expect(requests.filter(({ status, url }) => status >= 400 && url !== '/v1.0/')).toEqual([]);
      expect(crashes).toEqual([]);
    }
  }, 120_000);
});
