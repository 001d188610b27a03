import type { ServicePrincipal } from '../model.ts';
import { meetReplica } from '../replicas.ts';
import type { SandboxReply } from '../world.ts';
import type { Call } from './context.ts';
import { authenticateClient } from './credentials.ts';
import { badRequest, json } from './errors.ts';
import { declaresCapability, requireParameter } from './parameters.ts';
import { invalidScope, requireResource } from './resources.ts';
import { matchTenant } from './tenants.ts';
import { lifetime, mintApplicationToken } from './tokens.ts';

function checkTenant(call: Call): void {
  if (matchTenant(call.entra.world.tenant, call.tenant) === 'named') return;
  throw badRequest(
    'invalid_request',
    50059,
    'No tenant-identifying information found in either the request or implied by any provided credentials.',
  );
}

function readResource(scope: string): string {
  const parts = scope.split(/\s+/).filter((part) => part !== '');
  const named = /^(.+)\/\.default$/.exec(parts[0] ?? '')?.[1];
  if (parts.length !== 1 || named === undefined) throw invalidScope(scope);
  return named;
}

/**
 * grant_type=client_credentials: a token of the application for itself, with whatever roles it holds. Needs a tenant
 * by name (50059 otherwise) and a scope that ends with /.default (70011 otherwise).
 */
export async function grantApplication(call: Call, client: ServicePrincipal): Promise<SandboxReply> {
  const { world } = call.entra;
  checkTenant(call);
  const proof = await authenticateClient(call, client);
  const resource = requireResource(world, readResource(requireParameter(call.form, 'scope')));
  const cae = declaresCapability(call.form);
  const token = await mintApplicationToken(world, client, resource, {
    proof,
    cae,
    replica: meetReplica(world),
  });
  return json({
    token_type: 'Bearer',
    expires_in: lifetime,
    ext_expires_in: lifetime,
    access_token: token,
  });
}
