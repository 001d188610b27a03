import { Agent, fetch } from 'undici';
import { expect, onTestFinished } from 'vitest';
import type { Sandbox } from '../../../src/sandbox/index.ts';
import type { World } from '../../helpers/world.ts';

const privilegedRoleAdministrator = 'e8611ab8-c189-46e8-94e1-60213ab1f814';
const azureCli = '04b07795-8ddb-461a-bbee-02f9e1bf7b46';
export const handOffName = 'reporting-setup.json.consent.md';

/** Gives the person who signs in the role that may grant, as somebody else in the tenant would hold it. */
export function promote({ tenant }: Sandbox, key = 'andy'): void {
  const user = tenant.users.find(({ userPrincipalName }) => userPrincipalName === `${key}@contoso.com`);
  tenant.roleAssignments.push({
    id: 'promotion',
    principalId: user?.id ?? '',
    roleDefinitionId: privilegedRoleAdministrator,
    directoryScopeId: '/',
  });
}

export function demote({ tenant }: Sandbox): void {
  tenant.roleAssignments = tenant.roleAssignments.filter(({ id }) => id !== 'promotion');
}

/** A client that trusts the sandbox and follows no redirect. */
export function clientOf(sandbox: Sandbox) {
  const dispatcher = new Agent({ connect: { ca: sandbox.caCertificate } });
  onTestFinished(() => dispatcher.destroy());
  return (url: string, init: Parameters<typeof fetch>[1] = {}) =>
    fetch(url, { redirect: 'manual', ...init, dispatcher });
}

/** A token for the person who signs in, through the Azure CLI. */
export async function tokenOf(sandbox: Sandbox): Promise<string> {
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
export function readCommand(command: string): {
  method: string;
  url: string;
  resource: string;
  body: string;
} {
  const pattern =
    /^az rest --method (\w+) --url "([^"]+)" --resource "([^"]+)" --headers "Content-Type=application\/json" --body '([^']+)'$/;
  const [, method = '', url = '', resource = '', body = ''] = pattern.exec(command) ?? [];
  return { method, url, resource, body };
}

export async function expectFinished(world: World): Promise<void> {
  world.pass(60_000);
  const secret = (await world.config()).clientSecret;
  const again = await world.run(['--sandbox', '--yes', '--json']);
  expect([again.code, again.json().handOff]).toEqual([0, undefined]);
  expect((await world.config()).clientSecret).toBe(secret);
  await expect(world.read(handOffName)).rejects.toThrow('ENOENT');
}

/** Consent as it shows in the tenant, whoever gave it. */
export function grantAll({ tenant }: Sandbox): void {
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
