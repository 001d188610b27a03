import type { Json } from '../../json.ts';
import type { Application, ClientSignIn, ServicePrincipal } from '../../model.ts';
import { type Call, sameId } from '../context.ts';
import { graphDate, wholeSeconds } from '../dates.ts';
import { shownClientSignIns } from '../logs/sign-in-sources.ts';
import { list } from '../odata/list.ts';
import type { Handler, Routes } from '../router.ts';
import { credentialActivityType } from '../types/logs.ts';
import { requireReader } from './audit-logs.ts';

type Origin = 'application' | 'servicePrincipal';

interface Credential {
  readonly keyId: string;
  readonly startDateTime: string;
  readonly endDateTime: string;
}

function credentialsOf(
  holder: Pick<Application | ServicePrincipal, 'passwordCredentials' | 'keyCredentials'>,
): Credential[] {
  return [...holder.passwordCredentials, ...holder.keyCredentials];
}

function activityRow(call: Call, origin: Origin, credential: Credential, last: ClientSignIn): Json {
  const application = call.tenant.applications.find(({ appId }) => sameId(appId, last.appId));
  return {
    id: Buffer.from(`${credential.keyId}|${origin}`).toString('base64'),
    appId: last.appId,
    appObjectId: application?.id ?? null,
    createdDateTime: wholeSeconds(credential.startDateTime),
    credentialOrigin: origin,
    expirationDateTime: wholeSeconds(credential.endDateTime),
    keyId: credential.keyId,
    keyType: last.clientCredentialType,
    keyUsage: 'verify',
    resourceId: last.resourceId,
    servicePrincipalObjectId: last.servicePrincipalId,
    signInActivity: { lastSignInDateTime: graphDate(last.at), lastSignInRequestId: last.id },
  };
}

/** One row for each secret and certificate that the tenant has and that was used, as far as the logs know. */
const listActivities: Handler = (call) => {
  requireReader(call, { permission: 'readReports', readers: 'readDirectoryAudits' });
  const lastUse = new Map<string | null, ClientSignIn>();
  // The newest comes first.
  for (const signIn of shownClientSignIns(call)) {
    if (!lastUse.has(signIn.keyId)) lastUse.set(signIn.keyId, signIn);
  }
  const rowsOf =
    (origin: Origin) =>
    (holder: Application | ServicePrincipal): Json[] =>
      credentialsOf(holder).flatMap((credential) => {
        const last = lastUse.get(credential.keyId);
        return last === undefined ? [] : [activityRow(call, origin, credential, last)];
      });
  const { applications, servicePrincipals } = call.tenant;
  const rows = call.world.behaviour.noLogs
    ? []
    : [
        ...applications.flatMap(rowsOf('application')),
        ...servicePrincipals.flatMap(rowsOf('servicePrincipal')),
      ];
  return list(call, { type: credentialActivityType, set: 'reports/appCredentialSignInActivities', rows });
};

/** When each credential was last used; beta alone has it. */
export const credentialActivityRoutes: Routes = {
  'reports/appCredentialSignInActivities': { GET: listActivities },
};
