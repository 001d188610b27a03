import { readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Agent, fetch } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import { handOffFor, handOffText, type Pending } from '../../src/commands/hand-off.ts';
import { type PublicCloudName, publicCloud } from '../../src/core/clouds.ts';
import { parseDuration } from '../../src/core/duration.ts';
import { type Have, unseen } from '../../src/core/model.ts';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { createWorld, type Document, type Typed, type World } from '../helpers/world.ts';

const privilegedRoleAdministrator = 'e8611ab8-c189-46e8-94e1-60213ab1f814';
const azureCli = '04b07795-8ddb-461a-bbee-02f9e1bf7b46';
const handOffName = 'reporting-setup.json.consent.md';

/** Gives the person who signs in the role that may grant, as somebody else in the tenant would hold it. */
function promote({ tenant }: Sandbox, key = 'andy'): void {
  const user = tenant.users.find(({ userPrincipalName }) => userPrincipalName === `${key}@contoso.com`);
  tenant.roleAssignments.push({
    id: 'promotion',
    principalId: user?.id ?? '',
    roleDefinitionId: privilegedRoleAdministrator,
    directoryScopeId: '/',
  });
}

function demote({ tenant }: Sandbox): void {
  tenant.roleAssignments = tenant.roleAssignments.filter(({ id }) => id !== 'promotion');
}

/** A client that trusts the sandbox and follows no redirect. */
function clientOf(sandbox: Sandbox) {
  const dispatcher = new Agent({ connect: { ca: sandbox.caCertificate } });
  onTestFinished(() => dispatcher.destroy());
  return (url: string, init: Parameters<typeof fetch>[1] = {}) =>
    fetch(url, { redirect: 'manual', ...init, dispatcher });
}

/** A token for the person who signs in, through the Azure CLI. */
async function tokenOf(sandbox: Sandbox): Promise<string> {
  const client = clientOf(sandbox);
  const ask = async (path: string, form: Record<string, string>) => {
    const url = `${sandbox.authorityHost}/${sandbox.tenantId}/oauth2/v2.0/${path}`;
    const reply = await client(url, {
      method: 'POST',
      body: new URLSearchParams({ client_id: azureCli, ...form }),
    });
    return (await reply.json()) as Record<string, string>;
  };
  const scope = `${sandbox.graphUrl}/.default`;
  const { device_code: code = '' } = await ask('devicecode', { scope });
  const grant = 'urn:ietf:params:oauth:grant-type:device_code';
  const { access_token: token = '' } = await ask('token', { grant_type: grant, device_code: code });
  return token;
}

/** What a shell and `az rest` make of a command. */
function readCommand(command: string): { method: string; url: string; resource: string; body: string } {
  const pattern =
    /^az rest --method (\w+) --url "([^"]+)" --resource "([^"]+)" --headers "Content-Type=application\/json" --body '([^']+)'$/;
  const [, method = '', url = '', resource = '', body = ''] = pattern.exec(command) ?? [];
  return { method, url, resource, body };
}

async function waiting(options: Parameters<typeof createWorld>[0] = { scenarios: ['app-admin'] }) {
  const world = await createWorld(options);
  const run = await world.run(['--sandbox', '--yes', '--json'], { columns: 400 });
  const document = run.json();
  expect([run.code, document.error]).toEqual([5, undefined]);
  if (!document.handOff) throw new Error('no hand-off');
  return { world, run, document, handOff: document.handOff };
}

async function expectFinished(world: World): Promise<void> {
  world.pass(60_000);
  const secret = (await world.config()).clientSecret;
  const again = await world.run(['--sandbox', '--yes', '--json']);
  expect([again.code, again.json().handOff]).toEqual([0, undefined]);
  expect((await world.config()).clientSecret).toBe(secret);
  await expect(world.read(handOffName)).rejects.toThrow('ENOENT');
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
    expect(grant?.evidence).toBe('Application Administrator');
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
      expect(run.stderr).toContain(text);
      expect(file).toContain(text);
    }
    expect(run.stderr).toContain(
      'Granting takes Privileged Role Administrator or Global Administrator. Whoever holds it opens this address:',
    );
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
    expect(early.headers.get('location')).toContain('error=permission_denied');
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
    expect(run.stderr).toContain(`Send the file ${handOffName} to somebody who may grant.`);
    expect(run.stderr).toContain('When that is resolved:\n    reporting-setup --sandbox');
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
  expect(run.stderr).toContain('May grant the permissions: Log keeper: cannot tell, will try');
  expect(run.stderr).toContain(
    'Grant Microsoft Graph AuditLog.Read.All (admin consent): refused to this account',
  );
  expect(run.stderr).toContain('May grant the permissions: Log keeper: Microsoft Graph refused it');
  expect(document.changes.map(({ kind }) => kind)).toEqual([
    'application',
    'servicePrincipal',
    'passwordCredential',
  ]);
  expect(handOff.commands).toHaveLength(2);
  promote(world.sandbox, 'nora');
  await expectFinished(world);
});

/** Answers to everything that is asked before the writes. */
const defaults: readonly Typed[] = [
  ['File to save', '\r'],
  ['Domain to write', '\r'],
  ['APIs to grant', '\r'],
  ['How long', '\r'],
  ['Go ahead?', '\r'],
];

/** Consent as it shows in the tenant, whoever gave it. */
function grantAll({ tenant }: Sandbox): void {
  const application = tenant.applications.find(({ uniqueName }) => uniqueName === 'reporting-setup');
  const principal = tenant.servicePrincipals.find(({ appId }) => appId === application?.appId);
  const graph = tenant.servicePrincipals.find(({ displayName }) => displayName === 'Microsoft Graph');
  const ids = application?.requiredResourceAccess.flatMap(({ resourceAccess }) => resourceAccess) ?? [];
  tenant.appRoleAssignments.push(
    ...ids.map(({ id }) => ({
      id: `grant-${id}`,
      deletedDateTime: null,
      appRoleId: id,
      createdDateTime: '2026-01-01T00:00:00Z',
      principalDisplayName: principal?.displayName ?? '',
      principalId: principal?.id ?? '',
      principalType: 'ServicePrincipal',
      resourceDisplayName: 'Microsoft Graph',
      resourceId: graph?.id ?? '',
    })),
  );
}

describe('waiting for consent in a terminal', () => {
  it('looks again and again, proves and finishes', async () => {
    const world = await createWorld({ scenarios: ['app-admin'] });
    const waits: number[] = [];
    const run = await world.run(['--sandbox'], {
      columns: 400,
      keys: [...defaults, ['Wait here until consent', 'y\r']],
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

  it('is offered, and ends with 5 when it is not wanted', async () => {
    const world = await createWorld({ scenarios: ['app-admin'] });
    const run = await world.run(['--sandbox'], { keys: [...defaults, ['Wait here until consent', '\r']] });
    expect(run.code).toBe(5);
    expect(await world.read(handOffName)).toContain('adminconsent');
  });

  it('keeps everything when it is stopped', async () => {
    const world = await createWorld({ scenarios: ['app-admin'] });
    let stop = (): void => undefined;
    const run = await world.run(['--sandbox'], {
      columns: 400,
      keys: [...defaults, ['Wait here until consent', 'y\r']],
      onStop: (callback) => {
        stop = callback;
      },
      onSleep: () => stop(),
    });
    expect(run.code).toBe(130);
    expect(run.stderr).toContain('Stopped waiting for consent. Everything that was done is kept.');
    expect(run.stderr).toContain('When consent has been given: reporting-setup --sandbox');
    expect(await world.read(handOffName)).toContain('adminconsent');
    grantAll(world.sandbox);
    await expectFinished(world);
  });

  it('gives up after an hour', async () => {
    const world = await createWorld({ scenarios: ['app-admin'] });
    const run = await world.run(['--sandbox'], { keys: [...defaults, ['Wait here until consent', 'y\r']] });
    expect(run.code).toBe(5);
    expect(run.stderr).toContain('No consent within an hour');
    expect(world.slept()).toBeGreaterThan(3_500_000);
  });
});

describe('the hand-off in each cloud', () => {
  const permission = { id: 'role', value: 'AuditLog.Read.All', displayName: '' };
  const directory = { id: 'role-2', value: 'Directory.Read.All', displayName: '' };
  const have: Have = {
    ...unseen,
    tenant: { ...unseen.tenant, id: 'tenant-id', displayName: 'Contoso' },
    application: {
      id: 'object',
      appId: 'client-id',
      displayName: 'Reporting API application',
      uniqueName: 'reporting-setup',
      signInAudience: 'AzureADMyOrg',
      redirectUris: [],
      requiredResourceAccess: [],
      passwordCredentials: [],
      keyCredentials: [],
    },
    servicePrincipal: { id: 'principal-id', accountEnabled: true },
    resources: [
      {
        api: 'microsoft-graph',
        id: 'graph-id',
        appId: '00000003-0000-0000-c000-000000000000',
        displayName: 'Microsoft Graph',
        appRoles: [permission, directory],
      },
    ],
    assignments: [
      { id: 'held', appRoleId: 'role-2', resourceId: 'graph-id', resourceDisplayName: 'Microsoft Graph' },
    ],
  };
  const pendingIn = (
    name: PublicCloudName,
    signOnUrl: string | null = null,
    redirectUris: readonly string[] = [],
  ): Pending => ({
    cloud: publicCloud(name),
    have: { ...have, application: have.application && { ...have.application, redirectUris } },
    again: 'reporting-setup',
    want: {
      signOnUrl,
      apis: ['microsoft-graph'],
      domain: 'contoso.com',
      place: { cloud: name },
      credential: { kind: 'secret' },
      secretName: '',
      secretLifetime: parseDuration('1y'),
      freshSecret: false,
    },
  });
  const body = '{"principalId":"principal-id","resourceId":"graph-id","appRoleId":"role"}';

  it('needs no more than an address in the public cloud', () => {
    expect(handOffFor(pendingIn('global'))).toMatchObject({
      url: 'https://login.microsoftonline.com/tenant-id/adminconsent?client_id=client-id',
      commands: [
        `az rest --method POST --url "https://graph.microsoft.com/v1.0/servicePrincipals/graph-id/appRoleAssignedTo" --headers "Content-Type=application/json" --body '${body}'`,
      ],
    });
  });

  it.each<[PublicCloudName, string, string, string]>([
    ['usgov', 'https://login.microsoftonline.us', 'https://graph.microsoft.us', 'AzureUSGovernment'],
    ['usgov-dod', 'https://login.microsoftonline.us', 'https://dod-graph.microsoft.us', 'AzureUSGovernment'],
    ['china', 'https://login.chinacloudapi.cn', 'https://microsoftgraph.chinacloudapi.cn', 'AzureChinaCloud'],
  ])('names the endpoints of %s', (name, authority, graph, azureCloud) => {
    const pending = pendingIn(name, 'https://localhost', ['https://localhost']);
    const handOff = handOffFor(pending);
    if (!handOff) throw new Error('no hand-off');
    expect(handOff.url.startsWith(`${authority}/tenant-id/adminconsent?`)).toBe(true);
    expect(handOff.commands[0]).toContain(`--url "${graph}/v1.0/`);
    expect(handOff.commands[0]).toContain(`--resource "${graph}"`);
    const text = handOffText(handOff, pending);
    expect(text).toContain(`az cloud set --name ${azureCloud}\naz login --tenant tenant-id`);
    expect(text).toContain('The browser then goes to https://localhost');
  });

  it.each<[readonly string[], string | null, string | undefined]>([
    [['https://a.example/cb', 'https://localhost'], 'https://localhost', 'https://localhost'],
    [['https://a.example/cb'], 'https://localhost', 'https://a.example/cb'],
    [['https://*.a.example', 'no address', 'https://b.example'], null, 'https://b.example'],
    [[], 'https://localhost', undefined],
  ])(
    'sends the browser back to one of %j, with %s as the sign-on address: %s',
    (uris, signOnUrl, redirect) => {
      const pending = pendingIn('global', signOnUrl, uris);
      const handOff = handOffFor(pending);
      if (!handOff) throw new Error('no hand-off');
      expect(new URL(handOff.url).searchParams.get('redirect_uri') ?? undefined).toBe(redirect);
      const after =
        redirect === undefined ? 'The page itself says when' : `The browser then goes to ${redirect},`;
      expect(handOffText(handOff, pending)).toContain(after);
    },
  );

  it('is nothing where nothing is missing, or there is no application yet', () => {
    const held = [...(have.assignments ?? []), { ...have.assignments?.[0], appRoleId: 'role' }];
    const done = held.map((one) => ({ id: '', resourceId: 'graph-id', resourceDisplayName: '', ...one }));
    expect(handOffFor({ ...pendingIn('global'), have: { ...have, assignments: done } })).toBeUndefined();
    expect(handOffFor({ ...pendingIn('global'), have: { ...have, application: undefined } })).toBeUndefined();
  });
});
