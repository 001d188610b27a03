import type { Call, Json } from './context.ts';
import { isLicensed } from './licence.ts';
import { isPermitted, rules } from './rights.ts';

/** What tells of risk is hidden where the tenant has no Entra ID P2 (graph-docs resources/signin.md). */
const hiddenRisk = { riskDetail: 'hidden', riskLevelAggregated: 'hidden', riskLevelDuringSignIn: 'hidden' };

/**
 * The tenant's sign-ins as this caller sees them: which Conditional Access policies applied is for who may read
 * policies, without an error for anybody else (graph-docs signin-list.md).
 */
export function signInRows(call: Call): readonly Json[] {
  const { tenant } = call;
  const hidden: Json = {
    ...(isLicensed(tenant, 'p2') ? {} : hiddenRisk),
    ...(isPermitted(call, rules.readConditionalAccess) ? {} : { appliedConditionalAccessPolicies: [] }),
  };
  return tenant.signIns.map((row) => ({ ...row, ...hidden }));
}
