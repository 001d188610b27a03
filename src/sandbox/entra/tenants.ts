import type { Tenant } from '../model.ts';
import { badRequest, type OAuthRefusal } from './errors.ts';

/** `named`: the tenant's GUID or one of its verified domains; `any`: common or organizations. */
export type TenantSegment = 'named' | 'any';

/** AADSTS90002, as a tenant's endpoints answer to a name that no tenant has. */
export function unknownTenant(name: string, error: 'invalid_tenant' | 'invalid_request'): OAuthRefusal {
  return badRequest(
    error,
    90002,
    `Tenant '${name}' not found. Check to make sure you have the correct tenant ID and are signing into the correct ` +
      'cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for ' +
      'the tenant.',
  );
}

/** How the first path segment names the tenant, or undefined where it names none. */
export function matchTenant(tenant: Tenant, segment: string): TenantSegment | undefined {
  const name = segment.toLowerCase();
  if (name === 'common' || name === 'organizations') return 'any';
  const verified = tenant.domains.some(({ id, isVerified }) => isVerified && id.toLowerCase() === name);
  return verified || name === tenant.id ? 'named' : undefined;
}

/** As matchTenant, throwing where the segment names no tenant. */
export function requireTenant(tenant: Tenant, segment: string): TenantSegment {
  const match = matchTenant(tenant, segment);
  if (match === undefined) throw unknownTenant(segment, 'invalid_request');
  return match;
}
