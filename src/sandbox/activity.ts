import { decodeJwt } from 'jose';
import type { ClientSignIn, ServicePrincipal } from './model.ts';
import type { World } from './world.ts';

/** How much the tenant remembers of each kind. */
const mostKept = 1000;

/** Milliseconds until the logs show what has just happened: minutes in reality, here so that a person sees it. */
const lateness = { usual: 2_000, lateRows: 20_000 } as const;

/** The credential by which a client proved itself, as the sign-in log names it. */
export interface UsedCredential {
  readonly type: ClientSignIn['clientCredentialType'];
  /** Of a secret or certificate. */
  readonly keyId?: string;
  /** Of a certificate: SHA-1, hexadecimal, upper case. */
  readonly thumbprint?: string;
  readonly federatedCredentialId?: string;
}

interface TokenRequest {
  readonly client: ServicePrincipal;
  readonly credential: UsedCredential;
  /** The API that the token is for. */
  readonly resource: ServicePrincipal;
  readonly token: string;
}

function keep<T>(all: readonly T[], added: T): T[] {
  return [...all.slice(-(mostKept - 1)), added];
}

/** Notes that an application signed in for itself; the sign-in log shows it later. */
export function noteClientSignIn(world: World, { client, credential, resource, token }: TokenRequest): void {
  const { activity } = world.tenant;
  activity.clientSignIns = keep(activity.clientSignIns, {
    id: world.randomUUID(),
    at: world.now(),
    appId: client.appId,
    appDisplayName: client.displayName,
    servicePrincipalId: client.id,
    resourceId: resource.appId,
    resourceDisplayName: resource.displayName,
    resourceServicePrincipalId: resource.id,
    clientCredentialType: credential.type,
    keyId: credential.keyId ?? null,
    thumbprint: credential.thumbprint ?? null,
    federatedCredentialId: credential.federatedCredentialId ?? null,
    uniqueTokenIdentifier: String(decodeJwt(token)['uti']),
    correlationId: world.randomUUID(),
  });
}

/** Notes a row of /auditLogs/directoryAudits, dated now; the log shows it later. */
export function noteChange(world: World, row: Record<string, unknown>): void {
  const { activity } = world.tenant;
  activity.changes = keep(activity.changes, row);
}

/** Epoch milliseconds of the newest happening that the logs show by now. */
export function newestShown({ behaviour, now }: World): number {
  return now() - (behaviour.lateRows ? lateness.lateRows : lateness.usual);
}
