import type { ConfigReading } from '../../config/config.ts';
import { requireDates } from '../../config/local-certificates.ts';
import type { OutputFiles } from '../../config/output-files.ts';
import { observe } from '../../core/engine.ts';
import { WizardError } from '../../core/errors.ts';
import { sameId } from '../../core/fields.ts';
import type { AppSession } from '../../graph/directory.ts';
import { describeAccount } from '../../tenant/account/account.ts';
import { unknownApplication } from '../../tenant/application/application.ts';
import { ownUniqueName } from '../../tenant/application/read-application.ts';
import { heldIn } from '../../tenant/credential/held-credential.ts';
import type { Account, Tenant } from '../../tenant/directory-objects.ts';
import { isRefusal } from '../../tenant/logs/prove-credential.ts';
import { type Have, type SavedCredential, unseen } from '../../tenant/model.ts';
import { presume } from '../../tenant/saved-config.ts';
import { steps } from '../../tenant/steps.ts';
import { defaultDomain } from '../../tenant/tenant.ts';
import type { Report } from '../../terminal/report.ts';
import { type Connection, openApplication, openDirectory } from '../shared/connection.ts';
import type { Io } from '../shared/io.ts';
import { openIdentity } from '../shared/open-credential.ts';
import { openAdministrator, signedInAs } from '../shared/sign-in-administrator.ts';
import { describeTenant, noteApplication } from './setup-outcome.ts';
import type { SetupRun, SignedInRun } from './setup-run.ts';

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

/** Throws WizardError where something else has written its client ID, or the application's object ID, into the file. */
function requireOneApplication(config: ConfigReading, application: Have['application']): void {
  if (config.status !== 'ok' || !application) return;
  const { clientId, application: held } = config.config;
  if (sameId(clientId, application.appId) === sameId(held.objectId, application.id)) return;
  const names = `client ID ${clientId}, object ID ${held.objectId}`;
  throw new WizardError(
    'config-other-application',
    `The file names two applications: ${names} do not belong together. Something else has changed one of them.`,
  );
}

/** Throws WizardError where the tenant lacks the application that was named: before anything is asked. */
function requireKnown(clientId: string | undefined, { application, deletedApplication }: Have): void {
  if (clientId !== undefined && !application && !deletedApplication) throw unknownApplication(clientId);
}

/** What the file's own credential turned out to be, with the session it gave. */
interface SavedCheck {
  readonly saved: SavedCredential | undefined;
  readonly session: AppSession | undefined;
}

/** Asks Entra whether the file's credential still works: one request, made while the tenant is read. */
async function trySaved(
  { config, certificates }: OutputFiles,
  connection: Connection,
  io: Io,
): Promise<SavedCheck> {
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

/** By what the application is looked up, before anybody knows which one it is. */
function namesOf({ settings, output: { config } }: SetupRun): (string | undefined)[] {
  if (settings.clientId !== undefined) return [settings.clientId];
  return [ownUniqueName, config.status === 'ok' ? config.config.clientId : undefined];
}

/** The tenant as the administrator sees it. */
export interface TenantSnapshot {
  readonly have: Have;
  /** The application's own session, where the file's credential gave one. */
  readonly savedSession: AppSession | undefined;
}

/** Reads the tenant as the administrator, and tries the file's credential meanwhile. Writes nothing. */
async function observeTenant(run: SignedInRun): Promise<TenantSnapshot> {
  const { settings, connection, session, directory, waits, io } = run;
  const { config, markers, certificates } = run.output;
  const recorded = config.status === 'ok' ? config.config.clientId : undefined;
  requireSameOwner(config, session.claims.tenantId, settings.clientId);
  const task = io.report.task('Reading the tenant');
  waits.show(task);
  const input = {
    signedIn: signedInAs(session),
    clientId: settings.clientId ?? recorded,
    onlyClientId: settings.clientId !== undefined,
  };
  const [seen, tried] = await Promise.all([
    observe(steps, { directory, cloud: connection.cloud, now: io.now }, input, {
      ...unseen,
      config,
      markers,
      certificates,
    }),
    trySaved(run.output, connection, io),
  ]);
  requireSameOwner(config, seen.tenant.id, settings.clientId);
  requireDates(certificates.given, io.now());
  requireOneApplication(config, seen.application);
  requireKnown(settings.clientId, seen);
  task.succeed('Read the tenant');
  waits.show(undefined);
  return { have: { ...seen, saved: presume(tried.saved, seen, io.now()) }, savedSession: tried.session };
}

/** Who is signed in where: shown before anything is written. */
function showTenant(tenant: Tenant, account: Account | undefined, domain: string, report: Report): void {
  report.title('Tenant and account');
  report.fact('Tenant', `${tenant.displayName} (${domain})`);
  report.fact('Tenant ID', tenant.id);
  if (account) report.fact('Account', describeAccount(account));
}

/**
 * Signs the administrator in. Where something may be written, other runs on this machine are kept away from the
 * application from now on. Throws WizardError.
 */
export async function signIn(run: SetupRun): Promise<SignedInRun> {
  const { connection, io, waits } = run;
  const session = await openAdministrator(run.methods, run.settings, connection, io);
  if (!run.planOnly) await run.locks.take(session.claims.tenantId ?? '', ...namesOf(run));
  return { ...run, session, directory: openDirectory(connection, session, io, waits.onWait) };
}

/** Reads the tenant and shows who is signed in where. Writes nothing. Throws WizardError or DirectoryError. */
export async function readTenant(run: SignedInRun): Promise<TenantSnapshot> {
  const { outcome, io } = run;
  const snapshot = await observeTenant(run);
  const { account, tenant, application } = snapshot.have;
  // It may be the one that another run knows by its other name.
  if (!run.planOnly) await run.locks.take(run.session.claims.tenantId ?? '', application?.appId);
  const domain = defaultDomain(tenant) ?? '';
  if (account) outcome.account = account;
  outcome.tenant = describeTenant(snapshot.have, domain, run.cloud);
  noteApplication(snapshot.have, outcome);
  showTenant(tenant, account, domain, io.report);
  return snapshot;
}

/**
 * Reads again, for another file than before: its credential is tried, and decides what has to be made. Throws WizardError
 * or DirectoryError.
 */
export async function readAgain(run: SignedInRun): Promise<TenantSnapshot> {
  const snapshot = await observeTenant(run);
  noteApplication(snapshot.have, run.outcome);
  return snapshot;
}

/** Whether another person could sign in: not where a program does, or nobody is there to. */
export const offersAnotherAccount = ({ session, planOnly, io }: SignedInRun): boolean =>
  io.asks && !planOnly && (session.method === 'browser' || session.method === 'device-code');

/** Asks whether the run goes on as who is signed in. */
export async function keepsAccount(
  { account, tenant }: Have,
  { session, io }: SignedInRun,
): Promise<boolean> {
  const name = account?.name ?? session.claims.name ?? 'this account';
  const answer = await io.prompt.select({
    message: 'Account to work with',
    choices: [
      { value: 'this', label: `${name}, in ${tenant.displayName || tenant.id}` },
      { value: 'another', label: 'Another account: sign in again' },
    ],
    fallback: 'this',
  });
  return answer === 'this';
}
