import type { AppManagementPolicy, Domain, Tenant } from '../model.ts';
import { applicationsAndGrants } from './applications.ts';
import { directoryAudits, signIns } from './logs.ts';
import { peopleAndRoles } from './people.ts';
import { directoryRoles, premiumPlans, stableGuid } from './well-known.ts';

function domain(id: string, traits: Partial<Domain> = {}): Domain {
  return {
    id,
    isVerified: true,
    isDefault: false,
    isInitial: false,
    authenticationType: 'Managed',
    ...traits,
  };
}

/** The policy of a tenant that restricts no credentials. */
function openAppManagementPolicy(): AppManagementPolicy {
  return {
    id: '00000000-0000-0000-0000-000000000000',
    displayName: 'Default app management tenant policy',
    description:
      'Default tenant policy that enforces app management restrictions on applications and service principals.',
    isEnabled: false,
    applicationRestrictions: { passwordCredentials: [], keyCredentials: [] },
  };
}

/** A premium tenant with every kind of person in it, and logs of the 30 days before `now` (epoch milliseconds). */
export function createTenant(now: number): Tenant {
  const id = stableGuid('tenant/contoso');
  const people = peopleAndRoles();
  const bought = { assignedDateTime: '2025-10-08T20:50:43Z', service: 'AADPremiumService' };
  return {
    id,
    displayName: 'Contoso',
    tenantType: 'AAD',
    createdDateTime: '2021-08-02T10:30:06Z',
    domains: [
      domain('contoso.onmicrosoft.com', { isInitial: true }),
      domain('contoso.com', { isDefault: true }),
      domain('fabrikam.com'),
      domain('unverified.contoso.com', { isVerified: false }),
    ],
    assignedPlans: [
      { ...bought, capabilityStatus: 'Enabled', servicePlanId: premiumPlans.p1 },
      { ...bought, capabilityStatus: 'Enabled', servicePlanId: premiumPlans.p2 },
      {
        assignedDateTime: '2022-03-01T07:12:09Z',
        service: 'AADPremiumService',
        capabilityStatus: 'Deleted',
        servicePlanId: premiumPlans.p1,
      },
    ],
    ...people,
    directoryRoles: directoryRoles(),
    ...applicationsAndGrants(id),
    oauth2PermissionGrants: [],
    deletedItems: { applications: [], servicePrincipals: [] },
    allowedToCreateApps: true,
    defaultAppManagementPolicy: openAppManagementPolicy(),
    deviceCodeBlockedBy: [],
    signIns: signIns(people.users, now),
    directoryAudits: directoryAudits(people.users, now),
    activity: { clientSignIns: [], changes: [] },
  };
}
