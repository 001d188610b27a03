import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { checkClock } from '../../src/commands/shared/clock-check.ts';
import { certificateRun, pemIn } from '../commands/setup/certificate-helpers.ts';
import { testCertificate } from '../helpers/pem.ts';
import { createWorld, type Document, type World } from '../helpers/world.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const setup = ['--sandbox', '--yes', '--json'];
const verify = ['verify', '--sandbox', '--json'];

const clockCheck = ({ checks }: Document) => checks.find(({ id }) => id === 'network.clock');
const check = ({ checks }: Document, id: string) => checks.find((finding) => finding.id === id);

const secretsIn = ({ sandbox }: World) =>
  sandbox.tenant.applications.find(({ uniqueName }) => uniqueName === 'reporting-setup')
    ?.passwordCredentials ?? [];

/** Milliseconds since 1970 by the tenant's clock. */
const tenantTime = (ahead: number): number => Date.now() - ahead;

describe('a clock that is wrong', () => {
  it.each([
    ['ten minutes ahead', 10 * minute, '10 minutes ahead of'],
    ['ten minutes behind', -10 * minute, '10 minutes behind'],
    ['three minutes ahead', 3 * minute + 2_000, '3 minutes ahead of'],
    ['nine hours behind, as a time zone', -9 * hour, '9 hours behind'],
    ['three years ahead', 1_100 * day, '1100 days ahead of'],
    ['years behind', -3_000 * day - hour, '3000 days behind'],
  ])('%s is told, and the secret is as the tenant counts', async (_name, ahead, words) => {
    const world = await createWorld({ clockAhead: ahead });
    const run = await world.run(setup);
    expect([run.code, run.json().error]).toEqual([6, undefined]);
    expect(clockCheck(run.json())).toMatchObject({ status: 'warn', code: 'clock-skewed' });
    expect(run.stderr).toContain(words);
    expect(run.stderr).toContain("Correct this machine's clock");
    // Nothing has to be waited for, and nothing is not valid yet.
    expect(world.slept()).toBeLessThan(5_000);
    const [secret] = secretsIn(world);
    expect(Date.parse(secret?.startDateTime ?? '')).toBeLessThanOrEqual(tenantTime(ahead) + 30_000);
    const years = (Date.parse(secret?.endDateTime ?? '') - tenantTime(ahead)) / (365.25 * day);
    expect(years).toBeCloseTo(2, 1);
    expect(check(run.json(), 'credential.expiry')?.evidence).toMatch(/in 7(29|30) days/);
    const checked = await world.run(verify);
    expect([checked.code, clockCheck(checked.json())?.status]).toEqual([6, 'warn']);
    expect(checked.stderr).toContain(words);
  });

  it('is no matter below two minutes', async () => {
    const world = await createWorld({ clockAhead: 100_000 });
    const run = await world.run(setup);
    expect([run.code, clockCheck(run.json())]).toEqual([0, undefined]);
    expect((await world.run(verify)).code).toBe(0);
  });

  it('makes no end date that the tenant does not allow', async () => {
    const world = await createWorld({ scenarios: ['lifetime-cap'], clockAhead: hour });
    const run = await world.run(setup);
    expect([run.code, run.json().error]).toEqual([6, undefined]);
    expect(run.json().checks.filter(({ status }) => status === 'fail')).toEqual([]);
  });

  it('does not decide what has ended', async () => {
    // By the machine's own clock the secret had ended a month before it was made.
    const world = await createWorld({ clockAhead: 90 * day });
    expect((await world.run([...setup, '--secret-lifetime', '60d'])).code).toBe(6);
    const run = await world.run(verify);
    expect(check(run.json(), 'credential.expiry')).toMatchObject({ status: 'pass' });
    expect(check(run.json(), 'credential.token')?.status).toBe('pass');
  });

  it('is named where Entra refuses what a certificate signs, at once, and what is saved stays', async () => {
    const world = await createWorld({ clockAhead: 10 * minute });
    const run = await world.run(certificateRun);
    expect(run.code).toBe(3);
    expect(check(run.json(), 'credential.token')).toMatchObject({ status: 'fail', code: 'clock-skewed' });
    expect(run.stderr).toContain("Correct this machine's clock");
    expect(run.stderr).toContain('10 minutes ahead of');
    expect(world.slept()).toBeLessThan(5_000);
    const checked = await world.run(verify);
    expect([checked.code, check(checked.json(), 'credential.token')?.code]).toEqual([3, 'clock-skewed']);
    const [saved, key] = [await world.read(), await readFile(pemIn(world), 'utf8')];
    world.newWrites();
    const again = await world.run(certificateRun);
    expect([again.code, again.json().error?.code]).toEqual([3, 'clock-skewed']);
    expect(clockCheck(again.json())?.status).toBe('warn');
    expect(world.newWrites()).toEqual([]);
    world.setClock(0);
    const right = await world.run(certificateRun);
    expect([right.code, right.json().error]).toEqual([0, undefined]);
    expect([await world.read(), await readFile(pemIn(world), 'utf8')]).toEqual([saved, key]);
  });

  it('is told with whatever else ends a run', async () => {
    const world = await createWorld({ clockAhead: 10 * minute });
    const run = await world.run([...setup, '--tenant', 'nobody.example']);
    expect(run.json().error?.code).toBe('tenant-not-found');
    expect(clockCheck(run.json())?.status).toBe('warn');
    expect(run.stderr).toContain('10 minutes ahead of');
  });

  it('takes no time from what is tried again, and none from what a date asks to wait', async () => {
    const world = await createWorld({ clockAhead: -10 * minute });
    let first = true;
    world.sandbox.faults.add({
      when: 'before',
      fault: { kind: 'status', status: 429, retryAfter: { dateAfterSeconds: 3 } },
      matches: () => {
        const hit = first;
        first = false;
        return hit;
      },
    });
    const run = await world.run(setup);
    expect([run.code, run.json().error]).toEqual([6, undefined]);
    expect(world.slept()).toBeGreaterThanOrEqual(2_000);
    expect(world.slept()).toBeLessThan(10_000);
  });

  it('does not hide a certificate that has ended from who brings it', async () => {
    const world = await createWorld({ clockAhead: -3 * day });
    const { certificate, key } = await testCertificate('rsa', {
      notBefore: new Date(Date.now() - 10 * day),
      days: 12,
    });
    await writeFile(pemIn(world, 'own.pem'), certificate + key, { mode: 0o600 });
    const run = await world.run([...certificateRun, '--certificate-file', 'own.pem']);
    expect([run.code, run.json().error?.code]).toEqual([2, 'certificate-invalid']);
    expect(run.json().error?.message).toContain('ended on');
    expect(world.newWrites()).toEqual([]);
  });
});

describe('how a clock is told', () => {
  it.each([
    [undefined, undefined],
    [0, undefined],
    [120_000, undefined],
    [-120_000, undefined],
    [121_000, 'it is 2 minutes ahead of'],
    [-125_000, 'it is 2 minutes behind'],
    [90 * minute, 'it is 1 hour and 30 minutes ahead of'],
    [-day - hour, 'it is 1 day behind'],
  ])('%s milliseconds', (ahead, words) => {
    const [finding] = checkClock(ahead);
    if (words === undefined) expect(finding).toBeUndefined();
    else expect(finding?.evidence).toContain(words);
  });
});
