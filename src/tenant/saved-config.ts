import type { ReportingConfig } from '../config/config.ts';
import { WizardError } from '../core/errors.ts';
import { sameId } from '../core/fields.ts';
import { defaultAppName } from './application/write-application.ts';
import type { Application } from './directory-objects.ts';
import { ownUniqueName } from './graph.ts';
import type { ApplyIo, Change, CreatedCredential, Have, Wanted } from './model.ts';
import { neededPermissions, permissionName } from './permissions/needed-permissions.ts';

type CredentialPart = Pick<ReportingConfig, 'credential' | 'clientSecret' | 'certificatePath'>;

/** Whether an application of this program goes by another name than it is given where nobody says one. */
const isNamedOtherwise = ({ uniqueName, displayName }: Application): boolean =>
  uniqueName === ownUniqueName && displayName !== '' && displayName !== defaultAppName;

/** Everything but the credential. Throws WizardError when a part is missing. */
function skeleton(want: Wanted, have: Have): Omit<ReportingConfig, keyof CredentialPart> {
  const { application, servicePrincipal, tenant } = have;
  if (!application || !servicePrincipal) {
    throw new WizardError('unexpected', 'The application is not complete yet.');
  }
  return {
    version: 1,
    ...want.cloudReference,
    tenantId: tenant.id,
    domain: want.domain,
    clientId: application.appId,
    application: {
      objectId: application.id,
      servicePrincipalId: servicePrincipal.id,
      ...(application.uniqueName === null ? {} : { uniqueName: application.uniqueName }),
      ...(isNamedOtherwise(application) ? { displayName: application.displayName } : {}),
    },
    permissions: neededPermissions(want, have).map(permissionName),
  };
}

function createdPart(created: CreatedCredential): CredentialPart {
  const { kind, keyId, displayName } = created;
  switch (created.kind) {
    case 'secret':
      return {
        clientSecret: created.secret,
        credential: { kind, keyId, displayName, expires: created.expires },
      };
    case 'certificate':
      return {
        certificatePath: created.certificate.path,
        credential: { kind, keyId, displayName, expires: created.expires },
      };
    case 'federated': {
      const { issuer, subject, audience } = created;
      return {
        credential: { kind, ...(keyId === '' ? {} : { keyId }), displayName, issuer, subject, audience },
      };
    }
  }
}

/** The file's content for a credential made just now. Throws WizardError when a part is missing. */
function configFor(want: Wanted, have: Have, created: CreatedCredential): ReportingConfig {
  return { ...skeleton(want, have), ...createdPart(created) };
}

function keptPart(want: Wanted, saved: ReportingConfig): CredentialPart {
  const given = want.credential.kind === 'certificate' ? want.credential.path : undefined;
  const path = given ?? saved.certificatePath;
  return {
    credential: saved.credential,
    ...(saved.clientSecret === undefined ? {} : { clientSecret: saved.clientSecret }),
    ...(path === undefined ? {} : { certificatePath: path }),
  };
}

/** The config file's content, when it belongs to this application (or to the deleted one that comes back). */
export function savedConfig(have: Have): ReportingConfig | undefined {
  const { config, application, deletedApplication } = have;
  if (config.status !== 'ok') return undefined;
  const owner = (application ?? deletedApplication)?.appId;
  return sameId(config.config.clientId, owner) ? config.config : undefined;
}

/**
 * A client secret whose place in the file another credential takes: a run that is cut before it removes the secret would
 * leave it valid, and named by nothing.
 */
async function noteReplaced(have: Have, io: Pick<ApplyIo, 'note'>): Promise<void> {
  const listed = have.application?.passwordCredentials ?? [];
  const keyId = savedConfig(have)?.credential.keyId;
  const replaced = listed.find((secret) => sameId(secret.keyId, keyId));
  if (!have.application || !replaced?.displayName) return;
  const { displayName, endDateTime } = replaced;
  const others = listed.filter((secret) => secret !== replaced);
  const knownKeyIds = others.map((secret) => secret.keyId);
  await io.note.write({ applicationId: have.application.id, displayName, endDateTime, knownKeyIds });
}

/** Saves a credential made just now. Rejects as the output and the note do. */
export async function saveCreated(
  want: Wanted,
  have: Have,
  created: CreatedCredential,
  io: Pick<ApplyIo, 'note' | 'output'>,
): Promise<void> {
  await noteReplaced(have, io);
  await io.output.save(configFor(want, have, created));
}

/** Whether the saved file says anything but what is wanted now, its secret apart. Pure. */
function hasChanged(want: Wanted, have: Have, saved: ReportingConfig): boolean {
  const { application } = have;
  if (!application || !have.servicePrincipal) return true;
  const displayName = want.appName ?? application.displayName;
  const named = { ...have, application: { ...application, displayName } };
  const { clientSecret: _secret, ...rest } = saved;
  const { clientSecret: _kept, ...kept } = { ...skeleton(want, named), ...keptPart(want, saved) };
  return canonical(kept) !== canonical(rest);
}

/** The write that brings the file up to date when its credential stays; none where it says everything already. */
export function rewrites(want: Wanted, have: Have, saved: ReportingConfig): Change[] {
  if (!hasChanged(want, have, saved)) return [];
  return [
    {
      action: 'update',
      kind: 'configFile',
      name: 'config file',
      title: 'Bring the config file up to date, with the same credential',
      apply: async (now, io) => {
        await io.output.save({ ...skeleton(want, now), ...keptPart(want, saved) });
        return (current) => current;
      },
    },
  ];
}

/** JSON with its keys in order, so that two equal values have one spelling. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
