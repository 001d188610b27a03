import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { everyFault } from '../../src/sandbox/index.ts';
import { secretNotes } from '../helpers/secret-notes.ts';
import { createWorld, type Run, type World } from '../helpers/world.ts';

const argv = ['--sandbox', '--yes', '--json'];
const verify = ['verify', '--sandbox', '--json'];
const path = (world: World, name = 'reporting-setup.json'): string => join(world.folder, name);
const secrets = ({ sandbox }: World) =>
  sandbox.tenant.applications.find(({ uniqueName }) => uniqueName === 'reporting-setup')
    ?.passwordCredentials ?? [];
const checkOf = (run: Run, id: string) => run.json().checks.find((check) => check.id === id);

/** Changes a text in Microsoft Graph's replies to requests whose path ends so. */
function forge(world: World, ending: string, change: (body: string) => string): void {
  world.sandbox.faults.add({
    when: 'after',
    fault: everyFault.reset,
    matches: ({ request, reply }) => {
      if (request.url.pathname.endsWith(ending) && reply) {
        Object.assign(reply, { body: change(String(reply.body)) });
      }
      return false;
    },
  });
}

/** Changes the config file by hand. */
async function edit(world: World, change: (config: Record<string, unknown>) => void): Promise<void> {
  const config = await world.config();
  change(config);
  writeFileSync(path(world), JSON.stringify(config));
}

describe('what Microsoft Graph answers', () => {
  it.each([
    ['an end that is no date', /"endDateTime":"[^"]+"/, '"endDateTime":"2028-13-45T00:00:00Z"'],
    ['an end that is no text of ours', /"endDateTime":"[^"]+"/, '"endDateTime":"never"'],
    ['an id that is none', /"keyId":"[^"]+"/, '"keyId":"not-an-id"'],
  ])('is not saved where verify would refuse it: %s', async (_what, pattern, value) => {
    const world = await createWorld();
    forge(world, '/addPassword', (body) => body.replace(pattern, value));
    const run = await world.run(argv);
    expect(run.code).not.toBe(0);
    expect(existsSync(path(world))).toBe(false);
    world.sandbox.faults.clear();
    world.pass(60_000);
    expect((await world.run(argv)).code).toBe(0);
    expect(secrets(world)).toHaveLength(1);
    expect(secretNotes(world.folder)).toEqual([]);
  });
});

describe('the domain', () => {
  it.each([
    ['an internationalised name', 'münchen.example', 'MÜNCHEN.example'],
    ['an internationalised name, asked for in ASCII', 'münchen.example', 'xn--mnchen-3ya.example'],
    ['an internationalised name in ASCII', 'xn--mnchen-3ya.example', 'münchen.example'],
    ['an underscore', '_reports.contoso.example', '_reports.contoso.example'],
    ['capitals', 'Contoso.Example', 'contoso.example'],
  ])('is saved as Microsoft Graph spells it, and read again: %s', async (_what, name, asked) => {
    const world = await createWorld();
    const { domains } = world.sandbox.tenant;
    const [first] = domains;
    if (first) domains.push({ ...first, id: name, isDefault: false, isInitial: false });
    const run = await world.run([...argv, '--domain', asked]);
    expect([run.code, (await world.config())['domain']]).toEqual([0, name]);
    world.newWrites();
    expect((await world.run(argv)).code).toBe(0);
    expect([(await world.config())['domain'], world.newWrites()]).toEqual([name, []]);
    expect((await world.run(verify)).code).toBe(0);
  });

  it('that no file can hold ends the run before anything is made', async () => {
    const world = await createWorld();
    const { domains } = world.sandbox.tenant;
    const [first] = domains;
    if (first) domains.splice(0, domains.length, { ...first, id: 'not a domain' });
    const run = await world.run(argv);
    expect([run.code, run.json().error?.code]).toEqual([2, 'output-unusable']);
    expect(run.json().error?.message).toContain('domain is not a domain name');
    expect([world.newWrites(), existsSync(path(world))]).toEqual([[], false]);
  });
});

describe('the end of a secret that works', () => {
  const past = '2020-01-01T00:00:00Z';

  it('is what the application lists, where the file says something else', async () => {
    const world = await createWorld();
    await world.run(argv);
    const before = await world.config();
    await edit(world, (config) => Object.assign(Object(config['credential']), { expires: past }));
    const seen = await world.run(verify);
    expect([seen.code, checkOf(seen, 'credential.expiry')]).toEqual([
      6,
      expect.objectContaining({
        status: 'warn',
        code: 'config-outdated',
        evidence: expect.stringContaining('the file says 2020-01-01'),
      }),
    ]);
    const run = await world.run(argv);
    expect([run.code, run.json().credential?.['expires']]).toEqual([0, Object(before['credential']).expires]);
    expect(secrets(world)).toHaveLength(1);
    expect(await world.config()).toEqual(before);
    expect((await world.run(verify)).code).toBe(0);
    expect((await world.run(argv)).json().changes.filter(({ action }) => action !== 'keep')).toEqual([]);
  });

  it('is behind us where nothing says otherwise: both verify and setup take it so', async () => {
    const world = await createWorld();
    await world.run(argv);
    const keyId = '11111111-2222-4333-8444-555555555555';
    await edit(world, (config) => Object.assign(Object(config['credential']), { expires: past, keyId }));
    const seen = await world.run(verify);
    expect([seen.code, checkOf(seen, 'credential.expiry')?.code]).toEqual([3, 'credential-expired']);
    world.pass(60_000);
    expect((await world.run(argv)).code).toBe(0);
    expect(secrets(world)).toHaveLength(2);
    expect((await world.run(verify)).code).toBe(0);
  });
});

describe("another application's settings in a .env file", () => {
  const foreign = 'AZURE_CLIENT_ID=0f8fad5b-d9cb-469f-a165-70867728950e\nOTHER=1\n';
  const toEnv = ['--sandbox', '--output', '.env'];

  it.each([
    ['alone', foreign],
    ['with a secret', `${foreign}AZURE_CLIENT_SECRET=plainly-fake\n`],
    ['a secret alone', 'AZURE_CLIENT_SECRET=plainly-fake\n'],
  ])('are not replaced where nobody is asked: %s', async (_what, text) => {
    const world = await createWorld();
    writeFileSync(path(world, '.env'), text);
    const runs = [
      await world.run([...toEnv, '--yes', '--json']),
      await world.run([...toEnv, '--dry-run', '--json']),
    ];
    for (const run of runs) {
      expect([run.code, run.json().error?.code]).toEqual([2, 'config-invalid']);
      expect(run.json().error?.remedy).toContain('--output');
    }
    expect([await readFile(path(world, '.env'), 'utf8'), world.newWrites()]).toEqual([text, []]);
  });

  it('are replaced where somebody says so, and stay where not', async () => {
    const world = await createWorld();
    writeFileSync(path(world, '.env'), foreign);
    const question = 'Replace the credential of that application in .env?';
    const no = await world.run(toEnv, { keys: [[question, '\r']] });
    expect([no.code, await readFile(path(world, '.env'), 'utf8')]).toEqual([2, foreign]);
    const yes = await world.run(
      [...toEnv, '--secret-lifetime', '1y', '--domain', 'contoso.com', '--api', 'microsoft-graph'],
      {
        keys: [
          [question, 'y\r'],
          ['Go ahead?', 'y\r'],
        ],
      },
    );
    expect(yes.code).toBe(0);
    const text = await readFile(path(world, '.env'), 'utf8');
    expect(text).toContain('OTHER=1\n');
    expect(text).not.toContain('0f8fad5b');
    expect((await world.run([...verify, '--config', '.env'])).code).toBe(0);
  });

  it('are seen where something has put them into a file of ours', async () => {
    const world = await createWorld();
    await world.run([...argv, '--output', '.env']);
    const other = world.sandbox.tenant.applications.find(
      ({ uniqueName }) => uniqueName !== 'reporting-setup',
    );
    const text = (await readFile(path(world, '.env'), 'utf8')).replace(
      /AZURE_CLIENT_ID=.*/,
      `AZURE_CLIENT_ID=${other?.appId}`,
    );
    writeFileSync(path(world, '.env'), text);
    world.newWrites();
    const run = await world.run([...argv, '--output', '.env']);
    expect([run.code, run.json().error?.code]).toEqual([2, 'config-other-application']);
    expect([await readFile(path(world, '.env'), 'utf8'), world.newWrites()]).toEqual([text, []]);
  });
});

describe('what stands where the secret should', () => {
  it.each([
    [
      "the secret's ID",
      ({ credential }: Record<string, unknown>) => String(Object(credential).keyId).toUpperCase(),
    ],
    ['the client ID', ({ clientId }: Record<string, unknown>) => String(clientId)],
    ['a mask', () => '***'],
    ['a mask of dots', () => '••••••••'],
    ['a placeholder', () => `$\{AZURE_CLIENT_SECRET}`],
    ['a placeholder of cmd', () => '%AZURE_CLIENT_SECRET%'],
    ['a placeholder of a template', () => '{{ secrets.reporting }}'],
    ['a placeholder of a workflow', () => `$\{{ secrets.REPORTING }}`],
    ['a word to replace', () => 'CHANGEME'],
    ['a word for what is hidden', () => 'REDACTED'],
    ['a word of a sample', () => 'your-client-secret'],
    ['a value that a program did not have', () => 'undefined'],
    ['a reference to a vault', () => 'op://vault/reporting/secret'],
    [
      'a reference of App Service',
      () => '@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/s)',
    ],
    ['a path', () => '/run/secrets/reporting'],
    ['a space at its end', ({ clientSecret }: Record<string, unknown>) => `${clientSecret} `],
    ['quotes within quotes', ({ clientSecret }: Record<string, unknown>) => `"${clientSecret}"`],
  ])('is told before anybody is asked: %s', async (_what, standIn) => {
    const world = await createWorld();
    await world.run(argv);
    await edit(world, (config) => Object.assign(config, { clientSecret: standIn(config) }));
    const before = world.sandbox.requests.length;
    const seen = await world.run(verify);
    expect([seen.code, checkOf(seen, 'config.file')?.code]).toEqual([2, 'config-invalid']);
    expect(checkOf(seen, 'config.file')?.evidence).toMatch(/clientSecret (is|stands|says|begins) /);
    const run = await world.run(argv);
    expect([run.code, run.json().error?.code]).toEqual([2, 'config-invalid']);
    expect(world.sandbox.requests).toHaveLength(before);
  });
});

describe('a .env file', () => {
  it('is read alike by a shell, and by docker, which knows no quotes: a secret with a tilde first', async () => {
    const world = await createWorld();
    writeFileSync(path(world, '.env'), 'OTHER=1\r\n');
    const secret = '~8Q~plainly.fake-secret_value~000000000';
    forge(world, '/addPassword', (body) =>
      body
        .replace(/"secretText":"[^"]+"/, `"secretText":"${secret}"`)
        .replace(/"hint":"[^"]+"/, `"hint":"${secret.slice(0, 3)}"`),
    );
    await world.run([...argv, '--output', '.env']);
    const text = await readFile(path(world, '.env'), 'utf8');
    expect(text).toContain('OTHER=1\r\n');
    expect(text.split(/\r?\n/)).toContain(`AZURE_CLIENT_SECRET=${secret}`);
    for (const shell of ['sh', 'bash']) {
      const script = 'cd "$1" && . ./.env && printf %s "$AZURE_CLIENT_SECRET"';
      expect(execFileSync(shell, ['-c', script, shell, world.folder], { encoding: 'utf8' })).toBe(secret);
    }
  });
});
