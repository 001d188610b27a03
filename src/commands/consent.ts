import type { Cloud } from '../core/clouds.ts';
import type { Change, Have, Wanted } from '../core/model.ts';

/** Whether the plan leaves granting to somebody else. Pure. */
export const awaitsConsent = (changes: readonly Change[]): boolean =>
  changes.some((change) => change.kind === 'appRoleAssignment' && change.blocked !== undefined);

/**
 * The page on which an administrator consents to everything that the application declares
 * (entra-docs grant-admin-consent). Undefined before the application exists.
 */
export function consentUrl(cloud: Cloud, want: Wanted, have: Have): string | undefined {
  if (!have.application) return undefined;
  const url = new URL(`${cloud.authorityHost}/${have.tenant.id}/adminconsent`);
  url.searchParams.set('client_id', have.application.appId);
  if (want.signOnUrl !== null) url.searchParams.set('redirect_uri', want.signOnUrl);
  return url.href;
}
