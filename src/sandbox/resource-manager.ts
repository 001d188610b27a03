import { jwtVerify } from 'jose';
import type { SandboxReply, SandboxRequest, World } from './world.ts';

function json(status: number, body: unknown): SandboxReply {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-cache' },
    body: JSON.stringify(body),
  };
}

async function isSignedIn({ key, now }: World, request: SandboxRequest): Promise<boolean> {
  const token = /^Bearer +(\S+)$/i.exec(request.headers['authorization'] ?? '')?.[1] ?? '';
  try {
    await jwtVerify(token, key.publicKey, { algorithms: ['RS256'], currentDate: new Date(now()) });
    return true;
  } catch {
    return false;
  }
}

/**
 * The two lists of Azure Resource Manager that the Azure CLI reads after each sign-in (Azure REST reference,
 * subscriptions/list and tenants/list): a tenant without subscriptions. Undefined for any other path.
 */
export async function handleResourceManager(
  world: World,
  request: SandboxRequest,
): Promise<SandboxReply | undefined> {
  const { id } = world.tenant;
  const lists = new Map([
    ['/subscriptions', []],
    ['/tenants', [{ id: `/tenants/${id}`, tenantId: id }]],
  ]);
  const value = lists.get(request.url.pathname.toLowerCase());
  if (value === undefined || request.method !== 'GET') return undefined;
  if (!(await isSignedIn(world, request))) {
    return json(401, { error: { code: 'AuthenticationFailed', message: 'Authentication failed.' } });
  }
  return json(200, { value });
}
