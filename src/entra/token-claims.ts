import { decodeJwt } from 'jose';

/** What the wizard reads from an access token (entra-docs access-token-claims-reference). */
export interface TokenClaims {
  readonly tenantId: string | undefined;
  readonly objectId: string | undefined;
  readonly clientId: string | undefined;
  /** `app` or `user`; undefined where the token does not say. */
  readonly identityType: string | undefined;
  /** Granted application permissions. */
  readonly roles: readonly string[];
  /** Delegated scopes. */
  readonly scopes: readonly string[];
  readonly name: string | undefined;
  /** Template ids of active directory roles. */
  readonly wids: readonly string[];
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];

/** Decodes without verifying: Graph's tokens are for Graph to verify. An opaque token gives empty claims. */
export function readClaims(token: string): TokenClaims {
  let claims: Record<string, unknown> = {};
  try {
    claims = decodeJwt(token);
  } catch {
    // Opaque tokens are allowed to exist; Graph then tells who is signed in.
  }
  return {
    tenantId: text(claims['tid']),
    objectId: text(claims['oid']),
    clientId: text(claims['appid']) ?? text(claims['azp']),
    identityType: text(claims['idtyp']),
    roles: texts(claims['roles']),
    scopes: (text(claims['scp']) ?? '').split(' ').filter(Boolean),
    wids: texts(claims['wids']),
    name: text(claims['upn']) ?? text(claims['unique_name']) ?? text(claims['app_displayname']),
  };
}
