import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createWorld, type World } from '../../helpers/world.ts';

const day = 86_400_000;

async function ready(): Promise<World> {
  const world = await createWorld();
  expect((await world.run(['--sandbox', '--yes'])).code).toBe(0);
  world.pass(60_000);
  world.newWrites();
  return world;
}

const statusOf = (run: { json: () => { checks: readonly { id: string; status: string }[] } }, id: string) =>
  run.json().checks.find((check) => check.id === id)?.status;

describe('verify', () => {
  it('asks Microsoft Graph for everything at once', async () => {
    const world = await ready();
    const before = world.sandbox.requests.length;
    await world.run(['verify', '--sandbox']);
    const asked = world.sandbox.requests
      .slice(before)
      .map(({ method, url }) => `${method} ${url.split('?')[0]}`);
    expect(asked.filter((line) => line.includes('/v1.0/')).sort()).toEqual([
      'GET /v1.0/',
      'POST /v1.0/$batch',
    ]);
  });

  it('passes on what setup made, and writes nothing', async () => {
    const world = await ready();
    const run = await world.run(['verify', '--sandbox', '--json']);
    expect(run.json().checks.filter(({ status }) => status !== 'pass')).toEqual([]);
    expect(run.code).toBe(0);
    expect(run.json().tenant?.['displayName']).toBe('Contoso');
    expect(run.json().checks.map(({ id }) => id)).toEqual(
      expect.arrayContaining([
        'network.authority',
        'network.graph',
        'licence.premium',
        'app.application',
        'app.servicePrincipal',
        'permission.AuditLog.Read.All',
        'permission.Directory.Read.All',
        'permission.excess',
        'credential.token',
        'credential.expiry',
        'config.file',
        'config.mode',
        'config.git',
        'api.directoryAudits',
        'api.signIns',
      ]),
    );
    expect(world.newWrites()).toEqual([]);
  });

  it('says what to do without a file', async () => {
    const world = await createWorld();
    const run = await world.run(['verify', '--sandbox', '--json']);
    expect([run.code, statusOf(run, 'config.file')]).toEqual([3, 'fail']);
    expect(run.stderr).toContain('Set one up first:\n        reporting-setup --sandbox\n');
  });

  it.each([
    ['{"version": 1, "clientSec', 'no usable configuration', 2],
    ['{"version": 9}', 'newer', 2],
  ])('refuses the file %s', async (text, words, code) => {
    const world = await createWorld();
    await writeFile(join(world.folder, 'reporting-setup.json'), text, { mode: 0o600 });
    const run = await world.run(['verify', '--sandbox', '--json']);
    expect(run.code).toBe(code);
    expect(run.stderr).toContain(words);
  });

  it.each([
    ['tenantId', '11111111-2222-4333-8444-555555555555', 'verify', 'Check tenantId and cloud in the file'],
    ['cloud', 'usgov', 'setup', 'Choose another file with --output'],
  ])('tells what to do about a file whose %s is %s, in %s', async (name, value, command, words) => {
    const world = await ready();
    const text = JSON.stringify({ ...(await world.config()), [name]: value });
    await writeFile(join(world.folder, 'reporting-setup.json'), text, { mode: 0o600 });
    const run = await world.run([command, '--sandbox', '--json', ...(command === 'setup' ? ['--yes'] : [])]);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain(words);
    expect(run.stderr).not.toContain('spelling of --tenant');
    expect(world.newWrites()).toEqual([]);
  });

  it('fails on a file that others can read, and still checks the rest', async () => {
    const world = await ready();
    await chmod(join(world.folder, 'reporting-setup.json'), 0o644);
    const run = await world.run(['verify', '--sandbox', '--json']);
    expect([run.code, statusOf(run, 'config.mode'), statusOf(run, 'api.signIns')]).toEqual([
      3,
      'fail',
      'pass',
    ]);
  });

  it('fails when the secret was removed in the tenant', async () => {
    const world = await ready();
    for (const application of world.sandbox.tenant.applications) application.passwordCredentials = [];
    const run = await world.run(['verify', '--sandbox', '--json']);
    expect([run.code, statusOf(run, 'credential.token')]).toEqual([3, 'fail']);
  });

  it('fails when a permission was taken back', async () => {
    const world = await ready();
    const { tenant } = world.sandbox;
    const audit = 'b0afded3-3588-46d8-8b3d-9842eff778da';
    tenant.appRoleAssignments = tenant.appRoleAssignments.filter(({ appRoleId }) => appRoleId !== audit);
    const run = await world.run(['verify', '--sandbox', '--json']);
    expect([run.code, statusOf(run, 'permission.AuditLog.Read.All')]).toEqual([3, 'fail']);
  });

  it('warns in time, and fails when it is too late', async () => {
    const world = await ready();
    const early = await world.run(['verify', '--sandbox', '--json', '--expires-within', '3y']);
    expect([early.code, statusOf(early, 'credential.expiry')]).toEqual([6, 'warn']);
    world.pass(800 * day);
    const late = await world.run(['verify', '--sandbox', '--json']);
    expect([late.code, statusOf(late, 'credential.expiry')]).toEqual([3, 'fail']);
  });
});
