import type { Tenant } from './model.ts';

/** How long the recycle bin keeps an object (graph-docs directory-deleteditems-list.md). */
const kept = 30 * 86_400_000;

/**
 * Lets happen what only time brings about: by `now` (epoch milliseconds) the recycle bin has lost what was in it for 30
 * days, and roles that were activated for a while are held no longer.
 */
export function passTime(tenant: Tenant, now: number): void {
  const stays = ({ deletedDateTime }: { readonly deletedDateTime: string | null }): boolean =>
    deletedDateTime === null || now < Date.parse(deletedDateTime) + kept;
  const { applications, servicePrincipals } = tenant.deletedItems;
  tenant.deletedItems = {
    applications: applications.filter(stays),
    servicePrincipals: servicePrincipals.filter(stays),
  };
  tenant.roleAssignments = tenant.roleAssignments.filter(
    ({ endDateTime }) => typeof endDateTime !== 'string' || now < Date.parse(endDateTime),
  );
}
