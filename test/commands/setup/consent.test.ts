import { readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Sandbox } from '../../../src/sandbox/index.ts';
import { createWorld, type Document, type World } from '../../helpers/world.ts';
import {
  clientOf,
  demote,
  expectFinished,
  grantAll,
  handOffName,
  promote,
  readCommand,
  tokenOf,
} from './consent-helpers.ts';

async function waiting(options: Parameters<typeof createWorld>[0] = { scenarios: ['app-admin'] }) {
  const world = await createWorld(options);
  const run = await world.run(['--sandbox', '--yes', '--json'], { columns: 400 });
  const document = run.json();
  expect([run.code, document.error]).toEqual([5, undefined]);
  if (!document.handOff) throw new Error('no hand-off');
  return { world, run, document, handOff: document.handOff };
}

describe('consent by somebody else', () => {
  it('does everything else, and hands over what is left', async () => {
    const { world, run, document, handOff } = await waiting();
    const { clientSecret, clientId } = await world.config();
    expect(document.changes.map(({ action, kind }) => `${action} ${kind}`)).toEqual([
      'create application',
      'create servicePrincipal',
      'create passwordCredential',
    ]);
    const grant = document.checks.find(({ id }) => id === 'role.grant');
    expect(grant).toMatchObject({ status: 'fail', code: 'consent-pending' });
    expect(grant?.evidence).toBe('missing (Application Administrator)');
    const url = new URL(handOff.url);
    expect(url.origin + url.pathname).toBe(
      `${world.sandbox.authorityHost}/${world.sandbox.tenantId}/adminconsent`,
    );
    expect(url.searchParams.get('client_id')).toBe(clientId);
    expect(handOff.commands).toHaveLength(2);
    expect(handOff.path).toBe(join(world.folder, handOffName));
    const file = await world.read(handOffName);
    const { resource } = readCommand(handOff.commands[0] ?? '');
    expect(resource).toBe(world.sandbox.graphUrl);
    for (const text of [handOff.url, ...handOff.commands]) {
      expect(file).toContain(text);
    }
    expect(run.stderr).toContain(`    ${handOff.url}\n`);
    // Who asks, for what, what it lets the application read, how to check and to revoke it.
    expect(file).toContain('Asked for by: `andy@contoso.com`');
    expect(file).toContain('- AuditLog.Read.All: all audit log data of the tenant');
    expect(file).toContain('- Directory.Read.All: directory data of the tenant');
    expect(file).toMatch(/^az rest --method GET --url "\S+\/appRoleAssignments"/m);
    expect(file).toMatch(/^az rest --method DELETE --url "\S+\/appRoleAssignments\/<id>"/m);
    expect(run.stderr).toContain('  When consent has been given:\n    reporting-setup --sandbox');
    expect(file).toContain(`POST ${readCommand(handOff.commands[0] ?? '').url}\n`);
    expect(file + run.stdout + run.stderr).not.toContain(clientSecret);
    expect((await stat(handOff.path)).mode & 0o077).toBe(0);
  });

  it('prints the command that resumes as it was written, so that it can be copied', async () => {
    const world = await createWorld({ scenarios: ['app-admin'] });
    const written = ['--sandbox', 'app-admin', '--yes', '--output', "it's new.json"];
    const more = ['--app-name', 'Log reader', '--credential', 'certificate'];
    const run = await world.run([...written, ...more], { columns: 40 });
    expect(run.code).toBe(5);
    const again = `reporting-setup --sandbox app-admin --yes --output 'it'\\''s new.json' --app-name 'Log reader' --credential certificate`;
    expect(run.stderr.split('\n')).toContain(`    ${again}`);
    expect(await world.read("it's new.json.consent.md")).toContain(`\n    ${again}\n`);
    grantAll(world.sandbox);
    const second = await world.run([...written, ...more], { columns: 40 });
    expect(second.code).toBe(0);
    const verify = "reporting-setup verify --sandbox app-admin --config 'it'\\''s new.json'";
    expect(second.stderr.split('\n')).toContain(`    ${verify}`);
  });

  it('resumes after somebody opened the address', async () => {
    const { world, handOff } = await waiting();
    const visit = clientOf(world.sandbox);
    const early = await visit(handOff.url);
    // Who signs in by itself may not: somebody else is asked for.
    expect([early.status, await early.text()]).toEqual([200, expect.stringContaining('Pick an account')]);
    promote(world.sandbox);
    const reply = await visit(handOff.url);
    expect(reply.headers.get('location')).toMatch(/^https:\/\/localhost\/?\?.*admin_consent=True/);
    demote(world.sandbox);
    await expectFinished(world);
  });

  it('resumes after somebody ran the commands', async () => {
    const { world, handOff } = await waiting();
    const call = clientOf(world.sandbox);
    const authorization = `Bearer ${await tokenOf(world.sandbox)}`;
    const send = ({ method, url, body }: ReturnType<typeof readCommand>) =>
      call(url, { method, body, headers: { authorization, 'content-type': 'application/json' } });
    const commands = handOff.commands.map(readCommand);
    expect((await send(commands[0] ?? readCommand(''))).status).toBe(403);
    promote(world.sandbox);
    for (const command of commands) expect((await send(command)).status).toBe(201);
    demote(world.sandbox);
    await expectFinished(world);
  });

  it.each<[string, (sandbox: Sandbox) => string[], string[]]>([
    [
      'of an application that has no redirect address',
      ({ tenant }) => {
        const isOther = ({ displayName }: { displayName: string }): boolean =>
          displayName === 'Reporting API application';
        return ['--client-id', tenant.applications.find(isOther)?.appId ?? ''];
      },
      [],
    ],
    [
      'of one that was registered with another sign-on address',
      () => [],
      ['--sign-on-url', 'https://app.example/x'],
    ],
  ])('opens at an address that Entra takes, %s', async (_name, optionsFor, earlier) => {
    const world = await createWorld({ scenarios: ['app-admin'] });
    if (earlier.length > 0) await world.run(['--sandbox', '--yes', ...earlier]);
    world.pass(60_000);
    const run = await world.run(['--sandbox', '--yes', '--json', ...optionsFor(world.sandbox)]);
    expect(run.code).toBe(5);
    promote(world.sandbox);
    const reply = await clientOf(world.sandbox)(run.json().handOff?.url ?? '');
    expect([reply.status, await reply.text()].join(' ')).not.toContain('AADSTS');
    demote(world.sandbox);
    world.pass(60_000);
    const again = await world.run(['--sandbox', '--yes', '--json', ...optionsFor(world.sandbox)]);
    expect([again.code, again.json().error]).toEqual([0, undefined]);
  });

  /** Grants as somebody else would, in a way that the directory shows and that no token holds until it is told to. */
  function grantLate({ sandbox }: World, handOff: NonNullable<Document['handOff']>, most: number) {
    const late = handOff.commands.slice(0, most).map((command, index) => {
      const { principalId = '', resourceId = '', appRoleId = '' } = JSON.parse(readCommand(command).body);
      return {
        id: `late-${index}`,
        deletedDateTime: null,
        appRoleId,
        createdDateTime: '2026-11-01T00:00:00Z',
        principalDisplayName: 'Reporting API application',
        principalId,
        principalType: 'ServicePrincipal',
        resourceDisplayName: 'Microsoft Graph',
        resourceId: resourceId.toUpperCase(),
      };
    });
    sandbox.tenant.appRoleAssignments.push(...late);
    return () => {
      for (const one of late) one.resourceId = one.resourceId.toLowerCase();
    };
  }

  it('goes on waiting for the rest while a token lags behind what is granted already', async () => {
    const { world, handOff } = await waiting();
    grantLate(world, handOff, 1);
    world.pass(60_000);
    const run = await world.run(['--sandbox', '--yes', '--json']);
    const statusOf = (id: string) => run.json().checks.find((check) => check.id === id)?.status;
    expect([run.code, run.json().handOff?.commands.length]).toEqual([5, 1]);
    expect(statusOf('permission.AuditLog.Read.All')).toBe('pass');
    expect(statusOf('permission.Directory.Read.All')).toBe('fail');
  });

  it('waits for the token where everything has just been granted', async () => {
    const { world, handOff } = await waiting();
    const arrive = grantLate(world, handOff, 2);
    world.pass(60_000);
    const run = await world.run(['--sandbox', '--yes', '--json'], { onSleep: arrive });
    expect([run.code, run.json().error]).toEqual([0, undefined]);
  });

  it('says whom to send it to where something else is in the way as well', async () => {
    const world = await createWorld({ scenarios: ['app-admin', 'secrets-blocked'] });
    const run = await world.run(['--sandbox', '--yes', '--json']);
    expect([run.code, run.json().handOff?.commands.length]).toEqual([3, 2]);
    expect(run.stderr).toContain(`    ${handOffName}\n`);
    expect(run.stderr).toContain('When both are resolved:\n    reporting-setup --sandbox');
  });

  it('asks again for what is left alone', async () => {
    const { world, handOff } = await waiting();
    const { tenant } = world.sandbox;
    const { principalId, resourceId, appRoleId } = JSON.parse(readCommand(handOff.commands[0] ?? '').body);
    tenant.appRoleAssignments.push({
      id: 'one',
      deletedDateTime: null,
      appRoleId,
      createdDateTime: '2026-01-01T00:00:00Z',
      principalDisplayName: '',
      principalId,
      principalType: 'ServicePrincipal',
      resourceDisplayName: 'Microsoft Graph',
      resourceId,
    });
    world.newWrites();
    world.pass(60_000);
    const again = await world.run(['--sandbox', '--yes', '--json']);
    expect(again.code).toBe(5);
    expect(again.json().handOff?.commands).toEqual(handOff.commands.slice(1));
    expect(await world.read(handOffName)).not.toContain(appRoleId);
    expect(world.newWrites()).toEqual([]);
  });

  it('leaves a file alone that it did not write', async () => {
    const world = await createWorld({ scenarios: ['app-admin'] });
    await writeFile(join(world.folder, handOffName), 'mine\n');
    const run = await world.run(['--sandbox', '--yes', '--json'], { columns: 400 });
    expect(run.code).toBe(5);
    expect(run.stderr).toContain('was not written by this program. Copy the lines below instead.');
    expect(run.json().handOff?.path).toBeUndefined();
    expect(run.json().handOff?.commands).toHaveLength(2);
    expect(await world.read(handOffName)).toBe('mine\n');
    promote(world.sandbox);
    world.pass(60_000);
    expect((await world.run(['--sandbox', '--yes'])).code).toBe(0);
    expect(await world.read(handOffName)).toBe('mine\n');
  });

  it('does not follow a symbolic link', async () => {
    const world = await createWorld({ scenarios: ['app-admin'] });
    const elsewhere = join(world.folder, 'elsewhere');
    await writeFile(elsewhere, '# Consent for the reporting application\n');
    await symlink(elsewhere, join(world.folder, handOffName));
    const run = await world.run(['--sandbox', '--yes', '--json'], { columns: 400 });
    expect(run.code).toBe(5);
    expect(await readFile(elsewhere, 'utf8')).toBe('# Consent for the reporting application\n');
    await rm(elsewhere);
  });

  it('writes no hand-off in a dry run', async () => {
    const world = await createWorld({ scenarios: ['app-admin'] });
    const run = await world.run(['--sandbox', '--dry-run', '--json']);
    expect([run.code, run.json().handOff]).toEqual([5, undefined]);
    await expect(world.read(handOffName)).rejects.toThrow('ENOENT');
    expect(world.newWrites()).toEqual([]);
  });
});

/** A role of the tenant's own making, of which nobody can tell what it allows. */
function ownRole(tenant: Sandbox['tenant']): void {
  const roleTemplateId = '11111111-2222-4333-8444-555555555555';
  const user = tenant.users.find(({ userPrincipalName }) => userPrincipalName === 'nora@contoso.com');
  tenant.directoryRoles.push({ id: 'own', roleTemplateId, displayName: 'Log keeper', description: '' });
  tenant.roleAssignments.push({
    id: 'own-1',
    principalId: user?.id ?? '',
    roleDefinitionId: roleTemplateId,
    directoryScopeId: '/',
  });
}

it('hands over what turns out to be refused', async () => {
  const { world, run, document, handOff } = await waiting({ scenarios: ['no-roles'], adjust: ownRole });
  expect(run.stderr).toContain('Right to grant the permissions: cannot tell: Log keeper; will try');
  expect(run.stderr).toContain(
    'Grant Microsoft Graph AuditLog.Read.All (admin consent): refused to this account',
  );
  expect(document.checks.find(({ id }) => id === 'role.grant')?.evidence).toBe(
    'missing; Microsoft Graph refused it (Log keeper)',
  );
  expect(document.changes.map(({ kind }) => kind)).toEqual([
    'application',
    'servicePrincipal',
    'passwordCredential',
  ]);
  expect(handOff.commands).toHaveLength(2);
  promote(world.sandbox, 'nora');
  await expectFinished(world);
});
