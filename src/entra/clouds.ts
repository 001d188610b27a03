import { WizardError } from '../core/errors.ts';

/** Where Entra ID and Microsoft Graph live, and where their portals are. Facts: graph-docs concepts/deployments.md. */
export interface Cloud {
  /** `global`, `usgov`, `usgov-dod`, `china`, `sandbox` or `custom`. */
  readonly name: CloudName;
  /** Authority host, https, no trailing slash. */
  readonly authorityHost: string;
  /** Graph root without version, https, no trailing slash. */
  readonly graphUrl: string;
  readonly entraPortal: string;
  /** False where Entra's instance discovery does not know the authority. */
  readonly instanceDiscovery: boolean;
  /** PEM certificate authority to trust instead of the system's; only the sandbox has one. */
  readonly ca?: string;
  /** How somebody else's part of the job is done there; only the sandbox has that somebody at hand. */
  readonly standIn?: StandIn;
  /** Its endpoints stand in a config file, and nothing else says that this run goes there. */
  readonly isFromFile?: true;
  /** It lets any number of requests through: a sandbox that was asked to. */
  readonly isUnthrottled?: true;
}

/** Somebody else in a tenant that is kept on this machine. */
export interface StandIn {
  /** Who may consent there. */
  readonly person: string;
  /** The command that serves the tenant when no run does, and where it does so. */
  readonly serve: string;
  readonly origin: string;
}

/**
 * The page of an application in the portal of its cloud (seen in links of many public repositories; no page of
 * Microsoft's promises it).
 */
export const portalPage = ({ entraPortal }: Pick<Cloud, 'entraPortal'>, clientId: string): string =>
  `${entraPortal}/#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/Overview/appId/${clientId}`;

export const publicCloudNames = ['global', 'usgov', 'usgov-dod', 'china'] as const;
export type PublicCloudName = (typeof publicCloudNames)[number];
export type CloudName = PublicCloudName | 'sandbox' | 'custom';

const microsoft = (name: PublicCloudName, login: string, graph: string, portal: string): Cloud => ({
  name,
  authorityHost: `https://${login}`,
  graphUrl: `https://${graph}`,
  entraPortal: `https://${portal}`,
  instanceDiscovery: true,
});

const clouds: Readonly<Record<PublicCloudName, Cloud>> = {
  global: microsoft('global', 'login.microsoftonline.com', 'graph.microsoft.com', 'entra.microsoft.com'),
  usgov: microsoft('usgov', 'login.microsoftonline.us', 'graph.microsoft.us', 'entra.microsoft.us'),
  'usgov-dod': microsoft(
    'usgov-dod',
    'login.microsoftonline.us',
    'dod-graph.microsoft.us',
    'entra.microsoft.us',
  ),
  china: microsoft(
    'china',
    'login.chinacloudapi.cn',
    'microsoftgraph.chinacloudapi.cn',
    'entra.microsoft.cn',
  ),
};

/** Hosts that Entra names as its own beside the documented ones: instance discovery's aliases (MSAL goes to some by itself). */
const authorityAliases: readonly (readonly string[])[] = [
  ['login.microsoftonline.com', 'login.windows.net', 'login.microsoft.com', 'sts.windows.net'],
  ['login.chinacloudapi.cn', 'login.partner.microsoftonline.cn'],
  ['login.microsoftonline.us', 'login.usgovcloudapi.net'],
];

/** Every host, with port where it is not 443, to which a sign-in in that cloud may go. */
export function authorityHosts({ authorityHost }: Pick<Cloud, 'authorityHost'>): readonly string[] {
  const { host } = new URL(authorityHost);
  return authorityAliases.find((aliases) => aliases.includes(host)) ?? [host];
}

/**
 * One name for the Entra of a cloud, whichever of its hosts leads there: tenants with the same id elsewhere are others.
 * The sandbox keeps its tenant from one port to the next.
 */
export const entraName = (cloud: Pick<Cloud, 'name' | 'authorityHost'>): string =>
  cloud.name === 'sandbox' ? cloud.name : (authorityHosts(cloud)[0] ?? cloud.authorityHost);

/** False in a cloud whose Graph v1.0 is known to have no sign-in logs (msgraph-sdk-powershell #3189). */
export const offersSignIns = (name: CloudName): boolean => name !== 'china';

/** The cloud of that name. */
export const publicCloud = (name: PublicCloudName): Cloud => clouds[name];

/** Overrides one or both endpoints; those of a known cloud are that cloud. */
function withEndpoints(cloud: Cloud, authorityHost = cloud.authorityHost, graphUrl?: string): Cloud {
  const known = Object.values(clouds).filter((candidate) => candidate.authorityHost === authorityHost);
  const own = authorityHost === cloud.authorityHost ? cloud : (known[0] ?? cloud);
  const graph = graphUrl ?? own.graphUrl;
  return (
    known.find((candidate) => candidate.graphUrl === graph) ?? {
      ...cloud,
      name: 'custom',
      authorityHost,
      graphUrl: graph,
      instanceDiscovery: known.length > 0,
    }
  );
}

/** The scope that asks for every permission already granted on Graph in that cloud. */
export const defaultScope = (cloud: Cloud): string => `${cloud.graphUrl}/.default`;

/** Microsoft Graph Command Line Tools: its permissions are asked for by name, and consented to as they are asked. */
const graphCommandLineTools = '14d82eec-204b-4c2f-b7e8-296a70dab67e';

/** What an administrator's work needs, least privileged first (graph-docs, permissions of each call). */
const administratorPermissions = [
  'Directory.Read.All',
  'AuditLog.Read.All',
  'Policy.Read.All',
  'RoleEligibilitySchedule.Read.Directory',
  'Application.ReadWrite.All',
  'AppRoleAssignment.ReadWrite.All',
];

/**
 * The scopes that an administrator's sign-in asks for. Any other client has what it is registered or pre-authorised
 * for: asking more of Azure CLI's is refused (AADSTS65002).
 */
export function signInScopes(cloud: Cloud, loginClientId: string | undefined): string[] {
  if (loginClientId?.toLowerCase() !== graphCommandLineTools) return [defaultScope(cloud)];
  return administratorPermissions.map((value) => `${cloud.graphUrl}/${value}`);
}

/** How a config file names a cloud; `endpoints` only where the cloud's name does not tell. */
export interface CloudReference {
  readonly cloud: CloudName;
  readonly endpoints?: { readonly authorityHost: string; readonly graphUrl: string };
}

/** Where the options of a run lead. */
export interface CloudOptions {
  readonly cloud?: PublicCloudName;
  readonly authorityHost?: string;
  readonly graphUrl?: string;
}

/** The cloud that the options name; the global one where they name none. */
export function chooseCloud(options: CloudOptions): Cloud {
  return withEndpoints(publicCloud(options.cloud ?? 'global'), options.authorityHost, options.graphUrl);
}

/** How the config file names a cloud. */
export function referenceTo(cloud: Cloud): CloudReference {
  if (cloud.name !== 'custom') return { cloud: cloud.name };
  return { cloud: 'custom', endpoints: { authorityHost: cloud.authorityHost, graphUrl: cloud.graphUrl } };
}

/** The cloud of a file that names endpoints. One that an option leaves open stays the file's word. */
function cloudOfEndpoints({ endpoints }: CloudReference, options: CloudOptions): Cloud {
  const { authorityHost = endpoints?.authorityHost, graphUrl = endpoints?.graphUrl } = options;
  const found = withEndpoints(publicCloud('global'), authorityHost, graphUrl);
  const isAsked = options.authorityHost !== undefined && options.graphUrl !== undefined;
  if (found.name === 'custom' && isAsked) return found;
  if (options.cloud !== undefined && options.cloud !== found.name) {
    const message = `The file names endpoints of its own (${endpointsOf(found)}), not those of ${options.cloud}.`;
    throw new WizardError('config-other-cloud', message, { remedy: whoseEndpoints(found) });
  }
  return found.name === 'custom' ? { ...found, isFromFile: true } : found;
}

/** Both endpoints, for people; once where they are one. */
export const endpointsOf = ({ authorityHost, graphUrl }: Cloud): string =>
  authorityHost === graphUrl ? authorityHost : `${authorityHost} and ${graphUrl}`;

const whoseEndpoints = ({ authorityHost, graphUrl }: Cloud): string =>
  `If they are yours, say so: --authority-host ${authorityHost} --graph-url ${graphUrl}. If not, somebody changed the file: put the right one back.`;

/**
 * Throws WizardError `endpoints-from-file` where nothing but a config file says where this cloud is: whoever may edit the
 * file would get what is sent. `what` is the credential that the file does not hold itself.
 */
export function requireAskedFor(cloud: Cloud, what: string): void {
  if (!cloud.isFromFile) return;
  const message = `Only the file says that this run goes to ${endpointsOf(cloud)}: ${what} is not sent there.`;
  throw new WizardError('endpoints-from-file', message, { remedy: whoseEndpoints(cloud) });
}

/**
 * The cloud of a config file, endpoints given as options taking its place. Throws WizardError `config-other-cloud` for a
 * sandbox's, and for another than `--cloud` names.
 */
export function cloudOfConfig(config: CloudReference, options: CloudOptions): Cloud {
  const { cloud } = config;
  if (cloud === 'sandbox') {
    throw new WizardError('config-other-cloud', 'The file was made in the sandbox tenant.');
  }
  if (cloud === 'custom') return cloudOfEndpoints(config, options);
  if (options.cloud !== undefined && options.cloud !== cloud) {
    const message = `The file belongs to cloud ${cloud}, not to ${options.cloud}.`;
    throw new WizardError('config-other-cloud', message, {
      remedy: 'Leave --cloud out: verify goes where the file says.',
    });
  }
  return withEndpoints(publicCloud(cloud), options.authorityHost, options.graphUrl);
}
