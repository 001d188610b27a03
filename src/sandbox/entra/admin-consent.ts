import { publishedBy } from '../application-properties.ts';
import type { Application, ServicePrincipal, User } from '../model.ts';
import { appIds, roleIds } from '../seed/well-known.ts';
import type { SandboxReply, World } from '../world.ts';
import { badRequest, type Call, readParameter, requireParameter } from './call.ts';
import { writeDelegatedGrant, writeRoleAssignment } from './consent.ts';
import { activeRoles, findApplication, requireTenant, requireUser, unknownApplication } from './directory.ts';
import { ask, type Html, html, messagePage, pickAccount, refusalPage, type Step } from './pages.ts';
import { formTargetOf, type RedirectTarget, redirect, requireApplicationRedirect } from './redirects.ts';

/** One request for an administrator's consent. */
interface ConsentRequest {
  readonly call: Call;
  readonly application: Application;
  readonly declared: readonly Declared[];
  readonly target: RedirectTarget | undefined;
  readonly step: Step;
}

function readTarget(call: Call, application: Application): RedirectTarget | undefined {
  const { searchParams } = call.request.url;
  const uri = readParameter(searchParams, 'redirect_uri');
  if (uri === undefined) return undefined;
  requireApplicationRedirect(application, uri);
  return { uri, mode: 'query', state: searchParams.get('state') ?? undefined };
}

function readRequest(call: Call): ConsentRequest {
  const { entra, request } = call;
  const { world } = entra;
  requireTenant(world.tenant, call.tenant);
  const clientId = requireParameter(request.url.searchParams, 'client_id');
  const application = findApplication(world, clientId);
  if (application === undefined) throw unknownApplication(world, clientId);
  const target = readTarget(call, application);
  const formTargets = target === undefined ? [] : [formTargetOf(target.uri)];
  const step = { entra, path: request.url.pathname, formTargets };
  return { call, application, declared: declaredPermissions(world, application), target, step };
}

function finish({ call, target, application }: ConsentRequest, refused?: string): SandboxReply {
  const tenant = call.entra.world.tenant.id;
  if (target === undefined) {
    return refused === undefined
      ? messagePage(
          'Permissions granted',
          `${application.displayName} now holds the permissions it asked for.`,
        )
      : messagePage('Permissions not granted', refused);
  }
  if (refused === undefined) return redirect(target, { tenant, admin_consent: 'True' });
  return redirect(target, { error: 'permission_denied', error_description: refused });
}

function describeDeclared({ declared, application }: ConsentRequest, user: User): Html {
  const items = declared.map(
    ({ displayName, value, resource }) =>
      html`<li>${displayName} <small>${value} of ${resource.displayName}</small></li>`,
  );
  return html`<p>${user.userPrincipalName}</p>
<p>If you accept, <strong>${application.displayName}</strong> will be able to do this in your whole organization:</p>
<ul>
${items}
</ul>
<button type="submit" name="answer" value="accept" class="main">Accept</button>
<button type="submit" name="answer" value="decline">Cancel</button>`;
}

function accept(request: ConsentRequest): SandboxReply {
  grantAll(request.call.entra.world, request.application, request.declared);
  return finish(request);
}

function decide(request: ConsentRequest, user: User): SandboxReply {
  const { call, step, application } = request;
  const refused = 'AADSTS90094: The grant requires admin permission.';
  if (!mayGrantAll(call.entra.world, user.id, request.declared)) {
    const text = `${application.displayName} needs permissions that only another administrator can grant. (${refused})`;
    const content = { title: 'Need admin approval', text, back: 'Return without granting consent' };
    return refusalPage(step, content, () => finish(request, refused));
  }
  const fields = describeDeclared(request, user);
  return ask(step, { title: 'Permissions requested: review for your organization', fields }, (form) =>
    form.get('answer') === 'accept' ? accept(request) : finish(request, 'The admin canceled the request'),
  );
}

/**
 * The page where an administrator consents, for the organisation, to everything that an application declares
 * (entra-docs grant-admin-consent). Throws OAuthRefusal for an application or address that is not registered.
 */
export function adminConsent(call: Call): SandboxReply {
  const request = readRequest(call);
  const { world, autoApprove } = call.entra;
  // Who signs in by itself and may not grant is not asked for: somebody else comes, and picks another account.
  if (autoApprove !== undefined && mayGrantAll(world, requireUser(world, autoApprove).id, request.declared))
    return accept(request);
  const purpose = { application: request.application.displayName, hint: undefined };
  return pickAccount(request.step, purpose, (user) => decide(request, user));
}

/** One permission that an application declares, with the API that publishes it. */
interface Declared {
  readonly resource: ServicePrincipal;
  readonly kind: 'Role' | 'Scope';
  readonly id: string;
  readonly value: string;
  readonly displayName: string;
}

const graphs = new Set<string>([appIds.graph, appIds.legacyGraph]);
const companyAdmins: readonly string[] = [roleIds.globalAdministrator, roleIds.privilegedRoleAdministrator];
const applicationAdmins: readonly string[] = [
  roleIds.applicationAdministrator,
  roleIds.cloudApplicationAdministrator,
];

function published(resource: ServicePrincipal, id: string, kind: 'Role' | 'Scope'): Declared[] {
  const same = (candidate: { readonly id: string }): boolean =>
    candidate.id.toLowerCase() === id.toLowerCase();
  if (kind === 'Role') {
    return resource.appRoles
      .filter(same)
      .map((role) => ({ resource, kind, id: role.id, value: role.value, displayName: role.displayName }));
  }
  return resource.oauth2PermissionScopes.filter(same).map((scope) => {
    return { resource, kind, id: scope.id, value: scope.value, displayName: scope.adminConsentDisplayName };
  });
}

/** What an application's requiredResourceAccess declares. Throws 650054 for an API that the tenant does not have. */
function declaredPermissions(world: World, application: Application): Declared[] {
  return application.requiredResourceAccess.flatMap(({ resourceAppId, resourceAccess }) => {
    const resource = world.tenant.servicePrincipals.find(
      ({ appId }) => appId === resourceAppId.toLowerCase(),
    );
    if (resource === undefined) {
      throw badRequest(
        'invalid_resource',
        650054,
        'The application asked for permissions to access a resource that has been removed or is no longer available.',
      );
    }
    return resourceAccess.flatMap(({ id, type }) => published(resource, id, type));
  });
}

/**
 * Whether this person may consent to all of it for the organisation: application administrators may, but for the
 * application permissions of Microsoft Graph and Azure AD Graph (entra-docs grant-admin-consent).
 */
function mayGrantAll(world: World, userId: string, declared: readonly Declared[]): boolean {
  const roles = activeRoles(world, userId);
  const guarded = declared.some(({ kind, resource }) => kind === 'Role' && graphs.has(resource.appId));
  const sufficient = guarded ? companyAdmins : [...companyAdmins, ...applicationAdmins];
  return sufficient.some((role) => roles.includes(role));
}

function ensurePrincipal(world: World, application: Application): ServicePrincipal {
  const { servicePrincipals } = world.tenant;
  const found = servicePrincipals.find(({ appId }) => appId === application.appId);
  if (found !== undefined) return found;
  const created: ServicePrincipal = {
    ...publishedBy(application),
    id: world.randomUUID(),
    appId: application.appId,
    createdDateTime: new Date(world.now()).toISOString(),
    deletedDateTime: null,
    accountEnabled: true,
    appOwnerOrganizationId: world.tenant.id,
    servicePrincipalType: 'Application',
    tags: ['WindowsAzureActiveDirectoryIntegratedApp'],
    passwordCredentials: [],
    keyCredentials: [],
    owners: [],
    properties: {},
  };
  servicePrincipals.push(created);
  return created;
}

/** Grants everything declared, for the whole organisation; makes the service principal where there is none. */
export function grantAll(world: World, application: Application, declared: readonly Declared[]): void {
  const client = ensurePrincipal(world, application);
  for (const { kind, resource, id, value } of declared) {
    if (kind === 'Role') writeRoleAssignment(world, client, resource, id);
    else writeDelegatedGrant(world, { client, resource, principalId: null, values: [value] });
  }
}
