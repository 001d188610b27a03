import { errors, type JWTPayload, jwtVerify } from 'jose';
import * as z from 'zod';
import { activeRoles } from '../entra/directory.ts';
import { isKnown } from '../replication.ts';
import { appIds } from '../seed/well-known.ts';
import type { SandboxRequest, World } from '../world.ts';
import { type Caller, sameId } from './context.ts';
import { forbidden, GraphRefusal } from './refusal.ts';

const claimsSchema = z.object({
  idtyp: z.enum(['app', 'user']),
  oid: z.string(),
  appid: z.string(),
  tid: z.string(),
  scp: z.string().optional(),
  roles: z.array(z.string()).optional(),
});

function invalidToken(world: World, message: string): GraphRefusal {
  const parts = [
    'Bearer realm=""',
    `authorization_uri="${world.origin}/common/oauth2/authorize"`,
    `client_id="${appIds.graph}"`,
  ];
  return new GraphRefusal({
    status: 401,
    code: 'InvalidAuthenticationToken',
    message,
    headers: { 'www-authenticate': parts.join(', ') },
  });
}

function explain(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'Lifetime validation failed, the token is expired.';
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'nbf') return 'Access token has expired or is not yet valid.';
    if (error.claim === 'aud') return 'Access token validation failure. Invalid audience.';
  }
  return 'Access token validation failure.';
}

function bearer(world: World, request: SandboxRequest): string {
  const match = /^Bearer +(\S+)$/i.exec(request.headers['authorization']?.trim() ?? '');
  if (match?.[1] === undefined) throw invalidToken(world, 'Access token is empty.');
  if (!match[1].includes('.')) {
    throw invalidToken(world, 'IDX14100: JWT is not well formed, there are no dots (.).');
  }
  return match[1];
}

async function verify(world: World, token: string): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, world.key.publicKey, {
      algorithms: ['RS256'],
      audience: [world.origin, `${world.origin}/`, appIds.graph],
      issuer: `https://sts.windows.net/${world.tenant.id}/`,
      requiredClaims: ['exp', 'nbf', 'oid', 'appid', 'tid'],
      currentDate: new Date(world.now()),
    });
    return payload;
  } catch (error) {
    throw invalidToken(world, explain(error));
  }
}

function requirePrincipal(world: World, oid: string, replica: number): void {
  const principal = world.tenant.servicePrincipals.find(({ id }) => sameId(id, oid));
  if (principal === undefined || !isKnown(world, principal.id, principal.createdDateTime, replica)) {
    throw forbidden(
      'Authorization_IdentityNotFound',
      'The identity of the calling application could not be established.',
    );
  }
  if (!principal.accountEnabled) {
    throw forbidden('Authorization_IdentityDisabled', 'The calling application principal is disabled.');
  }
}

function requirePerson(world: World, oid: string): void {
  const user = world.tenant.users.find(({ id }) => sameId(id, oid));
  if (user === undefined || !user.accountEnabled) {
    throw invalidToken(world, 'Access token validation failure.');
  }
}

/**
 * The caller that the bearer token names. Throws 401 InvalidAuthenticationToken for a token that is absent, malformed,
 * expired, unsigned or for another API, and 403 for an application that is disabled or not there.
 */
export async function authenticate(world: World, request: SandboxRequest, replica: number): Promise<Caller> {
  const payload = await verify(world, bearer(world, request));
  const { data: claims } = claimsSchema.safeParse(payload);
  if (claims === undefined || !sameId(claims.tid, world.tenant.id)) {
    throw invalidToken(world, 'Access token validation failure.');
  }
  const isApplication = claims.idtyp === 'app';
  if (isApplication) requirePrincipal(world, claims.oid, replica);
  else requirePerson(world, claims.oid);
  const permissions = isApplication ? (claims.roles ?? []) : (claims.scp ?? '').split(' ').filter(Boolean);
  return {
    kind: isApplication ? 'application' : 'user',
    id: claims.oid,
    appId: claims.appid,
    permissions: new Set(permissions),
    roles: new Set(activeRoles(world, claims.oid)),
  };
}
