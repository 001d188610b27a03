import type { Step } from '../core/reconcile.ts';
import { application } from './application.ts';
import { credential } from './credential.ts';
import { permissions } from './permissions.ts';
import { policy } from './policy.ts';
import { roles } from './roles.ts';
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
