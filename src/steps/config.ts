import type { ReportingConfig } from '../core/config.ts';
import { WizardError } from '../core/errors.ts';
import type { CreatedCredential, Have, Wanted } from '../core/model.ts';
import { neededPermissions, permissionName } from './needed.ts';

/** Where the tenant is reached; goes into the file when it is no cloud that has a name. */
export interface ConfigPlace {
  readonly cloud: ReportingConfig['cloud'];
  readonly endpoints?: { readonly authorityHost: string; readonly graphUrl: string };
}

/** The file's content for a credential made just now. Throws WizardError when a part is missing. */
export function configFor(want: Wanted, have: Have, created: CreatedCredential): ReportingConfig {
  return { ...skeleton(want, have), clientSecret: created.secret, credential: {
    kind: 'secret',
    keyId: created.keyId,
    displayName: created.displayName,
    expires: created.expires,
  } };
}

/** Everything but the credential. */
export function skeleton(want: Wanted, have: Have): Omit<ReportingConfig, 'credential'> {
  const { application, servicePrincipal, tenant } = have;
  if (!application || !servicePrincipal) throw new WizardError('unexpected', 'The application is not complete yet.');
  return {
    version: 1,
    ...want.place,
    tenantId: tenant.id,
    domain: want.domain,
    clientId: application.appId,
    application: {
      objectId: application.id,
      servicePrincipalId: servicePrincipal.id,
      ...(application.uniqueName === null ? {} : { uniqueName: application.uniqueName }),
    },
    permissions: neededPermissions(want, have).map(permissionName),
  };
}
