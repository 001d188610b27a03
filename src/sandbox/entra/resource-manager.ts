import { jwtVerify } from 'jose';
import type { SandboxReply } from '../world.ts';
import { type Call, json } from './call.ts';

function unauthorized(code: string, message: string): SandboxReply {
  return json({ error: { code, message } }, 401, { 'www-authenticate': 'Bearer' });
}

async function refuseCaller({ entra, request }: Call): Promise<SandboxReply | undefined> {
  const token = /^bearer\s+(\S+)$/i.exec(request.headers['authorization'] ?? '')?.[1];
  if (token === undefined) {
    const message = "Authentication failed. The 'Authorization' header is missing.";
    return unauthorized('AuthenticationFailed', message);
  }
  const { key, now } = entra.world;
  try {
    await jwtVerify(token, key.publicKey, { algorithms: ['RS256'], currentDate: new Date(now()) });
    return undefined;
  } catch {
    return unauthorized('InvalidAuthenticationToken', 'The access token is invalid.');
  }
}

/**
 * What the Azure CLI asks of Azure Resource Manager after a sign-in: which subscriptions there are. The tenant has
 * none (learn.microsoft.com, REST API, Subscriptions - List).
 */
export async function listSubscriptions(call: Call): Promise<SandboxReply> {
  return (await refuseCaller(call)) ?? json({ value: [], count: { type: 'Total', value: 0 } });
}

/** Likewise, which tenants a person may use: this one (learn.microsoft.com, REST API, Tenants - List). */
export async function listTenants(call: Call): Promise<SandboxReply> {
  const { id, displayName } = call.entra.world.tenant;
  const tenant = { id: `/tenants/${id}`, tenantId: id, displayName, tenantCategory: 'Home' };
  return (await refuseCaller(call)) ?? json({ value: [tenant] });
}
