import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { everyFault } from '../../src/sandbox/index.ts';
import { createWorld, type World } from '../helpers/world.ts';

const argv = ['--sandbox', '--yes', '--json'];
const lock = (world: World): string => join(world.folder, 'reporting-setup.json.lock');

/** Does something to the files while the run is under way. */
function meanwhile(world: World, ending: string, change: () => void): void {
  let done = false;
  world.sandbox.faults.add({
    when: 'after',
    fault: everyFault.reset,
    matches: ({ request }) => {
      if (!done && request.url.pathname.endsWith(ending)) {
        done = true;
        change();
      }
      return false;
    },
  });
}

describe('what the job does not depend on', () => {
  it.each<[string, (path: string) => void]>([
    ['a folder has taken its place', (path) => mkdirSync(path)],
    ['a link has taken its place', (path) => symlinkSync('elsewhere', path)],
  ])('stops nothing and is told: the lock, where %s', async (_what, intrude) => {
    const world = await createWorld();
    meanwhile(world, '/addPassword', () => {
      rmSync(lock(world));
      intrude(lock(world));
    });
    const run = await world.run(argv);
    expect([run.code, run.json().ok]).toEqual([0, true]);
    expect(run.stderr.replace(/\s+/g, ' ')).toContain('could not be taken away');
    expect((await world.config()).clientSecret).not.toBe('');
  });

  it('hides no error of the job', async () => {
    const world = await createWorld();
    meanwhile(world, '/addPassword', () => {
      rmSync(lock(world));
      mkdirSync(lock(world));
      mkdirSync(join(world.folder, 'reporting-setup.json'));
    });
    const run = await world.run(argv);
    expect([run.code, run.json().error?.code]).toEqual([2, 'output-unusable']);
    expect(run.json().error?.message).toContain('reporting-setup.json cannot be written: it is a folder');
  });

  it('goes on where a killed run left what cannot be removed', async () => {
    const world = await createWorld();
    await world.run(argv);
    const digest = leftoverPrefix();
    mkdirSync(join(world.folder, `${digest}x.tmp`));
    rmSync(join(world.folder, 'reporting-setup.json'));
    world.pass(60_000);
    expect((await world.run(argv)).code).toBe(0);
  });

  it('continues by the same command after a lock that was never finished', async () => {
    const world = await createWorld();
    writeFileSync(lock(world), '');
    const run = await world.run(argv);
    expect([run.code, existsSync(lock(world))]).toEqual([0, false]);
    expect(run.stderr.replace(/\s+/g, ' ')).toContain('the unfinished lock of a run that was cut');
  });

  it('removes what killed runs left of the key and of the hand-off', async () => {
    const world = await createWorld();
    for (const name of [
      'reporting-setup.pem',
      'reporting-setup.next.pem',
      'reporting-setup.json.consent.md',
    ]) {
      writeFileSync(join(world.folder, `${leftoverPrefix(name)}x.tmp`), 'left');
    }
    expect((await world.run(argv)).code).toBe(0);
    expect(readdirSync(world.folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

/** As temporary files are called that belong to a file of that name. */
const leftoverPrefix = (name = 'reporting-setup.json'): string =>
  `.reporting-setup-${createHash('sha256').update(name).digest('hex').slice(0, 12)}-`;

describe('a JSON document that nobody gets', () => {
  it.each(['EPIPE', 'ENOSPC', 'EIO'])('is no success, and its run is done all the same: %s', async (code) => {
    const world = await createWorld();
    const run = await world.run(argv, { lostStdout: code });
    expect(run.code).toBe(1);
    expect(run.stderr).toContain(`The result could not be written to stdout (${code}).`);
    expect((await world.config()).clientSecret).not.toBe('');
    expect(existsSync(lock(world))).toBe(false);
  });

  it('keeps the exit code of a run that failed', async () => {
    const world = await createWorld({ scenarios: ['registration-disabled', 'no-roles'] });
    expect((await world.run(argv, { lostStdout: 'EPIPE' })).code).toBe((await world.run(argv)).code);
  });

  it('is none where no document was asked for', async () => {
    const world = await createWorld();
    expect((await world.run(['--sandbox', '--yes'], { lostStdout: 'EPIPE' })).code).toBe(0);
  });
});
