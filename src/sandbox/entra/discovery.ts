import type { SandboxReply } from '../world.ts';
import { badRequest, type Call, json, readParameter } from './call.ts';
import { matchTenant, unknownTenant } from './directory.ts';

/** Microsoft's own authorities (msal-common, ClientConfiguration's instance metadata). */
const clouds = [
  {
    preferred_network: 'login.microsoftonline.com',
    preferred_cache: 'login.windows.net',
    aliases: ['login.microsoftonline.com', 'login.windows.net', 'login.microsoft.com', 'sts.windows.net'],
  },
  {
    preferred_network: 'login.partner.microsoftonline.cn',
    preferred_cache: 'login.partner.microsoftonline.cn',
    aliases: ['login.partner.microsoftonline.cn', 'login.chinacloudapi.cn'],
  },
  {
    preferred_network: 'login.microsoftonline.us',
    preferred_cache: 'login.microsoftonline.us',
    aliases: ['login.microsoftonline.us', 'login.usgovcloudapi.net'],
  },
];

function ownHosts(origin: string): string[] {
  const { host, hostname, port } = new URL(origin);
  return [host, hostname, `localhost:${port}`, 'localhost'];
}

/** Tells a client whether it may trust an authority, and by what other names it goes. */
export function discoverInstance({ entra, request }: Call): SandboxReply {
  const parameters = request.url.searchParams;
  const endpoint = readParameter(parameters, 'authorization_endpoint');
  const version = readParameter(parameters, 'api-version');
  if (endpoint === undefined || version === undefined || !URL.canParse(endpoint)) {
    throw badRequest('invalid_request', 50050, 'The request is malformed.');
  }
  const { host, pathname, protocol } = new URL(endpoint);
  const own = ownHosts(entra.world.origin);
  const known = own.includes(host) || clouds.some(({ aliases }) => aliases.includes(host));
  if (!known || protocol !== 'https:') {
    throw badRequest('invalid_instance', 50049, 'Unknown or invalid instance.');
  }
  const base = own.includes(host) ? entra.world.origin : `https://${host}`;
  const tenant = pathname.split('/')[1] ?? '';
  const self = { preferred_network: own[0], preferred_cache: own[0], aliases: own };
  return json({
    tenant_discovery_endpoint: `${base}/${tenant}/v2.0/.well-known/openid-configuration`,
    'api-version': version,
    ...(version === '1.0' ? {} : { metadata: [self, ...clouds] }),
  });
}

/** The path segment and the issuer's tenant id that a tenant's documents show. Throws 90002 for an unknown one. */
function names({ entra, tenant }: Call): { segment: string; issuer: string } {
  const match = matchTenant(entra.world.tenant, tenant);
  if (match === undefined) throw unknownTenant(tenant, 'invalid_tenant');
  const { id } = entra.world.tenant;
  return match === 'named'
    ? { segment: id, issuer: id }
    : { segment: tenant.toLowerCase(), issuer: '{tenantid}' };
}

const claims =
  'sub iss cloud_instance_name cloud_instance_host_name cloud_graph_host_name msgraph_host aud exp iat auth_time acr ' +
  'nonce preferred_username name tid ver at_hash c_hash email';

function capabilities(origin: string, segment: string): Record<string, unknown> {
  return {
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: ['code'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    request_uri_parameter_supported: false,
    http_logout_supported: true,
    frontchannel_logout_supported: true,
    claims_supported: claims.split(' '),
    kerberos_endpoint: `${origin}/${segment}/kerberos`,
    tenant_region_scope: 'EU',
    cloud_instance_name: 'microsoftonline.com',
    cloud_graph_host_name: 'graph.windows.net',
    msgraph_host: new URL(origin).host,
    rbac_url: 'https://pas.windows.net',
  };
}

/** The OpenID configuration of the v2.0 endpoints. */
export function openidConfiguration(call: Call): SandboxReply {
  const { origin } = call.entra.world;
  const { segment, issuer } = names(call);
  const oauth = `${origin}/${segment}/oauth2/v2.0`;
  return json({
    ...capabilities(origin, segment),
    issuer: `${origin}/${issuer}/v2.0`,
    jwks_uri: `${origin}/${segment}/discovery/v2.0/keys`,
    token_endpoint: `${oauth}/token`,
    authorization_endpoint: `${oauth}/authorize`,
    device_authorization_endpoint: `${oauth}/devicecode`,
    end_session_endpoint: `${oauth}/logout`,
    userinfo_endpoint: `${origin}/oidc/userinfo`,
  });
}

/** The OpenID configuration of the v1.0 endpoints, of which only the token endpoint differs here. */
export function openidConfigurationV1(call: Call): SandboxReply {
  const { origin } = call.entra.world;
  const { segment, issuer } = names(call);
  return json({
    ...capabilities(origin, segment),
    issuer: `https://sts.windows.net/${issuer}/`,
    jwks_uri: `${origin}/${segment}/discovery/keys`,
    token_endpoint: `${origin}/${segment}/oauth2/token`,
    authorization_endpoint: `${origin}/${segment}/oauth2/v2.0/authorize`,
    device_authorization_endpoint: `${origin}/${segment}/oauth2/v2.0/devicecode`,
    end_session_endpoint: `${origin}/${segment}/oauth2/v2.0/logout`,
  });
}

/** The keys that tokens are signed with. */
export function signingKeys(call: Call): SandboxReply {
  const { origin, key } = call.entra.world;
  const { issuer } = names(call);
  const extra = { cloud_instance_name: 'microsoftonline.com', issuer: `${origin}/${issuer}/v2.0` };
  return json({ keys: [{ ...key.jwk, ...extra }] });
}
