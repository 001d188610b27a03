import type { Settings } from '../../cli/options.ts';
import type { LocalCertificates } from '../../config/certificate.ts';
import type { ConfigReading } from '../../config/config.ts';
import type { SecretMarker } from '../../config/secret-note.ts';
import { observe } from '../../core/engine.ts';
import { WizardError } from '../../core/errors.ts';
import { sameId } from '../../core/fields.ts';
import { quoted } from '../../core/text.ts';
import type { AuthMethod } from '../../entra/auth-methods.ts';
import type { Session } from '../../entra/sign-in.ts';
import { probeAuthority, probeTenant } from '../../entra/tenant-probe.ts';
import type { AppSession } from '../../graph/directory.ts';
import { presume } from '../../tenant/credential/saved-credential.ts';
import { isRefusal } from '../../tenant/logs/prove-credential.ts';
import { type Have, type ObserveInput, type SavedCredential, unseen } from '../../tenant/model.ts';
import { steps } from '../../tenant/steps.ts';
import { type Connection, openApplication, openDirectory } from '../shared/connection.ts';
import { heldIn, openIdentity } from '../shared/held-credential.ts';
import type { Io } from '../shared/io.ts';
import { signInAdministrator } from '../shared/sign-in-administrator.ts';
import type { Waits } from './write.ts';

/** The administrator's session. Throws WizardError `sign-in-wrong-tenant` where it landed in another tenant. */
export async function openAdministrator(
  methods: readonly AuthMethod[],
  settings: Settings,
  connection: Connection,
  io: Io,
): Promise<Session> {
  const pinned = settings.tenant === undefined ? undefined : await lookUp(settings.tenant, connection, io);
  // A browser that cannot get there tells nobody but the person in front of it.
  if (methods[0] === 'browser') await probeAuthority(connection.cloud, connection.transport);
  const session = await signInAdministrator(
    methods,
    { ...settings, ...(pinned && { tenant: pinned }) },
    connection,
    io,
  );
  requirePinned(pinned, session.claims.tenantId, settings.tenant ?? '');
  return session;
}

async function lookUp(tenant: string, { cloud, transport }: Connection, io: Io): Promise<string> {
  const task = io.report.task('Looking the tenant up');
  try {
    const id = await probeTenant(cloud, transport, tenant);
    task.succeed('Found the tenant');
    return id;
  } catch (error) {
    task.fail('The tenant was not found');
    throw error;
  }
}

/** Throws WizardError where a sign-in landed in a tenant that was not asked for. */
function requirePinned(pinned: string | undefined, signedIn: string | undefined, name: string): void {
  if (pinned === undefined || signedIn === undefined || sameId(pinned, signedIn)) return;
  throw new WizardError(
    'sign-in-wrong-tenant',
    `The sign-in landed in tenant ${signedIn}, not in ${quoted(name)} as --tenant demands.`,
  );
}

/** Throws WizardError where the file's credential is of another tenant or another application. */
function requireSameOwner(
  config: ConfigReading,
  tenantId: string | undefined,
  clientId: string | undefined,
): void {
  if (config.status !== 'ok') return;
  const held = config.config;
  if (tenantId !== undefined && !sameId(held.tenantId, tenantId)) {
    throw new WizardError(
      'config-other-tenant',
      `The file holds a credential of another tenant (${held.tenantId}).`,
    );
  }
  if (clientId !== undefined && !sameId(held.clientId, clientId)) {
    throw new WizardError(
      'config-other-application',
      `The file holds a credential of another application (client ID ${held.clientId}).`,
    );
  }
}

/** What lies on this machine. */
interface SavedFile {
  readonly config: ConfigReading;
  readonly markers: readonly SecretMarker[];
  readonly certificates: LocalCertificates;
}

/** What the file's own credential turned out to be, with the session it gave. */
export interface SavedProof {
  readonly saved: SavedCredential | undefined;
  readonly session: AppSession | undefined;
}

/** Asks Entra whether the file's credential still works: one request, made while the tenant is read. */
async function trySaved(
  { config, certificates }: SavedFile,
  connection: Connection,
  io: Io,
): Promise<SavedProof> {
  if (config.status !== 'ok') return { saved: undefined, session: undefined };
  const { credential } = config.config;
  const base = { keyId: credential.keyId ?? '', expires: credential.expires ?? '' };
  const held = heldIn(config.config, certificates.saved);
  try {
    const opened = await openIdentity(config.config, held, { anySubject: false }, connection, io);
    if ('absent' in opened) {
      return { saved: { ...base, accepted: 'unknown', reason: opened.absent }, session: undefined };
    }
    const { identity } = opened;
    const session = await openApplication(connection, identity, io, () => undefined);
    return { saved: { ...base, accepted: 'yes' }, session };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { saved: { ...base, accepted: 'no', reason: error.message }, session: undefined };
  }
}

/** Who a session's token says is signed in. Pure. */
export function signedInAs({ claims }: Session): ObserveInput['signedIn'] {
  const isApplication =
    claims.identityType === 'app' || (claims.scopes.length === 0 && claims.name === undefined);
  return {
    kind: isApplication ? 'application' : 'user',
    name: claims.name ?? claims.clientId ?? 'unknown',
    permissions: claims.roles,
    objectId: claims.objectId ?? '',
    roleHints: claims.wids.map((id) => id.toLowerCase()),
  };
}

function seedFor(session: Session, settings: Settings, config: ConfigReading): ObserveInput {
  const recorded = config.status === 'ok' ? config.config.clientId : undefined;
  return {
    signedIn: signedInAs(session),
    clientId: settings.clientId ?? recorded,
    onlyClientId: settings.clientId !== undefined,
  };
}

/** Reads the tenant as the administrator, and tries the file's credential meanwhile. Writes nothing. */
export async function readTenant(
  session: Session,
  settings: Settings,
  file: SavedFile,
  connection: Connection,
  waits: Waits,
  io: Io,
) {
  requireSameOwner(file.config, session.claims.tenantId, settings.clientId);
  const task = io.report.task('Reading the tenant');
  waits.show(task);
  const directory = openDirectory(connection, session, io, waits.onWait);
  const { config, markers, certificates } = file;
  const known: Have = { ...unseen, config, markers, certificates };
  const [seen, tried] = await Promise.all([
    observe(
      steps,
      { directory, cloud: connection.cloud, now: io.now },
      seedFor(session, settings, file.config),
      known,
    ),
    trySaved(file, connection, io),
  ]);
  requireSameOwner(file.config, seen.tenant.id, settings.clientId);
  task.succeed('Read the tenant');
  waits.show(undefined);
  return {
    directory,
    have: { ...seen, saved: presume(tried.saved, seen, io.now()) },
    savedSession: tried.session,
  };
}
