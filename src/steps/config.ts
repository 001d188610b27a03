import type { ReportingConfig } from '../core/config.ts';
import { WizardError } from '../core/errors.ts';
import type { CreatedCredential, Have, Wanted } from '../core/model.ts';
import { neededPermissions, permissionName } from './needed.ts';

/** Everything but the credential. Throws WizardError when a part is missing. */
function skeleton(want: Wanted, have: Have): Omit<ReportingConfig, 'credential'> {
  const { application, servicePrincipal, tenant } = have;
  if (!application || !servicePrincipal) {
    throw new WizardError('unexpected', 'The application is not complete yet.');
  }
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

/** The file's content for a credential made just now. Throws WizardError when a part is missing. */
export function configFor(want: Wanted, have: Have, created: CreatedCredential): ReportingConfig {
  return {
    ...skeleton(want, have),
    clientSecret: created.secret,
    credential: {
      kind: 'secret',
      keyId: created.keyId,
      displayName: created.displayName,
      expires: created.expires,
    },
  };
}

/** The file's content when its credential stays. Throws WizardError when a part is missing. */
export function keptConfig(want: Wanted, have: Have, saved: ReportingConfig): ReportingConfig {
  return {
    ...skeleton(want, have),
    credential: saved.credential,
    ...(saved.clientSecret === undefined ? {} : { clientSecret: saved.clientSecret }),
  };
}

/** Whether the saved file says anything but what is wanted now, its credential apart. Pure. */
export function hasChanged(want: Wanted, have: Have, saved: ReportingConfig): boolean {
  if (!have.application || !have.servicePrincipal) return true;
  const { credential: _credential, clientSecret: _secret, ...rest } = saved;
  return canonical(skeleton(want, have)) !== canonical(rest);
}

/** JSON with its keys in order, so that two equal values have one spelling. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
