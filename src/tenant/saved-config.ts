import type { ReportingConfig } from '../config/config.ts';
import { parseDuration } from '../core/duration.ts';
import { WizardError } from '../core/errors.ts';
import { sameId } from '../core/fields.ts';
import { Secret } from '../core/secret.ts';
import { defaultAppName, ownUniqueName } from './application/read-application.ts';
import { requireApplication } from './changes.ts';
import { previousAfter, staysBeside } from './credential/previous-credentials.ts';
import type { Application } from './directory-objects.ts';
import type {
  ApplyIo,
  Change,
  CreatedCredential,
  Have,
  SavedCredential,
  Wanted,
  WantedCredential,
} from './model.ts';
import { missingPermissions, neededPermissions, permissionName } from './permissions/permissions.ts';

type CredentialPart = Pick<ReportingConfig, 'credential' | 'clientSecret' | 'certificatePath'>;

/** Whether an application of this program goes by another name than it is given where nobody says one. */
const isNamedOtherwise = ({ uniqueName, displayName }: Application): boolean =>
  uniqueName === ownUniqueName && displayName !== '' && displayName !== defaultAppName;

/**
 * What is recorded of an application that this program did not make: that it is another's, and which of its grants came
 * from here. One that was there before, or that Graph did not confirm as made, is nobody's to take away.
 */
function adoption({ id, uniqueName }: Application, have: Have) {
  if (uniqueName === ownUniqueName) return {};
  const saved = have.config.status === 'ok' ? have.config.config.application : undefined;
  const earlier = sameId(saved?.objectId, id) ? (saved?.grants ?? []) : [];
  const made = have.made.filter(({ kind }) => kind === 'appRoleAssignment').map((grant) => grant.id);
  const grants = [...new Set([...earlier, ...made])];
  return { adopted: true, ...(grants.length === 0 ? {} : { grants }) };
}

/** Everything but the credential. Throws WizardError when a part is missing. */
function skeleton(want: Wanted, have: Have): Omit<ReportingConfig, keyof CredentialPart> {
  const { servicePrincipal, tenant } = have;
  const application = requireApplication(have);
  if (!servicePrincipal) throw new WizardError('unexpected', 'The application is not complete yet.');
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
      ...adoption(application, have),
    },
    permissions: neededPermissions(want, have).map(permissionName),
  };
}

function createdPart(created: CreatedCredential): CredentialPart {
  const { kind, keyId, displayName } = created;
  if (kind === 'federated') {
    const { issuer, subject, audience } = created;
    return {
      credential: { kind, ...(keyId === '' ? {} : { keyId }), displayName, issuer, subject, audience },
    };
  }
  const credential = { kind, keyId, displayName, expires: created.expires };
  return kind === 'secret'
    ? { clientSecret: created.secret, credential }
    : { certificatePath: created.certificate.path, credential };
}

/** Milliseconds: dates without a time of day are a day wide. */
const aDay = 86_400_000;

/** The end of the file's credential: as the application lists it, where the file says something else. Pure. */
export function endOf(
  { credential }: Pick<ReportingConfig, 'credential'>,
  known: string | undefined,
): string | undefined {
  const distance = Math.abs(Date.parse(known ?? '') - Date.parse(credential.expires ?? ''));
  const isKnown = !Number.isNaN(Date.parse(known ?? ''));
  return isKnown && !(distance < aDay) ? known : credential.expires;
}

function keptPart(want: Wanted, saved: ReportingConfig, known: string | undefined): CredentialPart {
  const given = want.credential.kind === 'certificate' ? want.credential.path : undefined;
  const path = given ?? saved.certificatePath;
  const expires = endOf(saved, known);
  return {
    credential: { ...saved.credential, ...(expires === undefined ? {} : { expires }) },
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
 * A client secret that no longer works and whose place in the file another credential takes: a run that is cut before it removes the secret would
 * leave it valid, and named by nothing.
 */
async function noteReplaced(have: Have, io: Pick<ApplyIo, 'note'>): Promise<void> {
  if (staysBeside(savedConfig(have), have)) return;
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
  io: Pick<ApplyIo, 'note' | 'output' | 'now'>,
): Promise<void> {
  await noteReplaced(have, io);
  const times = { now: io.now(), overlap: want.overlap };
  const part = createdPart(created);
  const previous = previousAfter(created.keyId, savedConfig(have), have, times);
  await io.output.save({
    ...skeleton(want, have),
    ...part,
    credential: { ...part.credential, ...previous },
  });
}

/**
 * Brings the file up to date once grants were made: a credential that is made beside them is saved before their ids are
 * known. Only where the application is another's are they recorded. Rejects as the output and the note do.
 */
export async function recordGrants(
  want: Wanted,
  have: Have,
  io: Pick<ApplyIo, 'note' | 'output' | 'now'>,
): Promise<void> {
  const { application, created } = have;
  if (!application || application.uniqueName === ownUniqueName) return;
  if (created) return saveCreated(want, have, created, io);
  const saved = savedConfig(have);
  if (!saved) return;
  await io.output.save({ ...saved, application: { ...saved.application, ...adoption(application, have) } });
}

/** Stands for an id that Microsoft Graph has yet to give. */
const idToCome = '00000000-0000-4000-8000-000000000000';

/** What is going to be saved, as far as it is known before anything is made: to be proven writable. Pure. */
export function plannedConfig(want: Wanted, have: Have): ReportingConfig {
  const { application, servicePrincipal, certificates, tenant } = have;
  const { kind } = want.credential;
  const trust = want.credential.kind === 'federated' ? want.credential : undefined;
  const path = (want.credential.kind === 'certificate' && want.credential.path) || certificates.slot.path;
  return {
    version: 1,
    ...want.cloudReference,
    tenantId: tenant.id,
    domain: want.domain,
    clientId: application?.appId ?? idToCome,
    ...(kind === 'secret' ? { clientSecret: Secret.of('a client secret to come') } : {}),
    ...(kind === 'certificate' ? { certificatePath: path } : {}),
    credential: {
      kind,
      displayName: want.secretName,
      ...(trust && { issuer: trust.issuer, subject: trust.subject, audience: trust.audience }),
    },
    application: {
      objectId: application?.id ?? idToCome,
      servicePrincipalId: servicePrincipal?.id ?? idToCome,
    },
    permissions: neededPermissions(want, have).map(permissionName),
  };
}

/** A value of the file in a title; what has parts of its own is only named. */
const shown = (value: unknown): string =>
  Array.isArray(value) ? value.join(', ') : value === undefined ? 'nothing' : String(value);

/** Where the saved file says anything but what is wanted now, its secret apart: each from -> to. Pure. */
function differences(want: Wanted, have: Have, saved: ReportingConfig): string[] {
  const { application } = have;
  if (!application || !have.servicePrincipal) return ['the application comes anew'];
  const displayName = want.appName ?? application.displayName;
  const named = { ...have, application: { ...application, displayName } };
  const { clientSecret: _secret, ...rest } = saved;
  const { application: planned, ...others } = skeleton(want, named);
  // Whose the application is came with the credential: a file that does not say so is no reason to write.
  const { adopted, grants } = saved.application;
  const { clientSecret: _kept, ...kept } = {
    ...others,
    application: { ...planned, adopted, grants },
    ...keptPart(want, saved, have.saved?.expires),
  };
  const [from, to]: Readonly<Record<string, unknown>>[] = [rest, kept];
  const keys = [...new Set([...Object.keys(from ?? {}), ...Object.keys(to ?? {})])];
  return keys
    .filter((key) => canonical(from?.[key]) !== canonical(to?.[key]))
    .map((key) => {
      const isWhole = [from?.[key], to?.[key]].every(
        (value) => typeof value !== 'object' || Array.isArray(value),
      );
      return isWhole ? `${key}: ${shown(from?.[key])} -> ${shown(to?.[key])}` : `what it says of the ${key}`;
    });
}

/** What Entra says of the file's credential, in the title of a change. */
const stays = ({ saved }: Have): string =>
  saved?.accepted === 'yes' ? 'still works' : 'stays, as the application lists it';

/** The write that brings the file up to date when its credential stays; none where it says everything already. */
export function rewrites(want: Wanted, have: Have, saved: ReportingConfig): Change[] {
  const { application } = have;
  const isAdopted = application !== undefined && application.uniqueName !== ownUniqueName;
  // Grants of this run are recorded with such an application, and nobody knows their ids before.
  const records = isAdopted && missingPermissions(want, have).length > 0;
  const changed = differences(want, have, saved);
  if (records) changed.push('the grants of this run');
  if (changed.length === 0) return [];
  return [
    {
      action: 'update',
      kind: 'configFile',
      name: 'config file',
      title: `Bring the config file up to date, with the same credential (${changed.join('; ')})`,
      apply: async (now, io) => {
        await io.output.save({ ...skeleton(want, now), ...keptPart(want, saved, now.saved?.expires) });
        return (current) => current;
      },
    },
  ];
}

/** The file's secret or certificate stays; the file is written again only where something else in it changed. */
export function keepSaved(
  kind: 'passwordCredential' | 'keyCredential',
  titleOf: (name: string) => string,
  want: Wanted,
  have: Have,
  saved: ReportingConfig,
): Change[] {
  const { keyId, displayName } = saved.credential;
  const expires = endOf(saved, have.saved?.expires);
  const name = displayName ?? want.secretName;
  const until = expires === undefined ? '' : `, valid until ${expires.slice(0, 10)}`;
  const id = keyId === undefined ? {} : { id: keyId };
  const title = `${titleOf(name)} ${stays(have)}${until}`;
  return [{ action: 'keep', kind, name, ...id, title }, ...rewrites(want, have, saved)];
}

/** JSON with its keys in order, so that two equal values have one spelling. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/**
 * What is known of the file's credential once the tenant is read too: its end is what the application lists. One whose
 * end is behind us is replaced, as every check asks for, even where Entra still takes it. And Entra refuses every
 * credential of an application that is disabled or deactivated, or has no service principal: that says nothing about the file's
 * own while the application still lists it, and made anew, each run would add another. Pure.
 */
export function presume(
  tried: SavedCredential | undefined,
  {
    application,
    servicePrincipal,
    deactivated,
  }: Pick<Have, 'application' | 'servicePrincipal' | 'deactivated'>,
  now: Date,
): SavedCredential | undefined {
  if (!tried) return undefined;
  const listed = [...(application?.passwordCredentials ?? []), ...(application?.keyCredentials ?? [])].find(
    ({ keyId }) => sameId(keyId, tried.keyId),
  );
  const saved = { ...tried, expires: listed?.endDateTime || tried.expires };
  const hasEnded = Date.parse(saved.expires) <= now.getTime();
  if (saved.accepted === 'yes' && hasEnded) {
    return { ...saved, accepted: 'no', reason: `it ended on ${saved.expires.slice(0, 10)}` };
  }
  const isStopped = !servicePrincipal?.accountEnabled || deactivated === 'yes';
  if (saved.accepted !== 'no' || !application || !isStopped) return saved;
  return listed !== undefined && Date.parse(listed.endDateTime) > now.getTime()
    ? { ...saved, accepted: 'presumed' }
    : saved;
}

/** Whether the file's credential can stay. Pure. */
export const isUsable = ({ saved }: Pick<Have, 'saved'>): boolean =>
  saved?.accepted === 'yes' || saved?.accepted === 'presumed';

function credentialOf({ credential }: ReportingConfig): WantedCredential {
  const { kind, issuer = '', subject = '', audience = '' } = credential;
  return kind === 'federated' ? { kind, issuer, subject, audience } : { kind };
}

/** What the file says was set up, as something to be wanted. Pure. */
export function wantedBy(config: ReportingConfig): Wanted {
  const legacy = config.permissions.some((name) => name.startsWith('azure-ad-graph/'));
  return {
    apis: legacy ? ['microsoft-graph', 'azure-ad-graph'] : ['microsoft-graph'],
    clientId: config.clientId,
    domain: config.domain,
    cloudReference: { cloud: config.cloud },
    credential: credentialOf(config),
    secretName: config.credential.displayName ?? '',
    secretLifetime: parseDuration('2y'),
    freshSecret: false,
  };
}
