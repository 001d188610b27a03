import type { ApplicationIdentity } from '../adapters/sign-in.ts';
import type { Cloud } from '../core/clouds.ts';
import type { ConfigPlace, Finding, Have } from '../core/model.ts';
import type { Draft } from './draft.ts';

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
export function describeTenant(have: Have, domain: string, place: ConfigPlace): NonNullable<Draft['tenant']> {
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

/** The end of the credential in use, ISO 8601. */
export function expiryOf(have: Have): string | undefined {
  if (have.created) return have.created.expires;
  return have.config.status === 'ok' ? have.config.config.credential.expires : undefined;
}

/** The credential's part of the outcome, once there is one. */
export function describeCredential(have: Have): Draft['credential'] {
  const keyId = have.created?.keyId ?? have.saved?.keyId;
  const expires = expiryOf(have);
  if (keyId === undefined) return undefined;
  return { kind: 'secret', keyId, ...(expires === undefined ? {} : { expires }) };
}

/** The credential the file holds now. */
export function identityOf(have: Have): ApplicationIdentity | undefined {
  const secret =
    have.created?.secret ?? (have.config.status === 'ok' ? have.config.config.clientSecret : undefined);
  if (!have.application || !secret) return undefined;
  return { tenantId: have.tenant.id, clientId: have.application.appId, clientSecret: secret };
}
