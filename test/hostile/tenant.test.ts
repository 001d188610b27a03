import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { describe, expect, it } from 'vitest';
import type { Tenant } from '../../src/sandbox/index.ts';
import { createWorld, type Run, type World } from '../helpers/world.ts';
import { dangers, tricks, withoutColours } from './texts.ts';

/** Puts a text into every name that a tenant has. */
function poison(value: unknown, trick: string): void {
  if (Array.isArray(value)) for (const item of value) poison(item, trick);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, held] of Object.entries(value)) {
      if (key === 'displayName' && typeof held === 'string') Reflect.set(value, key, `${held}${trick}`);
      else poison(held, trick);
    }
  }
}

/** Names of people and of applications go into tokens, and those into headers: there the longest would not fit. */
const poisoned = (trick: string): Promise<World> =>
  createWorld({
    adjust: (tenant: Tenant) =>
      poison(trick.length > 2_000 ? { ...tenant, users: [], servicePrincipals: [] } : tenant, trick),
  });

function expectHarmless({ stdout, stderr }: Run): void {
  expect(dangers(withoutColours(stderr))).toEqual([]);
  expect(dangers(stdout)).toEqual([]);
  const lines = stderr.split('\n');
  const forged = /^\s*(✔|✖|→) (All is well|Everything failed|Run: curl|Done|next line)/;
  expect(lines.filter((line) => forged.test(line))).toEqual([]);
}

describe('a tenant whose names play tricks', () => {
  const all = tricks.join(' ');

  it.each([
    ['every trick', all],
    ['ten thousand letters', 'x'.repeat(10_000)],
    ['nothing but line breaks', '\n\r\n\r'],
  ])('%s: setup, again and verify end as ever', async (_name, trick) => {
    const world = await poisoned(trick);
    for (const argv of [
      ['--sandbox', '--dry-run'],
      ['--sandbox', '--yes', '--json'],
      ['--sandbox', '--yes', '--debug', '--json'],
      ['verify', '--sandbox', '--json'],
    ]) {
      const run = await world.run(argv, { columns: 40 });
      expect([argv, run.code]).toEqual([argv, 0]);
      expectHarmless(run);
      if (argv.includes('--json')) expect(run.json().ok).toBe(true);
      world.pass(60_000);
    }
  });

  it('shows them in colour without harm', async () => {
    const world = await poisoned(all);
    const run = await world.run(['--sandbox', '--yes'], { env: { FORCE_COLOR: '1' } });
    expect(run.code).toBe(0);
    expectHarmless(run);
  });
});

describe('the hand-off of a tenant whose names play tricks', () => {
  it('makes no link, no line and no command of them, and tells the whole command', async () => {
    const world = await createWorld({ scenarios: ['app-admin'] });
    const name = '[Approve](https://evil.example) <img src=x> ` $(id)';
    world.sandbox.tenant.displayName = `Contoso\n# ${name}`;
    const run = await world.run(['--sandbox', 'app-admin', '--yes', '--app-name', name]);
    expect(run.code).toBe(5);
    const text = await world.read('reporting-setup.json.consent.md');
    expect(text).toContain("Application: `[Approve](https://evil.example) <img src=x> ' $(id)`, client ID");
    expect(text).toContain('Tenant: `Contoso # [Approve]');
    expect(text.split('\n').filter((line) => line.startsWith('#'))).not.toContainEqual(
      expect.stringContaining('Approve'),
    );
    const again = `reporting-setup --sandbox app-admin --yes --app-name '${name}'`;
    expect(text).toContain(`\n    ${again}\n`);
    expect(run.stderr.replace(/\s+/g, ' ')).toContain(`When consent has been given: ${again}`);
  });
});

const names = [
  `O'Brien "x"`,
  "'' or displayName ne '",
  '$HOME $(id) `id` \\n \\',
  '# = ; & | < > % ! ~ * ?',
  '{"a": [1]} , }',
  'Ünïcödé 漢字 👩‍👩‍👧‍👦',
  'x'.repeat(120),
];

describe('names on the command line that play tricks', () => {
  it.each(names)('%s as application and as secret', async (name) => {
    const world = await createWorld();
    for (const [output, format] of [
      ['out.json', 'json'],
      ['out.env', 'env'],
    ] as const) {
      const argv = [
        '--sandbox',
        '--yes',
        '--json',
        '--output',
        output,
        '--app-name',
        name,
        '--secret-name',
        name,
      ];
      const run = await world.run([...argv, '--format', format]);
      expect([run.code, run.json().error]).toEqual([0, undefined]);
      expectHarmless(run);
      world.pass(60_000);
      const verify = await world.run(['verify', '--sandbox', '--json', '--config', output]);
      expect(verify.code).toBe(0);
      world.pass(60_000);
      const again = await world.run([...argv, '--format', format]);
      expect(again.json().changes.every(({ action }) => action === 'keep')).toBe(true);
      world.pass(60_000);
    }
    const [application] = world.sandbox.tenant.applications.filter(
      ({ uniqueName }) => uniqueName === 'reporting-setup',
    );
    expect(application?.displayName).toBe(name);
    expect(application?.passwordCredentials.map(({ displayName }) => displayName)).toEqual([name, name]);
    const config = await world.config('out.json');
    expect(config).toMatchObject({ credential: { displayName: name } });
    const env = parse(await readFile(join(world.folder, 'out.env'), 'utf8'));
    expect(env['AZURE_CLIENT_ID']).toBe(config['clientId']);
    expect(decodeURIComponent(env['REPORTING_CREDENTIAL_NAME'] ?? '')).toBe(name);
  });

  it.each(['a\nb', 'a\u001b[2Jb', 'x'.repeat(257), ' '])('refuses %j', async (name) => {
    const world = await createWorld();
    const run = await world.run(['--sandbox', '--yes', '--app-name', name]);
    expect(run.code).toBe(2);
    expectHarmless(run);
    expect(world.sandbox.requests).toEqual([]);
  });
});
