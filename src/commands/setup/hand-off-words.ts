import { safeText } from '../../core/text.ts';
import { type Cloud, portalPage } from '../../entra/clouds.ts';
import type { Have, Wanted } from '../../tenant/model.ts';
import { neededPermissions, permissionName } from '../../tenant/permissions/permissions.ts';

/** What is asked of somebody else, where, and by whom. */
export interface Asked {
  readonly cloud: Cloud;
  readonly want: Pick<Wanted, 'apis'>;
  readonly have: Have;
}

/** A name from the tenant, as code: no link and no page comes of what is in it. */
export const inCode = (name: string): string => `\`${safeText(name).replaceAll('`', "'")}\``;

/** What a permission lets an application read (entra-docs permissions-reference), for somebody who does not know it. */
const meanings: Readonly<Record<string, string>> = {
  'AuditLog.Read.All':
    'all audit log data of the tenant: who signed in when, from where and with what result, and who changed what in the directory',
  'Directory.Read.All':
    'directory data of the tenant: users, groups, applications, devices and licences (no passwords, mail or files). The sign-in log is not shown without it: it is how the licence is checked',
  'azure-ad-graph/Directory.Read.All':
    'the same through Azure AD Graph, an API that Microsoft has retired; it may do nothing any more',
};

/** Who asks, and in which tenant. Pure. */
export function askerLines({ have: { account, tenant } }: Asked): string[] {
  const asker =
    account === undefined
      ? 'the account that set it up'
      : `${inCode(account.name)}, signed in as that account`;
  return [`Asked for by: ${asker}`, `Tenant: ${inCode(tenant.displayName)}, ${tenant.id}`];
}

/** What the application is for, and what each permission lets it read. Pure. */
export function purposeLines({ want, have }: Asked): string[] {
  return [
    'It reads the sign-in log and the directory audit log through the reporting API of Microsoft Graph, by itself and without anybody signed in, so that a log collector can keep them. It writes nothing. Each permission lets it read:',
    '',
    ...neededPermissions(want, have).map((permission) => {
      const name = permissionName(permission);
      return `- ${name}: ${meanings[name] ?? 'what its name says'}.`;
    }),
  ];
}

const resourceOf = ({ name, graphUrl }: Cloud): string =>
  name === 'global' ? '' : ` --resource "${graphUrl}"`;

/** How whoever consented sees what is granted, and takes it back. Pure. */
export function checkLines({ cloud, have: { application, servicePrincipal } }: Asked): string[] {
  if (!application || !servicePrincipal) return [];
  const grants = `${cloud.graphUrl}/v1.0/servicePrincipals/${servicePrincipal.id}/appRoleAssignments`;
  return [
    '## To check it, and to take it back',
    '',
    `What is granted stands under API permissions of the application, at ${portalPage(cloud, application.appId)}, or:`,
    '',
    '```sh',
    `az rest --method GET --url "${grants}"${resourceOf(cloud)}`,
    '```',
    '',
    'To take a permission back, revoke it under Enterprise applications > Permissions of the application, or, with the `id` that the list above shows for it:',
    '',
    '```sh',
    `az rest --method DELETE --url "${grants}/<id>"${resourceOf(cloud)}`,
    '```',
    '',
    'The logs can be read for as long as a token that was given before is valid, an hour as a rule. Deleting the application takes everything back at once.',
    '',
  ];
}
