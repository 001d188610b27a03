import { applicationRoutes } from './resources/applications.ts';
import { assignmentRoutes } from './resources/assignments.ts';
import { auditLogRoutes } from './resources/audit-logs.ts';
import { credentialRoutes } from './resources/credentials.ts';
import { deletedRoutes } from './resources/deleted.ts';
import { directoryObjectRoutes } from './resources/directory-objects.ts';
import { federatedRoutes } from './resources/federated.ts';
import { grantRoutes } from './resources/grants.ts';
import { meRoutes } from './resources/me.ts';
import { ownersRoutes } from './resources/owners.ts';
import { peopleRoutes } from './resources/people.ts';
import { pimRoutes } from './resources/pim.ts';
import { policyRoutes } from './resources/policies.ts';
import { roleRoutes } from './resources/roles.ts';
import { servicePrincipalRoutes } from './resources/service-principals.ts';
import { tenantRoutes } from './resources/tenant.ts';
import { createRouter } from './router.ts';

/** Every resource of v1.0 that this tenant serves. */
export const route = createRouter({
  ...meRoutes,
  ...tenantRoutes,
  ...peopleRoutes,
  ...applicationRoutes,
  ...credentialRoutes,
  ...federatedRoutes,
  ...ownersRoutes,
  ...servicePrincipalRoutes,
  ...assignmentRoutes,
  ...grantRoutes,
  ...deletedRoutes,
  ...directoryObjectRoutes,
  ...roleRoutes,
  ...pimRoutes,
  ...policyRoutes,
  ...auditLogRoutes,
});
