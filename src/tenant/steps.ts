import { roles } from './account/roles.ts';
import { application } from './application/application.ts';
import { credential } from './credential/credential.ts';
import type { Step } from './model.ts';
import { permissions } from './permissions/permissions.ts';
import { policy } from './policy/policy.ts';
import { servicePrincipal } from './service-principal.ts';
import { tenant } from './tenant.ts';

/** The job, in order: prerequisites first, then what is made, each resting on the one before. */
export const steps: readonly Step[] = [
  tenant,
  roles,
  policy,
  application,
  servicePrincipal,
  permissions,
  credential,
];
