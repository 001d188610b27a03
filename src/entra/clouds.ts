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
}

export const publicCloudNames = ['global', 'usgov', 'usgov-dod', 'china'] as const;
export type PublicCloudName = (typeof publicCloudNames)[number];
export type CloudName = PublicCloudName | 'sandbox' | 'custom';

const clouds: Record<PublicCloudName, Cloud> = {
  global: {
    name: 'global',
    authorityHost: 'https://login.microsoftonline.com',
    graphUrl: 'https://graph.microsoft.com',
    entraPortal: 'https://entra.microsoft.com',
    instanceDiscovery: true,
  },
  usgov: {
    name: 'usgov',
    authorityHost: 'https://login.microsoftonline.us',
    graphUrl: 'https://graph.microsoft.us',
    entraPortal: 'https://entra.microsoft.us',
    instanceDiscovery: true,
  },
  'usgov-dod': {
    name: 'usgov-dod',
    authorityHost: 'https://login.microsoftonline.us',
    graphUrl: 'https://dod-graph.microsoft.us',
    entraPortal: 'https://entra.microsoft.us',
    instanceDiscovery: true,
  },
  china: {
    name: 'china',
    authorityHost: 'https://login.chinacloudapi.cn',
    graphUrl: 'https://microsoftgraph.chinacloudapi.cn',
    entraPortal: 'https://entra.microsoft.cn',
    instanceDiscovery: true,
  },
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

/** False in a cloud whose Graph v1.0 is known to have no sign-in logs (msgraph-sdk-powershell #3189). */
export const offersSignIns = (name: CloudName): boolean => name !== 'china';

/** The cloud of that name. */
export function publicCloud(name: PublicCloudName): Cloud {
  return clouds[name];
}

/** Overrides one or both endpoints; those of a known cloud are that cloud. */
export function withEndpoints(cloud: Cloud, authorityHost?: string, graphUrl?: string): Cloud {
  const authority = authorityHost ?? cloud.authorityHost;
  if (graphUrl === undefined && authority !== cloud.authorityHost) {
    const national = Object.values(clouds).find((candidate) => candidate.authorityHost === authority);
    if (national) return national;
  }
  const graph = graphUrl ?? cloud.graphUrl;
  if (authority === cloud.authorityHost && graph === cloud.graphUrl) return cloud;
  const known = Object.values(clouds).find((c) => c.authorityHost === authority && c.graphUrl === graph);
  if (known) return known;
  const authorityKnown = Object.values(clouds).some((c) => c.authorityHost === authority);
  return {
    ...cloud,
    name: 'custom',
    authorityHost: authority,
    graphUrl: graph,
    instanceDiscovery: authorityKnown,
  };
}

/** The scope that asks for every permission already granted on Graph in that cloud. */
export function defaultScope(cloud: Cloud): string {
  return `${cloud.graphUrl}/.default`;
}

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
