import { observe } from '../../core/engine.ts';
import { WizardError } from '../../core/errors.ts';
import { sameId } from '../../core/fields.ts';
import type { Answer } from '../../core/findings.ts';
import { quoted } from '../../core/text.ts';
import { describeAccount } from '../../tenant/account/account.ts';
import { roles } from '../../tenant/account/roles.ts';
import { readActivation } from '../../tenant/application/activation.ts';
import { ownUniqueName, readApplication } from '../../tenant/application/read-application.ts';
import { type RecentUse, readRecentUse } from '../../tenant/application/recent-use.ts';
import { readDeletedPrincipals } from '../../tenant/application/recycle-bin.ts';
import type { Application, Resource } from '../../tenant/directory-objects.ts';
import type { Inventory, MarkedApplication } from '../../tenant/inventory.ts';
import { type Have, type ObserveInput, unseen } from '../../tenant/model.ts';
import { seenIn, whyHidden } from '../../tenant/optional-read.ts';
import { permissions } from '../../tenant/permissions/permissions.ts';
import { readDeleted, readInventory } from '../../tenant/read-inventory.ts';
import { defaultDomain, tenant } from '../../tenant/tenant.ts';
import type { Seen } from '../../tenant/verdict.ts';
import { describeTenant } from '../setup/setup-outcome.ts';
import { requireFileTenant, signedInAs } from '../shared/sign-in-administrator.ts';
import type { SignedInTeardown } from './teardown-run.ts';

/** The application that is to be taken back, and everything that hangs on it. */
export interface Target {
  readonly name: string;
  /** Client ID and object ID. */
  readonly appId: string;
  readonly id: string;
  /** All of it may be removed: this program made it, or whoever runs this names it. Else only what came from here. */
  readonly isWhole: boolean;
  /** Undefined where it is deleted. */
  readonly application: Application | undefined;
  readonly deactivated: Answer;
  /** In the recycle bin. */
  readonly deleted: MarkedApplication | undefined;
  /** Object ids of its service principals there. */
  readonly deletedPrincipals: readonly string[];
  readonly inventory: Inventory;
  /** The APIs that permissions are of; none where they may not be read. */
  readonly resources: readonly Resource[];
  readonly use: Seen<RecentUse>;
}

/** The tenant, as far as teardown has to know it. */
export interface TeardownView {
  /** The account and the tenant among it. */
  readonly have: Have;
  /** Undefined where there is no such application, in the recycle bin neither. */
  readonly target: Target | undefined;
}

/** What was found by the file, by `--client-id`, or by this program's mark. */
interface Located {
  readonly application: Application | undefined;
  readonly deleted: MarkedApplication | undefined;
}

/** By what the application is looked up; never by its display name. */
const keyOf = ({ held, settings }: SignedInTeardown) => {
  const appId = held?.config.clientId ?? settings.ownedClientId;
  return appId === undefined ? { uniqueName: ownUniqueName } : { appId };
};

async function locate(run: SignedInTeardown): Promise<Located> {
  const { directory } = run;
  const key = keyOf(run);
  const [application, bin] = await Promise.all([readApplication(directory, key), readDeleted(directory)]);
  const isMeant = ({ appId, uniqueName }: MarkedApplication): boolean =>
    'appId' in key ? sameId(appId, key.appId) : uniqueName === key.uniqueName;
  if (!application && 'hidden' in bin) {
    throw new WizardError(
      'role-missing',
      `The application is not there, and whether it lies in the recycle bin cannot be told: ${bin.hidden}.`,
      { remedy: 'Sign in as Cloud Application Administrator, who may look into the recycle bin.' },
    );
  }
  return { application, deleted: application ? undefined : seenIn(bin)?.find(isMeant) };
}

/** Throws WizardError where something else has changed an id in the file, or `--app-name` says another name. */
function requireMeant(
  found: { readonly id: string; readonly displayName: string },
  run: SignedInTeardown,
): void {
  const { held, settings } = run;
  const objectId = held?.config.application.objectId;
  if (objectId !== undefined && found.id !== '' && !sameId(objectId, found.id)) {
    throw new WizardError(
      'config-other-application',
      `The file names two applications: its client ID and object ID ${objectId} do not belong together.`,
      { remedy: 'Something else has changed one of them. Put the file back as setup wrote it.' },
    );
  }
  if (settings.ownedName === undefined || settings.ownedName === found.displayName) return;
  throw new WizardError(
    'application-not-found',
    `The application is called ${quoted(found.displayName)}, not ${quoted(settings.ownedName)}. Nothing was changed.`,
    { remedy: 'Correct --app-name, or leave it out.' },
  );
}

/**
 * Whether all of the application may be removed. Throws WizardError `application-not-ours` where neither its mark nor a
 * file of this installation says that anything of it came from here.
 */
function requireOurs(uniqueName: string | null, { held, settings }: SignedInTeardown): boolean {
  const isMarked = uniqueName === ownUniqueName && held?.config.application.adopted !== true;
  if (isMarked) return true;
  if (held) return settings.ownedClientId !== undefined;
  throw new WizardError(
    'application-not-ours',
    `This program did not register the application with client ID ${settings.ownedClientId ?? ''}, and no config file here names it.`,
  );
}

/** What the permissions are called is nice to know, and no reason to end. */
async function readResources(run: SignedInTeardown, input: ObserveInput): Promise<readonly Resource[]> {
  const { directory, connection, io } = run;
  try {
    const seen = await permissions.observe?.({ directory, cloud: connection.cloud, now: io.now }, input);
    return seen?.resources ?? [];
  } catch (error) {
    whyHidden(error);
    return [];
  }
}

async function readTarget(
  { application, deleted }: Located,
  resources: readonly Resource[],
  run: SignedInTeardown,
): Promise<Target | undefined> {
  const found = application ?? deleted;
  if (!found) return undefined;
  requireMeant(found, run);
  const isWhole = requireOurs(found.uniqueName, run);
  const { directory, io } = run;
  const { appId, id, displayName } = found;
  const [inventory, use, activation, deletedPrincipals] = await Promise.all([
    readInventory(directory, { appId, objectId: id }),
    readRecentUse(directory, appId, io.now()),
    application ? readActivation(directory, { id }) : undefined,
    readDeletedPrincipals(directory, appId),
  ]);
  return {
    name: displayName,
    appId,
    id,
    isWhole,
    application,
    deactivated: activation?.deactivated ?? 'unknown',
    deleted,
    deletedPrincipals,
    inventory,
    resources,
    use,
  };
}

/** Reads the tenant, the account and the application. Writes nothing. Throws WizardError or DirectoryError. */
export async function findTarget(run: SignedInTeardown): Promise<TeardownView> {
  const { io, connection, session, directory, outcome, held, settings } = run;
  const clientId = held?.config.clientId ?? settings.ownedClientId;
  const tenantId = session.claims.tenantId ?? held?.config.tenantId ?? '';
  if (!run.planOnly) await run.locks.take(tenantId, clientId ?? ownUniqueName);
  const task = io.report.task('Reading the tenant');
  run.showOn(task);
  const input = { signedIn: signedInAs(session), clientId, onlyClientId: clientId !== undefined };
  const [have, located, resources] = await Promise.all([
    observe([tenant, roles], { directory, cloud: connection.cloud, now: io.now }, input, unseen),
    locate(run),
    readResources(run, input),
  ]);
  if (held) requireFileTenant(have.tenant.id, held.config);
  const target = await readTarget(located, resources, run);
  if (!run.planOnly) await run.locks.take(tenantId, target?.appId);
  run.showOn(undefined);
  task.succeed('Read the tenant');
  if (have.account) outcome.account = have.account;
  const domain = defaultDomain(have.tenant) ?? '';
  outcome.tenant = describeTenant(have, domain, run.cloud);
  if (target) outcome.application = { clientId: target.appId, objectId: target.id };
  io.report.title('Tenant and account');
  io.report.fact('Tenant', `${have.tenant.displayName} (${domain})`);
  io.report.fact('Tenant ID', have.tenant.id);
  if (have.account) io.report.fact('Account', describeAccount(have.account));
  return { have: { ...have, application: target?.application }, target };
}
