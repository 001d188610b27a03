import type { Tenant } from '../model.ts';
import { premiumPlans } from '../seed/well-known.ts';

type Plan = keyof typeof premiumPlans;

/** Whether the tenant has one of these plans now; a plan in its grace period still counts. */
export function isLicensed({ assignedPlans }: Tenant, ...plans: Plan[]): boolean {
  const ids: readonly string[] = plans.map((plan) => premiumPlans[plan]);
  return assignedPlans.some(
    ({ servicePlanId, capabilityStatus }) =>
      ids.includes(servicePlanId) && (capabilityStatus === 'Enabled' || capabilityStatus === 'Warning'),
  );
}
