import type { Json } from '../../json.ts';
import { premiumPlans } from '../../seed/well-known.ts';
import { type Call, sameId } from '../context.ts';
import { entity, list } from '../odata/list.ts';
import { notFound, unsupportedQuery } from '../refusal.ts';
import { isPermitted, requirePermission, rules } from '../rights.ts';
import type { Handler, Routes } from '../router.ts';
import { domainType, organizationType, subscribedSkuType } from '../types/directory.ts';
import { blank } from '../types/spec.ts';

const mailCapabilities = 'Email, OfficeCommunicationsOnline';

function verifiedDomains({ tenant }: Call): Json[] {
  return tenant.domains
    .filter(({ isVerified }) => isVerified)
    .map(({ id, isDefault, isInitial, authenticationType }) => ({
      capabilities: mailCapabilities,
      isDefault,
      isInitial,
      name: id,
      type: authenticationType,
    }));
}

function organizationView(call: Call): Json {
  const { tenant } = call;
  return {
    ...blank(organizationType),
    id: tenant.id,
    countryLetterCode: 'NL',
    createdDateTime: tenant.createdDateTime,
    displayName: tenant.displayName,
    preferredLanguage: 'en',
    tenantType: tenant.tenantType,
    directorySizeQuota: { used: tenant.users.length + tenant.applications.length, total: 300_000 },
    assignedPlans: tenant.assignedPlans,
    verifiedDomains: verifiedDomains(call),
  };
}

const alwaysShown = new Set(['id', 'displayName', 'verifiedDomains']);

/** With User.Read alone, all but three properties are null (graph-docs organization-list.md). */
function shownOrganization(call: Call): Json {
  requirePermission(call, rules.readOrganization);
  const whole = organizationView(call);
  if (isPermitted(call, rules.readWholeOrganization)) return whole;
  return Object.fromEntries(
    Object.entries(whole).map(([name, value]) => [
      name,
      alwaysShown.has(name) ? value : Array.isArray(value) && value.length === 0 ? [] : null,
    ]),
  );
}

const organizations: Handler = (call) =>
  list(call, { type: organizationType, set: 'organization', rows: [shownOrganization(call)] });

const organization: Handler = (call, key) => {
  const row = shownOrganization(call);
  if (!sameId(key.value, call.tenant.id)) throw notFound(key.value);
  return entity(call, organizationType, 'organization', row);
};

function domainViews({ tenant }: Call): Json[] {
  return tenant.domains.map(({ id, isVerified, isDefault, isInitial, authenticationType }) => ({
    ...blank(domainType),
    authenticationType,
    id,
    isAdminManaged: true,
    isDefault,
    isInitial,
    isRoot: !tenant.domains.some((other) => id.endsWith(`.${other.id}`)),
    isVerified,
    passwordNotificationWindowInDays: isVerified ? 14 : null,
    passwordValidityPeriodInDays: isVerified ? 2_147_483_647 : null,
    supportedServices: isVerified ? ['Email', 'OfficeCommunicationsOnline'] : [],
  }));
}

const domains: Handler = (call) => {
  requirePermission(call, rules.readDomains);
  return list(call, { type: domainType, set: 'domains', rows: domainViews(call) });
};

const domain: Handler = (call, key) => {
  requirePermission(call, rules.readDomains);
  const row = domainViews(call).find(({ id }) => sameId(String(id), key.value));
  if (row === undefined) throw notFound(key.value);
  return entity(call, domainType, 'domains', row);
};

/** The SKUs that carry Entra ID P1 and P2 (Entra licensing service plan reference). */
const skus = [
  ['AAD_PREMIUM', '078d2b04-f1bd-4111-bbd4-b4b1b354cef4', premiumPlans.p1],
  ['AAD_PREMIUM_P2', '84a661c4-e949-4bd2-a560-ed7766fcaf2b', premiumPlans.p2],
] as const;

function skuViews({ tenant }: Call): Json[] {
  return skus.flatMap(([skuPartNumber, skuId, servicePlanId]) => {
    const plans = tenant.assignedPlans.filter((plan) => plan.servicePlanId === servicePlanId);
    const plan = plans.find(({ capabilityStatus }) => capabilityStatus === 'Enabled') ?? plans[0];
    if (plan === undefined) return [];
    const status = plan.capabilityStatus;
    return [
      {
        accountId: tenant.id,
        accountName: tenant.displayName,
        appliesTo: 'User',
        capabilityStatus: status,
        consumedUnits: 1,
        id: `${tenant.id}_${skuId}`,
        skuId,
        skuPartNumber,
        subscriptionIds: [],
        prepaidUnits: {
          enabled: status === 'Enabled' ? 25 : 0,
          suspended: status === 'Suspended' ? 25 : 0,
          warning: status === 'Warning' ? 25 : 0,
          lockedOut: status === 'LockedOut' ? 25 : 0,
        },
        servicePlans: [
          { appliesTo: 'User', provisioningStatus: 'Success', servicePlanId, servicePlanName: skuPartNumber },
        ],
      },
    ];
  });
}

const subscribedSkus: Handler = (call) => {
  requirePermission(call, rules.readSkus);
  if (call.query.filter !== undefined) throw unsupportedQuery();
  return list(call, { type: subscribedSkuType, set: 'subscribedSkus', rows: skuViews(call) });
};

/** The organisation, its domains and its licences. */
export const tenantRoutes: Routes = {
  organization: { GET: organizations },
  'organization/{}': { GET: organization },
  domains: { GET: domains },
  'domains/{}': { GET: domain },
  subscribedSkus: { GET: subscribedSkus },
};
