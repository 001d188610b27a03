import { describe, expect, it } from 'vitest';
import { handOffFor, handOffText, type Pending } from '../../../src/commands/setup/hand-off.ts';
import { parseDuration } from '../../../src/core/duration.ts';
import { type PublicCloudName, publicCloud } from '../../../src/entra/clouds.ts';
import { type Have, unseen } from '../../../src/tenant/model.ts';
import { application } from '../../tenant/account/account-data.ts';

describe('the hand-off in each cloud', () => {
  const permission = { id: 'role', value: 'AuditLog.Read.All', displayName: '' };
  const directory = { id: 'role-2', value: 'Directory.Read.All', displayName: '' };
  const have: Have = {
    ...unseen,
    tenant: { ...unseen.tenant, id: 'tenant-id', displayName: 'Contoso' },
    application: { ...application, appId: 'client-id' },
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
    asOf: new Date('2026-11-28T12:00:00Z'),
    want: {
      signOnUrl,
      apis: ['microsoft-graph'],
      domain: 'contoso.com',
      cloudReference: { cloud: name },
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

  it('has forms for PowerShell and cmd.exe, where the quotes of JSON need backslashes', () => {
    const pending = pendingIn('global');
    const handOff = handOffFor(pending);
    if (!handOff) throw new Error('no hand-off');
    const url = 'https://graph.microsoft.com/v1.0/servicePrincipals/graph-id/appRoleAssignedTo';
    const escaped = body.replaceAll('"', '\\"');
    const headers = '--headers "Content-Type=application/json"';
    expect(handOff.windowsCommands).toEqual({
      powershell: [`az rest --method POST --url '${url}' ${headers} --body '${escaped}'`],
      cmd: [`az rest --method POST --url "${url}" ${headers} --body "${escaped}"`],
    });
    const lines = handOffText(handOff, pending).split('\n');
    expect(lines).toContain(
      'Connect-MgGraph -TenantId tenant-id -Scopes AppRoleAssignment.ReadWrite.All,Application.Read.All',
    );
    expect(lines).toContain(
      `Invoke-MgGraphRequest -Method POST -Uri '${url}' -ContentType 'application/json' -Body '${body}'`,
    );
    expect(lines).toEqual(expect.arrayContaining([...(handOff.windowsCommands?.powershell ?? ['?'])]));
    expect(lines).toEqual(expect.arrayContaining([...(handOff.windowsCommands?.cmd ?? ['?'])]));
  });

  it.each<[PublicCloudName, string]>([
    ['usgov', 'USGov'],
    ['usgov-dod', 'USGovDoD'],
    ['china', 'China'],
  ])('signs Microsoft Graph PowerShell in to %s', (name, environment) => {
    const pending = pendingIn(name);
    const handOff = handOffFor(pending);
    if (!handOff) throw new Error('no hand-off');
    expect(handOffText(handOff, pending)).toContain(`Application.Read.All -Environment ${environment}\n`);
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
