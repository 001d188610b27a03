import { type Fields, fieldsOf, listOf, textOf, valuesOf } from '../core/fields.ts';
import type { Answer, Finding } from '../core/findings.ts';
import type { Tenant } from './directory-objects.ts';
import type { Have, ObserveIo, Step } from './model.ts';

/** Service plans that count as premium, and the states in which they do (CIPP-API, assignedplan.md). */
const premiumPlans = new Set([
  '41781fb2-bc02-4b7c-bd55-b576c07bb09d',
  'eec0eb4f-6444-4f95-aba0-50c24d67f998',
]);
const activeStates = new Set(['Enabled', 'Warning']);

/** `assignedPlans` is null, not empty, for a caller who may not read it: that is unknown, not free. */
function premiumOf(organization: Fields): Answer {
  if (textOf(organization['tenantType']) === 'AAD B2C') return 'yes';
  if (!Array.isArray(organization['assignedPlans'])) return 'unknown';
  const active = listOf(organization['assignedPlans']).some(
    (plan) =>
      premiumPlans.has(textOf(plan['servicePlanId']).toLowerCase()) &&
      activeStates.has(textOf(plan['capabilityStatus'])),
  );
  return active ? 'yes' : 'no';
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
export function defaultDomain(tenant: Tenant): string | undefined {
  const { verifiedDomains } = tenant;
  const chosen =
    verifiedDomains.find((domain) => domain.isDefault) ?? verifiedDomains.find((d) => d.isInitial);
  return (chosen ?? verifiedDomains[0])?.name;
}

async function observe(io: ObserveIo): Promise<Partial<Have>> {
  const body = await io.directory.send({
    method: 'GET',
    path: '/organization?$select=id,displayName,tenantType,assignedPlans,verifiedDomains',
    purpose: 'read the tenant',
  });
  return { tenant: parseTenant(body) };
}

function checkLicence({ tenant }: Have): Finding {
  const base = { id: 'licence.premium', title: 'Microsoft Entra ID P1 or P2' };
  if (tenant.premium === 'yes')
    return { ...base, status: 'pass', evidence: 'an active premium plan is assigned' };
  if (tenant.premium === 'unknown') {
    return { ...base, status: 'pass', evidence: 'the plans are not readable; reading sign-ins will tell' };
  }
  return {
    ...base,
    status: 'warn',
    evidence: 'no active premium plan: audit logs can be read, sign-in logs cannot',
    remedy:
      'Assign a Microsoft Entra ID P1 or P2 licence to the tenant; a new one may take up to 24 hours to count.',
    code: 'licence-missing',
  };
}

/** The tenant: its id, domains and licence. */
export const tenant: Step = { id: 'tenant', observe, check: (_want, have) => [checkLicence(have)] };
