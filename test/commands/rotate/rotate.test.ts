import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { everyFault } from '../../../src/sandbox/index.ts';
import { makeDue, replacedIn, retire } from '../../helpers/replaced.ts';
import { spoil } from '../../helpers/spoiled-replies.ts';
import { createWorld, type Run, type World } from '../../helpers/world.ts';

const day = 86_400_000;
const setup = ['--sandbox', '--yes', '--json'];
const rotate = ['rotate', '--sandbox', '--yes', '--json'];

interface Row {
  readonly keyId: string;
  readonly lastUsed: { at: string; ipAddress: string | null; count: number | null } | null;
  readonly retired: boolean;
  readonly reason: string;
}

const rows = (run: Run): readonly Row[] => (run.json() as unknown as { previous: Row[] }).previous;
const reasons = (run: Run): string[] => rows(run).map(({ retired, reason }) => `${retired} ${reason}`);

const own = ({ sandbox }: World) => {
  const found = sandbox.tenant.applications.find(({ uniqueName }) => uniqueName === 'reporting-setup');
  if (found === undefined) throw new Error('There is no application.');
  return found;
};
const keyIds = (world: World): string[] =>
  [...own(world).passwordCredentials, ...own(world).keyCredentials].map(({ keyId }) => keyId);
const heldId = async (world: World): Promise<string> =>
  ((await world.config())['credential'] as { keyId: string }).keyId;

async function ready(...scenarios: string[]): Promise<World> {
  const world = await createWorld({ scenarios: scenarios.length > 0 ? scenarios : ['default'] });
  expect((await world.run(setup)).code).not.toBe(1);
  world.pass(60_000);
  world.newWrites();
  return world;
}

/** The lines of a run without how they were wrapped. */
const flat = (text: string): string => text.replace(/\s+/g, ' ');

describe('rotate, night after night', () => {
  it('does nothing, then rotates once, then retires once', async () => {
    const world = await ready();
    const [old = ''] = keyIds(world);
    const asked = world.sandbox.requests.length;
    const nothing = await world.run(['rotate', '--sandbox', '--if-expires-within', '30d', '--json']);
    expect([nothing.code, world.sandbox.requests.length - asked]).toEqual([0, 0]);
    expect(nothing.json().changes).toMatchObject([{ action: 'keep', id: old }]);
    const due = ['rotate', '--sandbox', '--if-expires-within', '3y', '--yes', '--json'];
    const once = await world.run(due);
    expect([once.code, reasons(once)]).toEqual([0, ['false overlap']]);
    expect(rows(once)[0]?.lastUsed?.ipAddress).toBe('127.0.0.1');
    const held = await heldId(world);
    expect(keyIds(world).sort()).toEqual([old, held].sort());
    const [entry] = await replacedIn(world);
    expect(Date.parse(entry?.retireAfter ?? '') - Date.parse(entry?.replacedAt ?? '')).toBe(7 * day);
    expect((await world.run(['verify', '--sandbox', '--json'])).json().checks).toContainEqual(
      expect.objectContaining({ id: 'credential.previous', status: 'pass' }),
    );
    const before = world.sandbox.requests.length;
    expect((await world.run(retire)).code).toBe(0);
    expect(world.sandbox.requests.length).toBe(before);
    world.pass(7 * day + 60_000);
    const warned = await world.run(['verify', '--sandbox', '--json']);
    expect(warned.code).toBe(6);
    const finding = warned.json().checks.find(({ id }) => id === 'credential.previous');
    expect([finding?.status, finding?.code]).toEqual(['warn', 'credential-replaced']);
    expect(finding?.remedy).toContain('reporting-setup rotate --sandbox --if-expires-within 30d --yes');
    const gone = await world.run(retire);
    expect([gone.code, reasons(gone), keyIds(world)]).toEqual([0, ['true unused'], [held]]);
    expect(flat(gone.stderr)).toContain('work for up to an hour more');
    expect(await replacedIn(world)).toEqual([]);
    world.newWrites();
    expect((await world.run(retire)).code).toBe(0);
    expect(world.newWrites()).toEqual([]);
  });

  it('keeps what somebody still uses, and says from where, when and how often', async () => {
    const world = await ready();
    const config = await world.config();
    await world.run(rotate);
    await makeDue(world);
    // A collector that was forgotten: the credential of before, under another name.
    await writeFile(join(world.folder, 'forgotten.json'), JSON.stringify(config), { mode: 0o600 });
    await world.run(['verify', '--sandbox', '--config', 'forgotten.json']);
    world.pass(60_000);
    const kept = await world.run(retire);
    expect([kept.code, reasons(kept)]).toEqual([6, ['false in-use']]);
    expect(rows(kept)[0]?.lastUsed).toMatchObject({ ipAddress: '127.0.0.1', count: 1 });
    expect(flat(kept.stderr)).toMatch(/still used; last used \S+ \S+ UTC from 127\.0\.0\.1, 1 time/);
    expect(keyIds(world)).toHaveLength(2);
    world.pass(3 * day);
    expect(reasons(await world.run(retire))).toEqual(['true unused']);
  });

  it('makes one although several stay, and removes each by its own time', async () => {
    const world = await ready();
    await world.run([...rotate, '--overlap', '1d']);
    world.pass(2 * day);
    const second = await world.run([...rotate, '--overlap', '30d']);
    expect(reasons(second)).toEqual(['true unused', 'false overlap']);
    expect(keyIds(world)).toHaveLength(2);
    const third = await world.run([...rotate, '--overlap', '0']);
    expect(reasons(third)).toEqual(['false overlap', 'true no-overlap']);
    expect(await replacedIn(world)).toHaveLength(1);
  });
});

describe('rotate and what it may know', () => {
  it('asks no log where nothing is to stay, and says that tokens live on', async () => {
    const world = await ready();
    const before = world.sandbox.requests.length;
    const run = await world.run([...rotate, '--overlap', '0']);
    expect([run.code, reasons(run)]).toEqual([0, ['true no-overlap']]);
    expect(world.sandbox.requests.slice(before).filter(({ url }) => url.startsWith('/beta/'))).toEqual([]);
    expect(keyIds(world)).toEqual([await heldId(world)]);
    expect(flat(run.stderr)).toContain('work for up to an hour more');
  });

  it('removes where there is no licence to look, and says that nobody could tell', async () => {
    const world = await ready('no-premium');
    await world.run(rotate);
    await makeDue(world);
    const run = await world.run(retire);
    expect([run.code, reasons(run), rows(run)[0]?.lastUsed]).toEqual([6, ['true unknowable'], null]);
    expect(keyIds(world)).toHaveLength(1);
  });

  it('keeps what the report of credentials shows as used, licence or not', async () => {
    const world = await ready('no-premium');
    const config = await world.config();
    await world.run(rotate);
    await makeDue(world);
    await writeFile(join(world.folder, 'forgotten.json'), JSON.stringify(config), { mode: 0o600 });
    await world.run(['verify', '--sandbox', '--config', 'forgotten.json']);
    world.pass(60_000);
    const run = await world.run(retire);
    expect([run.code, reasons(run)]).toEqual([6, ['false in-use']]);
    expect(rows(run)[0]?.lastUsed).toMatchObject({ ipAddress: null, count: null });
  });

  it('keeps it while nobody can look, which may pass', async () => {
    const world = await ready();
    await world.run(rotate);
    await makeDue(world);
    world.sandbox.faults.add({
      matches: ({ kind, request }) => kind === 'graph' && request.url.pathname.startsWith('/beta/'),
      fault: everyFault['status-503'],
      when: 'before',
    });
    const run = await world.run(retire);
    expect([run.code, reasons(run), keyIds(world).length]).toEqual([7, ['false logs-unavailable'], 2]);
    world.sandbox.faults.clear();
    expect(reasons(await world.run(retire))).toEqual(['true unused']);
  });

  it('keeps it where a row does not tell whether its sign-in succeeded', async () => {
    const world = await ready();
    const [old = ''] = keyIds(world);
    await world.run(rotate);
    await makeDue(world);
    const row = { createdDateTime: new Date().toISOString(), ipAddress: '203.0.113.7', status: null };
    const value = [{ ...row, servicePrincipalCredentialKeyId: old, federatedCredentialId: null }];
    spoil(world, { path: /\/beta\/auditLogs\/signIns$/, rewrite: (body) => ({ ...body, value }) });
    const run = await world.run(retire);
    expect([run.code, reasons(run), keyIds(world).length]).toEqual([7, ['false logs-unavailable'], 2]);
    expect(flat(run.stderr)).toContain('does not tell whether it succeeded');
  });

  it('forgets what somebody else removed, at any time', async () => {
    const world = await ready();
    const [old = ''] = keyIds(world);
    await world.run(rotate);
    const application = own(world);
    application.passwordCredentials = application.passwordCredentials.filter(({ keyId }) => keyId !== old);
    world.newWrites();
    await makeDue(world);
    const run = await world.run(retire);
    expect([run.code, reasons(run), world.newWrites()]).toEqual([0, ['true gone'], []]);
    expect(await replacedIn(world)).toEqual([]);
  });

  it('shows the last use of each key in a dry run, and writes nothing', async () => {
    const world = await ready();
    await world.run(rotate);
    await makeDue(world);
    await world.run(['verify', '--sandbox']);
    world.pass(60_000);
    const [text, held] = [await world.read(), await heldId(world)];
    world.newWrites();
    const run = await world.run(['rotate', '--sandbox', '--dry-run', '--json']);
    expect([run.code, world.newWrites(), await world.read()]).toEqual([0, [], text]);
    expect(reasons(run)).toEqual(['false unused']);
    const shown = flat(run.stderr);
    expect(shown).toContain(`(key ID ${held}), in the file: last used`);
    expect(shown).toContain('no use in the last 48 hours is in the log, whose rows come late');
  });

  it('touches nothing that the file does not name', async () => {
    const world = await createWorld();
    await world.run([...setup, '--output', 'elsewhere.json']);
    const [foreign = ''] = keyIds(world);
    world.pass(60_000);
    await world.run(setup);
    world.pass(60_000);
    await world.run([...rotate, '--overlap', '0']);
    expect(keyIds(world)).toContain(foreign);
    expect(keyIds(world)).toHaveLength(2);
    const text = await readFile(join(world.folder, 'elsewhere.json'), 'utf8');
    expect(text).toContain(foreign);
  });

  it('works on the env format', async () => {
    const world = await createWorld();
    await world.run(['--sandbox', '--yes', '--output', '.env']);
    world.pass(60_000);
    await writeFile(join(world.folder, '.env'), `# mine\n${await world.read('.env')}OTHER=1\n`, {
      mode: 0o600,
    });
    const first = await world.run([...rotate, '--config', '.env']);
    expect(first.code).toBe(0);
    const text = await world.read('.env');
    expect(text).toMatch(/^# mine\n[\s\S]*^REPORTING_PREVIOUS='\[\{"kind":"secret"[^']*\]'$/m);
    expect(text).toContain('OTHER=1');
    expect((await world.run(['verify', '--sandbox', '--config', '.env'])).code).toBe(0);
    world.pass(8 * day);
    const due = [...rotate, '--config', '.env', '--if-expires-within', '30d'];
    expect(reasons(await world.run(due))).toEqual(['true unused']);
    expect(await world.read('.env')).not.toContain('REPORTING_PREVIOUS');
  });
});

describe('rotate with somebody there', () => {
  it('shows plan and last use, and asks once', async () => {
    const world = await ready();
    const text = await world.read();
    const no = await world.run(['rotate', '--sandbox'], { keys: [['Go ahead', 'n\r']] });
    expect([no.code, await world.read()]).toEqual([130, text]);
    const yes = await world.run(['rotate', '--sandbox'], { keys: [['Go ahead', '\r']] });
    expect(yes.code).toBe(0);
    const shown = flat(stripVTControlCharacters(yes.stderr));
    expect(shown).toMatch(/Keys .*in the file: last used .* from 127\.0\.0\.1.*Go ahead/);
    expect(shown).toMatch(/The credential is proven .*Saved the new credential in reporting-setup\.json/);
    expect((await world.run(['verify', '--sandbox', '--admin', '--json'])).json().checks).toContainEqual(
      expect.objectContaining({ id: 'app.secrets', status: 'pass' }),
    );
    await makeDue(world);
    const asked = ['rotate', '--sandbox', '--if-expires-within', '30d'];
    const kept = await world.run(asked, { keys: [['Remove what was replaced', 'n\r']] });
    expect([kept.code, keyIds(world).length]).toEqual([130, 2]);
    const gone = await world.run(asked, { keys: [['Remove what was replaced', '\r']] });
    expect([gone.code, keyIds(world).length]).toEqual([0, 1]);
  });

  it('keeps a second one out while it is under way', async () => {
    let second: Run | undefined;
    let meet: World | undefined;
    const world = await createWorld({
      latency: 1,
      sleep: async () => {
        const here = meet;
        if (here?.sandbox.requests.at(-1)?.kind !== 'graph') return;
        meet = undefined;
        second = await here.run(rotate);
      },
    });
    expect((await world.run(setup)).code).toBe(0);
    world.pass(60_000);
    meet = world;
    expect((await world.run(rotate)).code).toBe(0);
    expect([second?.code, second?.json().error?.code]).toEqual([3, 'output-locked']);
    expect(keyIds(world)).toHaveLength(2);
  });
});

describe('rotate that is cut', () => {
  it('leaves the file as it is while the new one is not proven, and goes on', async () => {
    const world = await ready();
    const text = await world.read();
    world.sandbox.faults.add({
      matches: ({ kind, request }) =>
        kind === 'graph' && request.url.pathname.endsWith('/$batch') && request.body.includes('auditLogs'),
      fault: everyFault['status-503'],
      when: 'before',
    });
    const stopped = await world.run(rotate, {
      onStop: (stop) =>
        world.sandbox.faults.add({
          matches: ({ kind, request }) => {
            if (kind === 'entra' && request.url.pathname.endsWith('/token') && keyIds(world).length > 1)
              stop();
            return false;
          },
          fault: everyFault.reset,
          when: 'before',
        }),
    });
    expect(stopped.code).toBe(130);
    expect(await world.read()).toBe(text);
    expect(keyIds(world)).toHaveLength(2);
    world.sandbox.faults.clear();
    world.pass(60_000);
    expect((await world.run(rotate)).code).toBe(0);
    // The one whose text nobody has is gone; the old one stays beside the new one.
    expect(keyIds(world)).toHaveLength(2);
    expect((await replacedIn(world)).map(({ keyId }) => keyId)).toEqual([JSON.parse(text).credential.keyId]);
  });

  it('makes no other one where the new one is saved, and only what comes after it was cut', async () => {
    const world = await ready();
    world.sandbox.faults.add({
      matches: ({ request }) => request.url.pathname.endsWith('/removePassword'),
      fault: everyFault['status-503'],
      when: 'before',
    });
    const cut = await world.run([...rotate, '--overlap', '0']);
    expect([cut.code, reasons(cut)]).toEqual([7, ['false not-removed']]);
    const held = await heldId(world);
    world.sandbox.faults.clear();
    world.pass(60_000);
    const next = await world.run([...rotate, '--overlap', '0']);
    expect([next.code, reasons(next), await heldId(world)]).toEqual([0, ['true no-overlap'], held]);
    expect(keyIds(world)).toEqual([held]);
  });
});
