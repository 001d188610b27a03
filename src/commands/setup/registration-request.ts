import type { Cloud } from '../../entra/clouds.ts';
import { rightsOf } from '../../tenant/account/rights.ts';
import { rolesThatGrant } from '../../tenant/account/role-table.ts';
import { defaultAppName, signOnUrlOf } from '../../tenant/application/read-application.ts';
import type { Have, Wanted } from '../../tenant/model.ts';
import { missingPermissions } from '../../tenant/permissions/permissions.ts';
import { askerLines, inCode, purposeLines } from './hand-off-words.ts';

/** First line of the file: by it the program knows its own. */
export const requestHeading = '# Registration of the reporting application';

/** What somebody else is asked to register, since this account may not. */
export interface RegistrationRequest {
  readonly cloud: Cloud;
  readonly want: Wanted;
  readonly have: Have;
  /** The command that goes on from there, with `<client-id>` to be filled in. */
  readonly again: string;
}

/** A value in double quotes, as every shell takes it; undefined for one that they read in different ways. */
const plainly = (text: string): string | undefined =>
  /["$`\\!%\p{Cc}]/u.test(text) ? undefined : `"${text}"`;

const appNameOf = ({ want }: RegistrationRequest): string => want.appName ?? defaultAppName;

/** What Azure CLI needs to register it; `<client-id>` is what the first command prints. */
function createCommands({ want, have, ...rest }: RegistrationRequest): string[] {
  if (have.application) return [];
  const name = plainly(appNameOf({ want, have, ...rest })) ?? '"<name>"';
  const signOnUrl = signOnUrlOf(want);
  const url = signOnUrl === null ? undefined : plainly(signOnUrl);
  const pages = url === undefined ? '' : ` --web-home-page-url ${url} --web-redirect-uris ${url}`;
  return [
    `az ad app create --display-name ${name} --sign-in-audience AzureADMyOrg${pages} --query appId --output tsv`,
    'az ad sp create --id <client-id>',
  ];
}

/** The commands of Azure CLI that do what is asked, each of them one that is on its pages. Pure. */
export function requestCommands(request: RegistrationRequest): string[] {
  const { want, have } = request;
  const id = have.application?.appId ?? '<client-id>';
  const owner = have.account?.kind === 'user' && have.account.id !== '' ? have.account.id : undefined;
  // Whoever may grant does that with the same command.
  const missing = rightsOf(have).grant === 'yes' ? [] : missingPermissions(want, have);
  const apis = [...new Set(missing.map(({ resourceAppId }) => resourceAppId))];
  return [
    ...createCommands(request),
    ...(owner === undefined ? [] : [`az ad app owner add --id ${id} --owner-object-id ${owner}`]),
    ...apis.map((api) => {
      const roles = missing.filter(({ resourceAppId }) => resourceAppId === api);
      const list = roles.map(({ appRoleId }) => `${appRoleId}=Role`).join(' ');
      return `az ad app permission add --id ${id} --api ${api} --api-permissions ${list}`;
    }),
    ...(apis.length === 0 ? [] : [`az ad app permission admin-consent --id ${id}`]),
  ];
}

/** The roles that somebody needs who does what is asked. Pure. */
export function takes({ have }: Pick<RegistrationRequest, 'have'>): string {
  const grants = rightsOf(have).grant === 'yes' ? '' : `, granting takes ${rolesThatGrant}`;
  return have.application
    ? `Making somebody an owner takes Cloud Application Administrator${grants}.`
    : `Registering takes Application Developer or Cloud Application Administrator${grants}.`;
}

/** What whoever asked may not do, in words that go on "What is asked for". */
const alsoGranted = ({ have }: RegistrationRequest): string =>
  rightsOf(have).grant === 'yes' ? '' : '; and its permissions granted';

/** The request as a file for whoever may register. It holds no secret. Pure. */
export function requestText(request: RegistrationRequest): string {
  const { want, have, again } = request;
  const { application } = have;
  const signOnUrl = signOnUrlOf(want);
  const asked = application
    ? `The application ${inCode(application.displayName)}, client ID ${application.appId}, exists. What is asked for is that the account above becomes an owner of it${alsoGranted(request)}.`
    : `What is asked for: an application ${inCode(appNameOf(request))}, for accounts of this tenant only, with the sign-on URL ${signOnUrl === null ? 'left out' : inCode(signOnUrl)}; the account above as its owner${alsoGranted(request)}.`;
  return [
    requestHeading,
    '',
    ...askerLines(request),
    '',
    asked,
    '',
    ...purposeLines(request),
    '',
    `${takes(request)} Nothing has been made yet. This file holds no secret, and none comes back: the owner makes the credential.`,
    '',
    '## With Azure CLI',
    '',
    '```sh',
    `az login --tenant ${have.tenant.id} --allow-no-subscriptions`,
    ...requestCommands(request),
    '```',
    '',
    ...(application ? [] : ['`<client-id>` is what the first command prints.', '']),
    '## In the Entra admin center',
    '',
    application
      ? 'Under App registrations > Owners of the application, add the account above.'
      : 'Under App registrations > New registration. Then add the account above under Owners.',
    ...(alsoGranted(request) === ''
      ? []
      : [
          'Under API permissions add those above (Microsoft Graph, application permissions), and grant admin consent.',
        ]),
    '',
    '## Then',
    '',
    'Send the client ID back. Whoever asked goes on with:',
    '',
    `    ${again}`,
    '',
    'Instead, somebody who holds those roles may run the same command without `--client-id`: it does all of this, and proves it. The credential is then in a file on their machine.',
    '',
  ].join('\n');
}
