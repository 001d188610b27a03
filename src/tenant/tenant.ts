import { WizardError } from '../core/errors.ts';
import { type Fields, fieldsOf, listOf, sameId, textOf, valuesOf } from '../core/fields.ts';
import type { Answer } from '../core/findings.ts';
import { quoted } from '../core/text.ts';
import { isPage, isResource } from '../graph/resource-schemas.ts';
import type { Tenant } from './directory-objects.ts';
import type { Have, ObserveInput, ObserveIo, Step } from './model.ts';
import { cannotTell, pass, type Verdict, warn } from './verdict.ts';

/** Service plans that count as premium, and the states in which they do (CIPP-API, assignedplan.md). */
const premiumPlans = new Set([
  '41781fb2-bc02-4b7c-bd55-b576c07bb09d',
  'eec0eb4f-6444-4f95-aba0-50c24d67f998',
]);
const activeStates = new Set(['Enabled', 'Warning']);

/** Of a tenant for customers (`AAD B2C`, `CIAM`) it is not known which plans the licence check counts. */
const isOfCustomers = (tenantType: string | undefined): boolean =>
  tenantType !== undefined && tenantType !== '' && tenantType !== 'AAD';

/** `assignedPlans` is null, not empty, for a caller who may not read it: that is unknown, not free. */
function premiumOf(organization: Fields): Answer {
  if (!Array.isArray(organization['assignedPlans'])) return 'unknown';
  const active = listOf(organization['assignedPlans']).some(
    (plan) =>
      premiumPlans.has(textOf(plan['servicePlanId']).toLowerCase()) &&
      activeStates.has(textOf(plan['capabilityStatus'])),
  );
  if (active) return 'yes';
  return isOfCustomers(textOf(organization['tenantType'])) ? 'unknown' : 'no';
}

/** Reads the one item of `GET /organization`. */
export function parseTenant(body: unknown): Tenant {
  const organization = valuesOf(body)[0] ?? fieldsOf(undefined);
  return {
    id: textOf(organization['id']),
    displayName: textOf(organization['displayName']),
    tenantType: textOf(organization['tenantType']) || undefined,
    verifiedDomains: listOf(organization['verifiedDomains'])
      .map((domain) => ({
        name: textOf(domain['name']),
        isDefault: domain['isDefault'] === true,
        isInitial: domain['isInitial'] === true,
      }))
      .filter((domain) => domain.name !== ''),
    premium: premiumOf(organization),
  };
}

/** The tenant's default verified domain, else its initial one. */
export function defaultDomain({ verifiedDomains: all }: Tenant): string | undefined {
  return (all.find(({ isDefault }) => isDefault) ?? all.find(({ isInitial }) => isInitial) ?? all[0])?.name;
}

/** Always a list of one (graph-docs organization-list). */
const isTenant = (body: unknown): boolean =>
  isPage(body, isResource('organization')) && valuesOf(body).length === 1;

/** Throws WizardError `sign-in-wrong-tenant` where Graph answers for another tenant than the one of the token. */
async function observe(io: ObserveIo, { signedIn }: ObserveInput): Promise<Partial<Have>> {
  const body = await io.directory.send({
    method: 'GET',
    path: '/organization?$select=id,displayName,tenantType,assignedPlans,verifiedDomains',
    purpose: 'read the tenant',
    accepts: isTenant,
  });
  const found = parseTenant(body);
  if (signedIn.tenantId === undefined || sameId(found.id, signedIn.tenantId)) return { tenant: found };
  throw new WizardError(
    'sign-in-wrong-tenant',
    `Microsoft Graph answers for tenant ${found.id}, and the sign-in is of tenant ${signedIn.tenantId}.`,
    {
      remedy:
        'Nothing was changed. Check --graph-url and any proxy in between, then run the same command again.',
    },
  );
}

function judgeLicence({ premium, tenantType }: Tenant): Verdict {
  if (premium === 'yes') return pass('an active premium plan is assigned');
  if (premium === 'unknown') {
    return cannotTell(
      isOfCustomers(tenantType)
        ? `the tenant is of type ${quoted(tenantType ?? '')}, where plans do not tell; reading sign-ins will`
        : 'the plans are not readable; reading sign-ins will tell',
    );
  }
  return warn(
    'licence-missing',
    'the tenant has no active premium plan: audit logs can be read, sign-in logs cannot',
    'Assign a Microsoft Entra ID P1 or P2 licence to the tenant; a new one may take up to 24 hours to count.',
  );
}

/** The tenant: its id, domains and licence. */
export const tenant: Step = {
  id: 'tenant',
  observe,
  check: (_want, have) => [
    { id: 'licence.premium', title: 'Microsoft Entra ID P1 or P2', ...judgeLicence(have.tenant) },
  ],
};
