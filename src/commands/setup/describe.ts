import type { CredentialKind } from '../../core/choices.ts';
import type { Finding } from '../../core/findings.ts';
import type { Cloud, CloudReference } from '../../entra/clouds.ts';
import type { Change, Have } from '../../tenant/model.ts';
import type { Draft } from '../shared/draft.ts';

/** What signing in and reading the tenant proved by themselves. */
export function reached(cloud: Cloud, account: string): Finding[] {
  const host = (url: string): string => new URL(url).host;
  return [
    { id: 'network.authority', status: 'pass', title: 'Entra answers', evidence: host(cloud.authorityHost) },
    { id: 'network.graph', status: 'pass', title: 'Microsoft Graph answers', evidence: host(cloud.graphUrl) },
    { id: 'auth.signIn', status: 'pass', title: 'Signed in', evidence: account },
  ];
}

/** The tenant's part of the outcome. */
export function describeTenant(
  have: Have,
  domain: string,
  place: CloudReference,
): NonNullable<Draft['tenant']> {
  return { id: have.tenant.id, displayName: have.tenant.displayName, domain, cloud: place.cloud };
}

/** The application's part of the outcome, once there is one. */
export function describeApplication({ application, servicePrincipal }: Have): Draft['application'] {
  return (
    application && {
      clientId: application.appId,
      objectId: application.id,
      ...(servicePrincipal && { servicePrincipalId: servicePrincipal.id }),
    }
  );
}

function idOf({ kind, name, id }: Change, have: Have): string | undefined {
  if (id !== undefined) return id;
  switch (kind) {
    case 'application':
      return have.application?.id;
    case 'servicePrincipal':
      return have.servicePrincipal?.id;
    case 'appRoleAssignment':
      return have.made.find((made) => made.kind === kind && made.name === name)?.id;
    case 'configFile':
      return undefined;
    default:
      return have.created?.keyId;
  }
}

/** Changes that were written, with the ids that they have by now. */
export function describeChanges(changes: readonly Change[], have: Have): NonNullable<Draft['changes']> {
  return changes.map((change) => {
    const id = idOf(change, have);
    return id === undefined ? change : { ...change, id };
  });
}

/** The end of the credential in use, ISO 8601; undefined where it has none, or none is known. */
export function expiryOf(have: Have): string | undefined {
  if (have.created) return have.created.expires;
  return have.config.status === 'ok' ? have.config.config.credential.expires : undefined;
}

/** The kind of the credential in use. */
export function kindOf({ created, config }: Have): CredentialKind {
  return created?.kind ?? (config.status === 'ok' ? config.config.credential.kind : 'secret');
}

/** The credential's part of the outcome, once there is one. */
export function describeCredential(have: Have): Draft['credential'] {
  const { created, saved, config } = have;
  const held = config.status === 'ok' && saved !== undefined ? config.config.credential : undefined;
  const keyId = created?.keyId || held?.keyId;
  const expires = expiryOf(have);
  if (!created && !held) return undefined;
  return {
    kind: kindOf(have),
    ...(keyId === undefined ? {} : { keyId }),
    ...(expires === undefined ? {} : { expires }),
  };
}
