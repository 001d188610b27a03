import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { makeDue, misdate, replacedIn, retire } from '../../helpers/replaced.ts';
import { createWorld, type Run, type World } from '../../helpers/world.ts';
import { count, flat, own, ready, rotate, setup } from './rotate-helpers.ts';

const self = [...rotate, '--self'];

const reasons = (run: Run): string[] =>
  (run.json() as unknown as { previous: { retired: boolean; reason: string }[] }).previous.map(
    ({ retired, reason }) => `${retired} ${reason}`,
  );
const keys = async (world: World): Promise<string[]> =>
  (await readdir(world.folder)).filter((name) => name.endsWith('.pem')).sort();

describe('rotate from one kind to another', () => {
  it('goes from a secret to a certificate and back, with the old one beside it each time', async () => {
    const world = await ready();
    const forth = await world.run([...rotate, '--credential', 'certificate']);
    expect([forth.code, count(world), await keys(world)]).toEqual([0, [1, 1], ['reporting-setup.pem']]);
    expect(await world.config()).not.toHaveProperty('clientSecret');
    await makeDue(world);
    expect(reasons(await world.run(retire))).toEqual(['true unused']);
    expect(count(world)).toEqual([0, 1]);
    const back = await world.run([...rotate, '--credential', 'secret']);
    expect([back.code, count(world), await keys(world)]).toEqual([0, [1, 1], ['reporting-setup.pem']]);
    expect(await replacedIn(world)).toMatchObject([
      { kind: 'certificate', certificatePath: join(world.folder, 'reporting-setup.pem') },
    ]);
    await makeDue(world);
    expect(reasons(await world.run(retire))).toEqual(['true unused']);
    expect([count(world), await keys(world)]).toEqual([[1, 0], []]);
    expect((await world.run(['verify', '--sandbox'])).code).toBe(0);
  });

  it('gives each certificate a file of its own, until its key ID is retired', async () => {
    const world = await ready('--credential', 'certificate');
    for (let turn = 0; turn < 2; turn += 1) expect((await world.run(rotate)).code).toBe(0);
    expect(await keys(world)).toEqual([
      'reporting-setup.next.pem',
      'reporting-setup.next2.pem',
      'reporting-setup.pem',
    ]);
    await makeDue(world);
    expect(reasons(await world.run(retire))).toEqual(['true unused', 'true unused']);
    expect([count(world), await keys(world)]).toEqual([[0, 1], ['reporting-setup.next2.pem']]);
    expect((await world.run(['verify', '--sandbox'])).code).toBe(0);
  });
});

describe('a certificate that rolls itself over', () => {
  it('needs nobody, makes one, and removes the old one with a proof of the new one', async () => {
    const world = await ready('--credential', 'certificate');
    const before = world.sandbox.requests.length;
    const run = await world.run(self);
    expect([run.code, reasons(run), count(world)]).toEqual([0, ['false overlap'], [0, 2]]);
    const asked = world.sandbox.requests.slice(before).map(({ method, url }) => `${method} ${url}`);
    expect(asked.some((line) => line.includes('devicecode'))).toBe(false);
    expect(asked.filter((line) => line.endsWith('/addKey'))).toHaveLength(1);
    const [held] = own(world).keyCredentials.slice(-1);
    expect(await world.config()).toMatchObject({
      credential: { keyId: held?.keyId },
      certificatePath: join(world.folder, 'reporting-setup.next.pem'),
    });
    await makeDue(world);
    const gone = await world.run([...retire, '--self']);
    expect([gone.code, reasons(gone), count(world)]).toEqual([0, ['true unused'], [0, 1]]);
    expect(await keys(world)).toEqual(['reporting-setup.next.pem']);
    // The next one is of a certificate whose key id Graph gave.
    const again = await world.run([...self, '--overlap', '0']);
    expect([again.code, reasons(again), count(world)]).toEqual([0, ['true no-overlap'], [0, 1]]);
    expect(await keys(world)).toEqual(['reporting-setup.pem']);
    expect((await world.run(['verify', '--sandbox'])).code).toBe(0);
    expect((await world.run([...setup, '--credential', 'certificate'])).code).toBe(0);
  });

  it('says that an administrator is needed where Graph does not let it', async () => {
    const world = await ready('--credential', 'certificate');
    const denied = {
      code: 'Authorization_RequestDenied',
      message: 'Insufficient privileges to complete the operation.',
    };
    world.sandbox.faults.add({
      when: 'after',
      fault: { kind: 'reset' },
      matches: ({ request, reply }) => {
        if (reply && request.url.pathname.endsWith('/addKey'))
          Object.assign(reply, { status: 403, body: JSON.stringify({ error: denied }) });
        return false;
      },
    });
    const run = await world.run(self);
    expect([run.code, run.json().error?.code]).toEqual([3, 'role-missing']);
    expect(run.json().error?.remedy).not.toContain('account');
    expect(run.json().error?.remedy).toContain('Let an administrator sign in: reporting-setup rotate');
    expect(run.json().error?.remedy).not.toContain('--self');
  });

  it('does not touch a secret that was replaced: that takes an administrator', async () => {
    const world = await ready();
    await world.run([...rotate, '--credential', 'certificate']);
    await makeDue(world);
    const run = await world.run([...retire, '--self']);
    expect([run.code, reasons(run), count(world)]).toEqual([6, ['false needs-administrator'], [1, 1]]);
  });

  it('refuses a secret (2), and tells when it is too late (3)', async () => {
    const secret = await ready();
    const refused = await secret.run(self);
    expect([refused.code, refused.json().error?.code]).toEqual([2, 'invalid-options']);
    const world = await ready('--credential', 'certificate', '--secret-lifetime', '90d');
    world.pass(91 * 86_400_000);
    const late = await world.run(self);
    expect([late.code, late.json().error?.code]).toEqual([3, 'credential-expired']);
    expect(late.json().error?.remedy).toContain('reporting-setup rotate --sandbox --yes');
  });
});

describe('a replaced one that ended by its date in the file alone', () => {
  it.each<[string, string[], string[]]>([
    ['an administrator', [], rotate],
    ['the application itself', ['--credential', 'certificate'], self],
  ])('stays, whether it is %s who retires', async (_who, kind, argv) => {
    const world = await ready(...kind);
    expect((await world.run(argv)).code).toBe(0);
    await misdate(world, new Date(Date.now() - 86_400_000).toISOString());
    const dry = await world.run([...argv, '--dry-run']);
    expect(reasons(dry)).toEqual(['false overlap']);
    const run = await world.run([...argv, '--if-expires-within', '30d']);
    expect([run.code, reasons(run)]).toEqual([0, ['false overlap']]);
    expect(count(world).reduce((sum, some) => sum + some)).toBe(2);
  });

  it('goes where the tenant says so, whatever the file does', async () => {
    const world = await ready();
    expect((await world.run(rotate)).code).toBe(0);
    const [entry] = await replacedIn(world);
    const ended = { endDateTime: new Date(Date.now() - 86_400_000).toISOString() };
    const held = own(world).passwordCredentials.find(({ keyId }) => keyId === entry?.keyId);
    Object.assign(held ?? {}, ended);
    const run = await world.run([...rotate, '--credential', 'certificate']);
    expect([run.code, reasons(run)]).toEqual([0, ['true expired', 'false overlap']]);
  });
});

describe('rotate as an automation', () => {
  function signIn({ sandbox }: World): Record<string, string> {
    const { automation, tenantId } = sandbox;
    const env = {
      AZURE_TENANT_ID: tenantId,
      AZURE_CLIENT_ID: automation.clientId,
      AZURE_CLIENT_SECRET: automation.clientSecret,
    };
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    // The SDK reads the environment of the process itself.
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    return env;
  }

  it('gets the request that makes it an owner where it owns nothing', async () => {
    const world = await ready();
    const { tenant, automation } = world.sandbox;
    const principal = tenant.servicePrincipals.find(({ appId }) => appId === automation.clientId);
    const graph = tenant.servicePrincipals.find(({ displayName }) => displayName === 'Microsoft Graph');
    const needed = ['Application.ReadWrite.OwnedBy', 'Directory.Read.All'];
    const roles = graph?.appRoles.filter(({ value }) => needed.includes(value)) ?? [];
    const [model] = tenant.appRoleAssignments;
    if (model === undefined || principal === undefined) throw new Error('There is no automation.');
    tenant.appRoleAssignments = [
      ...tenant.appRoleAssignments.filter(({ principalId }) => principalId !== principal.id),
      ...roles.map(({ id, value }) => ({ ...model, id: value, appRoleId: id, principalId: principal.id })),
    ];
    const env = signIn(world);
    world.newWrites();
    const run = await world.run([...rotate, '--auth', 'environment'], { env, columns: 2_000 });
    const finding = run.json().checks.find(({ id }) => id === 'role.credential');
    expect([run.code, finding?.status, world.newWrites()]).toEqual([3, 'fail', []]);
    expect(finding?.remedy).toContain(`/v1.0/applications/${own(world).id}/owners/$ref`);
    expect(finding?.remedy).toContain(`/v1.0/directoryObjects/${principal.id}`);
    own(world).owners.push(principal.id);
    expect((await world.run([...rotate, '--auth', 'environment'], { env })).code).toBe(0);
  });

  it('keeps to the policies of the tenant, as setup does', async () => {
    const world = await createWorld({ scenarios: ['lifetime-cap'] });
    expect((await world.run(setup)).code).toBe(0);
    world.pass(60_000);
    expect((await world.run(rotate)).code).toBe(0);
    const [newest] = own(world).passwordCredentials;
    const life = Date.parse(newest?.endDateTime ?? '') - Date.parse(newest?.startDateTime ?? '');
    expect(life / 86_400_000).toBeLessThanOrEqual(180);
    const { tenant } = world.sandbox;
    const { passwordCredentials } = tenant.defaultAppManagementPolicy.applicationRestrictions;
    passwordCredentials.push({
      restrictionType: 'passwordAddition',
      state: 'enabled',
      maxLifetime: null,
      restrictForAppsCreatedAfterDateTime: null,
    });
    const blocked = await world.run([...rotate, '--credential', 'secret']);
    const finding = blocked.json().checks.find(({ id }) => id === 'policy.credential');
    expect([blocked.code, finding?.code]).toEqual([3, 'policy-blocks-secrets']);
    expect(finding?.remedy).toMatch(/reporting-setup rotate .*--credential certificate/);
    expect(finding?.remedy).not.toContain('--credential secret');
    expect((await world.run([...rotate, '--credential', 'certificate'])).code).toBe(0);
  });
});

describe('rotate and what has the credential', () => {
  it('lists what still needs the new one', async () => {
    const world = await ready();
    const connect = ['connect', 'wazuh', '--sandbox', '--output', 'wazuh', '--json'];
    expect((await world.run(connect)).code).toBe(0);
    const run = await world.run(rotate);
    expect(run.code).toBe(0);
    expect(flat(run.stderr)).toContain('These still need the new one');
    expect(flat(run.stderr)).toContain(`connect wazuh --sandbox --output ${join(world.folder, 'wazuh')}`);
    expect(await world.config()).toHaveProperty('connected');
  });

  it('reads a file of 0.1.0, and leaves alone what it does not know', async () => {
    const world = await ready();
    const config = await world.config();
    const path = join(world.folder, 'reporting-setup.json');
    await writeFile(path, JSON.stringify({ ...config, ours: { a: 1 } }), { mode: 0o600 });
    expect((await world.run(rotate)).code).toBe(0);
    const [entry] = await replacedIn(world);
    const changed = JSON.parse(await world.read()) as { credential: { previous: object[] } };
    changed.credential.previous = [{ ...entry, note: 'of another version' }];
    await writeFile(path, JSON.stringify(changed), { mode: 0o600 });
    expect((await world.run(rotate)).code).toBe(0);
    expect(await world.config()).toHaveProperty('ours', { a: 1 });
    expect((await replacedIn(world))[0]).toHaveProperty('note', 'of another version');
  });
});
