import { dirname } from 'node:path';
import type { Settings } from '../../cli/settings.ts';
import type { SpelledFile } from '../../cli/spell-command.ts';
import type { LocalCertificates } from '../../config/certificate.ts';
import type { ConfigFormat, ConfigReading, ReportingConfig } from '../../config/config.ts';
import { readConfig, resolvePath } from '../../config/config-file.ts';
import type { AskStanding } from '../../config/git.ts';
import { isBeside, loadSaved } from '../../config/local-certificates.ts';
import { handOffPath } from '../../config/output-files.ts';
import { parseDuration } from '../../core/duration.ts';
import { type ExitCode, exitCodes } from '../../core/errors.ts';
import type { Answer, Finding } from '../../core/findings.ts';
import { countFindings, exitCodeFor, isUntold } from '../../core/findings.ts';
import { safeText } from '../../core/text.ts';
import type { AuthMethod } from '../../entra/auth-methods.ts';
import { type Cloud, endpointsOf, publicCloudNames, requireAskedFor } from '../../entra/clouds.ts';
import { heldIn } from '../../tenant/credential/held-credential.ts';
import { checkExpiry } from '../../tenant/credential/listed-credentials.ts';
import { checkPrevious } from '../../tenant/credential/previous-check.ts';
import { endOf } from '../../tenant/saved-config.ts';
import { showFindings } from '../../terminal/report.ts';
import { findHandOff } from '../setup/hand-off.ts';
import { checkClock } from '../shared/clock-check.ts';
import { type Connection, connect } from '../shared/connection.ts';
import { checkConfigFile, checkKeyFile, checkReading } from '../shared/file-checks.ts';
import type { Io } from '../shared/io.ts';
import { isUnproven } from '../shared/proof.ts';
import { type RunOutcome, spelledFinding } from '../shared/run-outcome.ts';
import { openFileTenant, requireTenant } from '../shared/sign-in-administrator.ts';
import { viewAsAdministrator, withAdminView } from './check-as-admin.ts';
import { checkConnected } from './check-connected.ts';
import { checkWithCredential } from './check-credential.ts';
import { checkNotedSecrets } from './check-noted-secrets.ts';
import { explainDeactivation } from './deactivated.ts';

/** What verify was asked to do. */
export interface VerifyRequest {
  readonly settings: Settings;
  /** The config file as it was given. */
  readonly file: string;
  /** Where the file's tenant lives. Throws WizardError `config-other-cloud` where this run cannot go there. */
  readonly cloudFor: (config: ReportingConfig) => Cloud;
  /** How an administrator signs in too; undefined where only the credential is looked at. */
  readonly methods: readonly AuthMethod[] | undefined;
  /** Reaches the file's tenant; by a connection of its own where absent. */
  readonly reach?: (config: ReportingConfig, cloud: Cloud, io: Io) => Connection;
  /** Tells people something before the run goes on; the report's own warning where absent. */
  readonly announce?: (text: string) => void;
  /** Where the file stands towards git; asked anew where absent. */
  readonly askGit?: AskStanding;
}

/** One run of verify: what was asked, what it may touch, and the file it is about. */
interface VerifyRun extends VerifyRequest {
  readonly io: Io;
  /** Filled in as the run goes, so that a failure still tells what was found. */
  readonly outcome: RunOutcome;
  readonly path: string;
  readonly reading: ConfigReading;
}

/** What was found with the file's credential, and by the administrator where one signed in. */
interface TenantFindings {
  readonly own: readonly Finding[];
  readonly admin: readonly Finding[];
}

/**
 * Rechecks everything with the credential in the config file. Reports every finding, whatever the others say. Throws
 * WizardError where the run itself cannot go on.
 */
export async function runVerify(request: VerifyRequest, io: Io, outcome: RunOutcome): Promise<ExitCode> {
  const path = resolvePath(request.file, io.cwd);
  const reading = await readConfig(path);
  const run = { ...request, io, outcome, path, reading };
  const [file, [tenant]] = await Promise.all([checkFile(run), Promise.allSettled([checkTenant(run)])]);
  outcome.checks = [...file, ...(outcome.checks ?? [])];
  if (tenant.status === 'rejected') throw tenant.reason;
  const code = tell(file, tenant.value, run);
  await tellOutdatedHandOff(run);
  return code;
}

/** A copy of what somebody was asked for stays where a run was stopped before consent was given. */
async function tellOutdatedHandOff({ file, path, reading, outcome, io }: VerifyRun): Promise<void> {
  const permissions = (outcome.checks ?? []).filter(({ id }) => id.startsWith('permission.'));
  const names = reading.status === 'ok' ? reading.config.permissions : [];
  const isGranted = (name: string): boolean =>
    permissions.some(({ id, status }) => id === `permission.${name}` && status === 'pass');
  if (names.length === 0 || !names.every(isGranted) || (await findHandOff(path)) === undefined) return;
  io.report.item(
    `${safeText(handOffPath(file), 500)} is out of date: what it asks for is granted. This removes it:`,
  );
  io.report.code(io.spellerFor(spelledFile(file, reading))(['setup', '--yes']));
}

async function checkFile({ file, path, reading, askGit, io }: VerifyRun): Promise<Finding[]> {
  const connected = reading.status === 'ok' ? await checkConnected(file, path, reading, io) : [];
  const noted = await checkNotedSecrets(path, reading.status === 'ok' ? reading.config : undefined, io);
  return [checkReading(file, reading), ...(await checkConfigFile(path, io, askGit)), ...connected, ...noted];
}

async function checkTenant(run: VerifyRun): Promise<TenantFindings> {
  const { reading, path, methods, settings, io, outcome } = run;
  if (reading.status !== 'ok') return { own: [], admin: [] };
  const { config } = reading;
  noteConfig(config, reading.format, run);
  const cloud = run.cloudFor(config);
  if (cloud.isFromFile) await guardForeignEndpoints(cloud, config, run);
  const certificate = await loadSaved(config.certificatePath, dirname(path), io, true);
  const connection = run.reach?.(config, cloud, io) ?? connect(cloud, io);
  try {
    if (settings.tenant !== undefined) await requireTenant(settings.tenant, config, connection);
    const session = methods && (await openFileTenant(methods, settings, config, connection, io));
    const own = await checkOwn(config, certificate, connection, run);
    if (!session) return { own, admin: [] };
    outcome.checks = [...(outcome.checks ?? []), ...own];
    const state = { reading, certificate, accepted: isAccepted(own) };
    const { account, tenant, findings } = await viewAsAdministrator(session, state, connection, io);
    if (account) outcome.account = account;
    noteTenantName(tenant.displayName, outcome);
    return { own, admin: findings };
  } finally {
    await connection.close();
  }
}

/**
 * Names endpoints that only the file has, before anything goes there. Throws WizardError `endpoints-from-file` where more
 * than the file's own secret would.
 */
async function guardForeignEndpoints(
  cloud: Cloud,
  { credential, certificatePath = '' }: ReportingConfig,
  { path, methods, announce, io }: VerifyRun,
): Promise<void> {
  if (methods) requireAskedFor(cloud, "an administrator's sign-in");
  if (credential.kind === 'federated') requireAskedFor(cloud, 'the token of this workload');
  if (
    credential.kind === 'certificate' &&
    !(await isBeside(resolvePath(certificatePath, dirname(path)), path))
  ) {
    requireAskedFor(cloud, 'what a key outside of its own folder signs');
  }
  const tell = announce ?? io.report.warn;
  tell(describeForeignEndpoints(cloud));
}

/** What people are told of a file that names endpoints of its own. */
export const describeForeignEndpoints = (cloud: Cloud): string =>
  `The file names endpoints of its own: ${endpointsOf(cloud)}. The credential in it is sent there, and no other.`;

/** What the credential itself can show, the key file and its end among it. */
async function checkOwn(
  config: ReportingConfig,
  certificate: LocalCertificates['saved'],
  connection: Connection,
  { settings, io, outcome }: VerifyRun,
): Promise<Finding[]> {
  const { kind } = config.credential;
  const { findings, displayName, end } = await checkWithCredential(
    config,
    heldIn(config, certificate),
    connection,
    io,
  );
  noteTenantName(displayName, outcome);
  const own = typeof certificate === 'object' ? certificate.notAfter : undefined;
  const left = settings.expiresWithin ?? parseDuration('30d');
  return [
    ...(kind === 'certificate' ? await checkKeyFile(certificate, io) : []),
    ...explainDeactivation(findings, config),
    ...checkClock(io.clock.ahead()),
    checkRecordedEnd(
      config,
      end ?? own,
      checkExpiry(end ?? own ?? config.credential.expires, io.now(), left, kind),
    ),
    ...checkPrevious(config, io.now()),
  ];
}

/** The time left counts by what the tenant lists; that the file says something else is told as well. */
function checkRecordedEnd(config: ReportingConfig, known: string | undefined, finding: Finding): Finding {
  const recorded = config.credential.expires;
  if (recorded === undefined || endOf(config, known) === recorded) return finding;
  const evidence = `${finding.evidence}; the file says ${recorded.slice(0, 10)}`;
  if (finding.status !== 'pass') return { ...finding, evidence };
  const remedy = 'Bring the file up to date: `reporting-setup`';
  return { ...finding, status: 'warn', evidence, remedy, code: 'config-outdated' };
}

/** Whether Entra takes the credential, as far as its own check tells. */
function isAccepted(findings: readonly Finding[]): Answer {
  const token = findings.find(({ id }) => id === 'credential.token')?.status;
  return token === 'pass' ? 'yes' : token === 'fail' ? 'no' : 'unknown';
}

function noteConfig(config: ReportingConfig, format: ConfigFormat, { path, outcome }: VerifyRun): void {
  const { kind, keyId, expires } = config.credential;
  outcome.config = { path, format };
  outcome.tenant = { id: config.tenantId, displayName: '', domain: config.domain, cloud: config.cloud };
  outcome.application = {
    clientId: config.clientId,
    objectId: config.application.objectId,
    servicePrincipalId: config.application.servicePrincipalId,
  };
  outcome.credential = {
    kind,
    ...(keyId === undefined ? {} : { keyId }),
    ...(expires === undefined ? {} : { expires }),
  };
}

function noteTenantName(displayName: string, outcome: RunOutcome): void {
  if (outcome.tenant && displayName !== '') outcome.tenant = { ...outcome.tenant, displayName };
}

/**
 * What says where the tenant of a file is. Endpoints of its own are left to whoever runs the command: those that only a
 * file names are nothing to sign an administrator in at, and somebody may have edited it.
 */
function whereWords({ cloud, endpoints }: ReportingConfig): string[] {
  if (endpoints) return ['--authority-host', '<url>', '--graph-url', '<url>'];
  return publicCloudNames.some((name) => name === cloud && name !== 'global') ? ['--cloud', cloud] : [];
}

/** What commands about a file have to say: its name and, where it tells, the cloud of its tenant. Pure. */
export function spelledFile(file: string, reading: ConfigReading): SpelledFile {
  if (reading.status !== 'ok') return { file };
  return { file, where: whereWords(reading.config) };
}

/** Shows what was found, the administrator's part under its own title, and gives the exit code. */
function tell(
  file: readonly Finding[],
  { own, admin }: TenantFindings,
  { file: name, reading, io, outcome }: VerifyRun,
): ExitCode {
  const spell = io.spellerFor(spelledFile(name, reading));
  const findings = withAdminView([...file, ...own], admin).map((finding) => spelledFinding(finding, spell));
  outcome.checks = findings;
  const count = file.length + own.length;
  showFindings('Checks', findings.slice(0, count), io.report);
  showFindings('As the administrator sees it', findings.slice(count), io.report);
  const code = exitCodeFor(findings);
  io.report.title(conclusionOf(code, findings));
  return code;
}

function conclusionOf(code: ExitCode, findings: readonly Finding[]): string {
  if (code !== exitCodes.done) return conclusions[code] ?? 'Something does not pass: see the lines above.';
  const remarks = findings.filter(({ status }) => status === 'warn').length;
  const remarked = remarks === 1 ? 'with one remark: see above' : `with ${remarks} remarks: see above`;
  if (isUnproven(findings)) {
    const what = remarks === 0 ? 'is in order' : `passes, ${remarked}`;
    return `What can be checked from here ${what}. The credential itself can only be proven inside its workload.`;
  }
  if (remarks > 0) return `It works, ${remarked}.`;
  if (findings.some(isUntold)) return `What could be read is in order: ${countFindings(findings)}.`;
  return 'Everything is in order.';
}

const conclusions: Partial<Record<ExitCode, string>> = {
  6: 'It works now, but something needs attention: see the lines above.',
  7: 'The network or the service is not available: try again later.',
};
