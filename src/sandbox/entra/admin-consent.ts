import type { Application, User } from '../model.ts';
import type { SandboxReply } from '../world.ts';
import type { Call } from './context.ts';
import { type Declared, declaredPermissions, grantAll, mayGrantAll } from './declared.ts';
import { findApplication, requireUser, unknownApplication } from './directory.ts';
import { type Html, html } from './html.ts';
import { ask, messagePage, pickAccount, refusalPage, type Step } from './pages.ts';
import { readParameter, requireParameter } from './parameters.ts';
import { formTargetOf, type RedirectTarget, redirect, requireApplicationRedirect } from './redirects.ts';
import { requireTenant } from './tenants.ts';

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
  const { world, autoApprove } = call.entra;
  const refused = 'AADSTS90094: The grant requires admin permission.';
  const allowed = mayGrantAll(world, user.id, request.declared);
  if (autoApprove !== undefined) return allowed ? accept(request) : finish(request, refused);
  if (!allowed) {
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
  if (autoApprove !== undefined) return decide(request, requireUser(world, autoApprove));
  const purpose = { application: request.application.displayName, hint: undefined };
  return pickAccount(request.step, purpose, (user) => decide(request, user));
}
