import type { ReportingConfig } from '../../config/config.ts';
import { type ErrorCode, WizardError } from '../../core/errors.ts';
import type { Answer, Finding } from '../../core/findings.ts';
import { mergeFindings } from '../../core/findings.ts';
import type { ApplicationIdentity } from '../../entra/azure-credentials.ts';
import { type Cloud, offersSignIns } from '../../entra/clouds.ts';
import { probeGraph, probeTenant } from '../../entra/tenant-probe.ts';
import type { AppSession } from '../../graph/directory.ts';
import { DirectoryError } from '../../graph/directory-error.ts';
import { application } from '../../tenant/application/application.ts';
import type { HeldCredential } from '../../tenant/credential/held-credential.ts';
import { heldEntry } from '../../tenant/credential/listed-credentials.ts';
import type { Expectation } from '../../tenant/logs/prove-credential.ts';
import { isRefusal, isUntimely } from '../../tenant/logs/prove-credential.ts';
import type { Have, ObserveInput, Step } from '../../tenant/model.ts';
import { unseen } from '../../tenant/model.ts';
import { whyUnread } from '../../tenant/optional-read.ts';
import { permissions } from '../../tenant/permissions/permissions.ts';
import { wantedBy } from '../../tenant/saved-config.ts';
import { servicePrincipal } from '../../tenant/service-principal.ts';
import { tenant } from '../../tenant/tenant.ts';
import { hiddenFrom } from '../../tenant/verdict.ts';
import { describeWait } from '../../terminal/progress.ts';
import { silentReport } from '../../terminal/report.ts';
import type { Connection } from '../shared/connection.ts';
import { openApplication } from '../shared/connection.ts';
import type { Io } from '../shared/io.ts';
import { openIdentity } from '../shared/open-credential.ts';
import { proveIdentity } from '../shared/proof.ts';

/** What the reporting application can see of itself with Directory.Read.All. */
const visibleSteps: readonly Step[] = [tenant, application, servicePrincipal, permissions];

const titles: Readonly<Record<string, readonly (readonly [id: string, title: string])[]>> = {
  tenant: [['licence.premium', 'Microsoft Entra ID P1 or P2']],
  application: [['app.application', 'Application']],
  servicePrincipal: [['app.servicePrincipal', 'Service principal']],
  permissions: [['permission.excess', 'Other permissions']],
};

const hidden = (step: Step, why: string): Finding[] =>
  (titles[step.id] ?? []).map(([id, title]) => ({
    id,
    title,
    ...hiddenFrom(why),
  }));

/** What a look with the file's own credential showed. */
export interface ApplicationView {
  readonly findings: readonly Finding[];
  /** The tenant's; empty where the application may not read it. */
  readonly displayName: string;
  readonly premium: Answer;
  /** The end of the file's credential as the application lists it, ISO 8601; undefined where that is not seen. */
  readonly end: string | undefined;
}

/** Reads what the application may see of itself. Throws WizardError when the network fails or the run is cancelled. */
export async function readApplicationView(
  config: ReportingConfig,
  session: AppSession,
  connection: Connection,
  now: Date,
): Promise<ApplicationView> {
  const seed: ObserveInput = {
    signedIn: {
      kind: 'application',
      name: config.clientId,
      permissions: session.roles,
      objectId: '',
      tenantId: config.tenantId,
      roleHints: [],
    },
    clientId: config.clientId,
    onlyClientId: true,
  };
  const io = { directory: session.directory, cloud: connection.cloud, now: () => now };
  const parts = await Promise.all(
    visibleSteps.map(async (step) => {
      try {
        return { step, part: await step.observe?.(io, seed) };
      } catch (error) {
        if (!(error instanceof DirectoryError)) throw error;
        return { step, why: whyUnread(error.failure) };
      }
    }),
  );
  const have: Have = Object.assign({}, unseen, ...parts.map(({ part }) => part));
  const findings = parts.flatMap(({ step, why }) =>
    why !== undefined ? hidden(step, why) : (step.check?.(wantedBy(config), have, now) ?? []),
  );
  const { premium, displayName } = have.tenant;
  const end = have.application && heldEntry(config.credential, have.application)?.endDateTime;
  return { findings, premium, displayName, end: end || undefined };
}

/**
 * The application's session; undefined where Entra did not accept the credential, which is left to be told with its
 * reason. Throws WizardError.
 */
export async function signInAsApplication(
  identity: ApplicationIdentity,
  connection: Connection,
  io: Io,
): Promise<AppSession | undefined> {
  const task = io.report.task('Signing in as the application');
  try {
    const session = await openApplication(connection, identity, io, (_purpose, wait) =>
      task.wait(describeWait(wait)),
    );
    task.succeed('Signed in as the application');
    return session;
  } catch (error) {
    if (isRefusal(error) || isUntimely(error)) {
      task.drop();
      return undefined;
    }
    task.fail('Could not sign in as the application');
    throw error;
  }
}

const host = (url: string): string => new URL(url).host;

/** What ends the run rather than a check. */
const stops: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['cancelled', 'timed-out']);

/** A check that needs the network, told as a finding when the network is what fails. */
async function reach(
  base: Pick<Finding, 'id' | 'title'>,
  evidence: string,
  ask: () => Promise<unknown>,
): Promise<Finding> {
  try {
    await ask();
    return { ...base, status: 'pass', evidence };
  } catch (error) {
    if (!(error instanceof WizardError) || stops.has(error.code)) throw error;
    return { ...base, status: 'fail', evidence: error.message, remedy: error.remedy, code: error.code };
  }
}

/** Here it is the file that names the tenant, and no option. */
const ofFile = (finding: Finding): Finding =>
  finding.code === 'tenant-not-found'
    ? { ...finding, remedy: 'Check tenantId and cloud in the file: the tenant is gone, or in another cloud.' }
    : finding;

function checkNetwork(config: ReportingConfig, connection: Connection): Promise<Finding[]> {
  const { cloud, transport } = connection;
  return Promise.all([
    reach({ id: 'network.authority', title: 'Connection to Entra' }, host(cloud.authorityHost), () =>
      probeTenant(cloud, transport, config.tenantId),
    ).then(ofFile),
    reach({ id: 'network.graph', title: 'Connection to Microsoft Graph' }, host(cloud.graphUrl), () =>
      probeGraph(cloud, transport),
    ),
  ]);
}

/** What only a working connection could tell, where there is none. */
function withoutCredential(config: ReportingConfig, evidence: string): Finding[] {
  const ids: readonly (readonly [string, string])[] = [
    ['credential.token', 'Credential'],
    ...graphPermissions(config).map((value) => [`permission.${value}`, `Microsoft Graph ${value}`] as const),
    ['api.directoryAudits', 'Directory audit logs'],
    ['api.signIns', 'Sign-in logs'],
  ];
  return ids.map(([id, title]) => ({ id, title, status: 'skip', evidence }));
}

const graphPermissions = (config: ReportingConfig): string[] =>
  config.permissions.filter((name) => !name.includes('/'));

const required = ['AuditLog.Read.All', 'Directory.Read.All'];

function expectationFor(config: ReportingConfig, cloud: Cloud): Expectation {
  return {
    permissions: [...new Set([...required, ...graphPermissions(config)])],
    freshCredential: false,
    freshGrants: false,
    premium: 'unknown',
    signInsOffered: offersSignIns(cloud.name),
    createdIds: [],
  };
}

/** What was found with the file's own credential. */
export interface CredentialFindings {
  readonly findings: readonly Finding[];
  /** The tenant's; empty where the application may not read it. */
  readonly displayName: string;
  /** As in ApplicationView. */
  readonly end?: string | undefined;
}

/** What the credential itself can show: its token, rows of the logs, and what it sees of its tenant. */
async function checkCredential(
  config: ReportingConfig,
  held: HeldCredential,
  connection: Connection,
  io: Io,
): Promise<CredentialFindings> {
  const expect = expectationFor(config, connection.cloud);
  const opened = await openIdentity(config, held, { anySubject: true }, connection, io);
  if ('absent' in opened) {
    const { findings } = await proveIdentity(opened, expect, connection, io);
    const hidden = withoutCredential(config, 'not readable without a token');
    return { findings: mergeFindings(hidden, findings), displayName: '' };
  }
  const session = await signInAsApplication(opened.identity, connection, io);
  if (!session) {
    // Another server may know a credential that one of them does not. The check tells what they say.
    const quiet = { ...io, report: silentReport };
    return { ...(await proveIdentity(opened, expect, connection, quiet)), displayName: '' };
  }
  // Begun together, so that one $batch holds them all.
  const own = readApplicationView(config, session, connection, io.now());
  const premium = own.then((seen) => seen.premium);
  // Where this fails, so does what it comes from.
  premium.catch(() => undefined);
  const [{ findings, displayName, end }, proof] = await Promise.all([
    own,
    proveIdentity(opened, { ...expect, premium }, connection, io, session),
  ]);
  return { findings: mergeFindings(findings, proof.findings), displayName, end };
}

/** What can be found out over the network with the file's own credential. Throws WizardError. */
export async function checkWithCredential(
  config: ReportingConfig,
  held: HeldCredential,
  connection: Connection,
  io: Io,
): Promise<CredentialFindings> {
  const [network, [credential]] = await Promise.all([
    checkNetwork(config, connection),
    Promise.allSettled([checkCredential(config, held, connection, io)]),
  ]);
  if (network.some(({ status }) => status === 'fail'))
    return { findings: [...network, ...withoutCredential(config, 'not reachable now')], displayName: '' };
  if (credential.status === 'rejected') throw credential.reason;
  return { ...credential.value, findings: mergeFindings(network, credential.value.findings) };
}
