import type { Cloud } from '../../entra/clouds.ts';
import { powershellQuoted } from '../connect/quoting.ts';
import { graphEnvironment } from '../connect/script-sign-in.ts';
import type { ConsentRequest } from '../shared/run-outcome.ts';

/** Delegated permissions that granting takes (graph-docs serviceprincipal-post-approleassignedto). */
const scopes = 'AppRoleAssignment.ReadWrite.All,Application.Read.All';

/**
 * The same request with Azure CLI from PowerShell. On Windows `az` is a command file, which takes the quotes of JSON for
 * its own unless each has a backslash (Azure CLI documentation, "Quoting issues with PowerShell"). Pure.
 */
export function powershellAzCommand({ method, url, body }: ConsentRequest, cloud: Cloud): string {
  const resource = cloud.name === 'global' ? '' : ` --resource ${powershellQuoted(cloud.graphUrl)}`;
  const json = powershellQuoted(JSON.stringify(body).replaceAll('"', '\\"'));
  return `az rest --method ${method} --url ${powershellQuoted(url)}${resource} --headers "Content-Type=application/json" --body ${json}`;
}

/** From cmd.exe, which knows no single quotes. Pure. */
export function cmdAzCommand({ method, url, body }: ConsentRequest, cloud: Cloud): string {
  const resource = cloud.name === 'global' ? '' : ` --resource "${cloud.graphUrl}"`;
  const json = JSON.stringify(body).replaceAll('"', '\\"');
  return `az rest --method ${method} --url "${url}"${resource} --headers "Content-Type=application/json" --body "${json}"`;
}

/** The same requests with Microsoft Graph PowerShell, signed in to the tenant first. Pure. */
export function graphPowershellLines(
  requests: readonly ConsentRequest[],
  cloud: Cloud,
  tenantId: string,
): string[] {
  const named = graphEnvironment(cloud.name);
  const environment = named === undefined || named === 'Global' ? '' : ` -Environment ${named}`;
  return [
    ...(cloud.name === 'custom'
      ? ['# Add-MgEnvironment names this cloud; give its name with -Environment.']
      : []),
    `Connect-MgGraph -TenantId ${tenantId} -Scopes ${scopes}${environment}`,
    ...requests.map(
      ({ method, url, body }) =>
        `Invoke-MgGraphRequest -Method ${method} -Uri ${powershellQuoted(url)} -ContentType 'application/json' -Body ${powershellQuoted(JSON.stringify(body))}`,
    ),
  ];
}
