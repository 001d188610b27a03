import type { ServicePrincipal } from '../model.ts';
import { meetReplica } from '../replicas.ts';
import type { Call } from './context.ts';
import { findApplication, requireClient } from './directory.ts';
import { badRequest } from './errors.ts';
import { requireTenant } from './tenants.ts';

/**
 * The client of a request to this tenant's endpoint. Throws 90002 for an unknown tenant, 9002332 for `consumers`,
 * 700016 and 7000112 for a client that is unknown or disabled, 50194 for a single-tenant client that does not name
 * its tenant.
 */
export function requireUsableClient(call: Call, clientId: string): ServicePrincipal {
  const { world } = call.entra;
  if (call.tenant.toLowerCase() === 'consumers') {
    const client = requireClient(world, clientId, meetReplica(world));
    throw badRequest(
      'invalid_request',
      9002332,
      `Application '${client.appId}'(${client.displayName}) is configured for use by Microsoft Entra users only. ` +
        'Please do not use the /consumers endpoint to serve this request.',
    );
  }
  const match = requireTenant(world.tenant, call.tenant);
  const client = requireClient(world, clientId, meetReplica(world));
  const { signInAudience } = findApplication(world, client.appId) ?? client;
  if (match === 'any' && signInAudience === 'AzureADMyOrg') {
    throw badRequest(
      'invalid_request',
      50194,
      `Application '${client.appId}'(${client.displayName}) is not configured as a multi-tenant application. Usage of ` +
        "the /common endpoint is not supported for such applications created after '10/15/2018'. Use a " +
        'tenant-specific endpoint or configure the application to be multi-tenant.',
    );
  }
  return client;
}
