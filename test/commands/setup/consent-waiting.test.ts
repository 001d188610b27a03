import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createWorld, type Typed } from '../../helpers/world.ts';
import { expectFinished, grantAll, handOffName } from './consent-helpers.ts';

/** Answers to everything that is asked before the writes. */
const defaults: readonly Typed[] = [['Go ahead?', '\r']];

describe('waiting for consent in a terminal', () => {
  it('looks again and again, proves and finishes', async () => {
    const world = await createWorld({ scenarios: ['app-admin'] });
    const waits: number[] = [];
    const run = await world.run(['--sandbox'], {
      columns: 400,
      keys: [...defaults],
      onSleep: (milliseconds) => {
        waits.push(milliseconds);
        if (waits.length === 4) grantAll(world.sandbox);
      },
    });
    expect(run.stderr).toContain('Waiting for consent to AuditLog.Read.All and Directory.Read.All');
    expect(run.stderr).toContain('Consent has been given');
    expect(run.stderr).toContain('The credential is proven');
    expect(run.stderr).toContain('Keep that file secret');
    expect(run.code).toBe(0);
    expect(waits.slice(0, 4)).toEqual([5_000, 6_250, 7_813, 9_766]);
    await expect(world.read(handOffName)).rejects.toThrow('ENOENT');
    expect((await world.run(['verify', '--sandbox'])).code).toBe(0);
  });

  it('is told in three lines at 80 and 40 columns, and is not for those who are not asked', async () => {
    const world = await createWorld({ scenarios: ['app-admin'] });
    for (const columns of [80, 40]) {
      const run = await world.run(['--sandbox', 'app-admin', '--yes'], { keys: [], columns });
      const lines = stripVTControlCharacters(run.stderr).split('\n');
      const at = lines.findIndex((line) => line.startsWith('One thing is left to do'));
      const left = lines.slice(at + 1, lines.indexOf('', at + 1) + 1 || undefined);
      expect(run.code).toBe(5);
      expect(left.filter((line) => line === `    ${handOffName}`)).toHaveLength(1);
      expect(left.some((line) => /^ {4}https:\S+adminconsent\S+$/.test(line))).toBe(true);
      expect(run.stderr).not.toMatch(/az rest|appRoleAssignedTo|Waiting for consent/);
      // It is told once, as what is left, and not as three checks that fail.
      expect(run.stderr).toMatch(/pass.*3\s+wait\s+for\s+consent/s);
      expect(run.stderr.match(/consent-pending/g)).toHaveLength(1);
    }
    expect(await world.read(handOffName)).toContain('adminconsent');
  });

  it('says in the sandbox who gives that consent, and how', async () => {
    const world = await createWorld({ scenarios: ['app-admin'] });
    const left = await world.run(['--sandbox', 'app-admin', '--yes'], { columns: 400 });
    expect(left.stderr).toContain('sign in as ada@contoso.com');
    expect(left.stderr).toMatch(
      /^ {4}reporting-setup sandbox --port 8443 --scenario app-admin --state \S+$/m,
    );
    expect(left.stderr).toMatch(/^ {4}https:\/\/127\.0\.0\.1:8443\/\S+\/adminconsent\?client_id=\S+$/m);
  });

  it('keeps everything when it is stopped', async () => {
    const world = await createWorld({ scenarios: ['app-admin'] });
    let stop = (): void => undefined;
    const run = await world.run(['--sandbox'], {
      columns: 400,
      keys: [...defaults],
      onStop: (callback) => {
        stop = callback;
      },
      onSleep: () => stop(),
    });
    expect(run.code).toBe(130);
    expect(run.stderr).toContain('Stopped waiting for consent. Everything that was done is kept.');
    expect(run.stderr).toMatch(/→ When consent has been given:\n {6}reporting-setup --sandbox\n/);
    expect(await world.read(handOffName)).toMatch(
      /^Not granted on \d{4}-\d\d-\d\d \d\d:\d\d UTC, when this was written: AuditLog/m,
    );
    expect((await world.run(['verify', '--sandbox'])).stderr).not.toContain('is out of date');
    grantAll(world.sandbox);
    world.pass(60_000);
    const verified = await world.run(['verify', '--sandbox'], { columns: 400 });
    expect(verified.stderr).toContain(`${handOffName} is out of date: what it asks for is granted.`);
    expect(verified.stderr).toContain('    reporting-setup --sandbox --yes\n');
    await expectFinished(world);
  });

  it('gives up after an hour, and says all the while why it waits', async () => {
    const world = await createWorld({ scenarios: ['app-admin'] });
    const run = await world.run(['--sandbox', '--plain'], { keys: [['Number (1)', '\r']] });
    expect(run.stderr).toContain('  Nobody has granted it yet: looking again in 5 s');
    expect(run.code).toBe(5);
    expect(run.stderr).toContain('No consent within an hour');
    expect(world.slept()).toBeGreaterThan(3_500_000);
  });
});
