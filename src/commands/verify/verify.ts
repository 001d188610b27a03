import { dirname } from 'node:path';
import type { Settings } from '../../cli/settings.ts';
import type { LocalCertificates } from '../../config/certificate.ts';
import type { ConfigFormat, ConfigReading, ReportingConfig } from '../../config/config.ts';
import { readConfig, resolvePath } from '../../config/config-file.ts';
import type { AskStanding } from '../../config/git.ts';
import { loadSaved } from '../../config/local-certificates.ts';
import { parseDuration } from '../../core/duration.ts';
import { type ExitCode, exitCodes } from '../../core/errors.ts';
import type { Answer, Finding } from '../../core/findings.ts';
import { exitCodeFor } from '../../core/findings.ts';
import type { AuthMethod } from '../../entra/auth-methods.ts';
import type { Cloud } from '../../entra/clouds.ts';
import { heldIn } from '../../tenant/credential/held-credential.ts';
import { checkExpiry } from '../../tenant/credential/listed-credentials.ts';
import { showFindings } from '../../terminal/report.ts';
import { type Connection, connect } from '../shared/connection.ts';
import { checkConfigFile, checkKeyFile, checkReading } from '../shared/file-checks.ts';
import type { Io } from '../shared/io.ts';
import { isUnproven } from '../shared/proof.ts';
import type { RunOutcome } from '../shared/run-outcome.ts';
import { openFileTenant, requireTenant } from '../shared/sign-in-administrator.ts';
import { viewAsAdministrator, withAdminView } from './check-as-admin.ts';
import { checkConnected } from './check-connected.ts';
import { checkWithCredential } from './check-credential.ts';

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
  const run = { ...request, io, outcome, path, reading: await readConfig(path) };
  const [file, [tenant]] = await Promise.all([checkFile(run), Promise.allSettled([checkTenant(run)])]);
  outcome.checks = [...file, ...(outcome.checks ?? [])];
  if (tenant.status === 'rejected') throw tenant.reason;
  return tell(file, tenant.value, run);
}

async function checkFile({ file, path, reading, askGit, io }: VerifyRun): Promise<Finding[]> {
  const connected = reading.status === 'ok' ? await checkConnected(file, path, reading, io) : [];
  return [checkReading(file, reading), ...(await checkConfigFile(path, io.env, askGit)), ...connected];
}

async function checkTenant(run: VerifyRun): Promise<TenantFindings> {
  const { reading, path, methods, settings, io, outcome } = run;
  if (reading.status !== 'ok') return { own: [], admin: [] };
  const { config } = reading;
  const certificate = await loadSaved(config.certificatePath, dirname(path), io, true);
  noteConfig(config, reading.format, run);
  const cloud = run.cloudFor(config);
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

/** What the credential itself can show, the key file and its end among it. */
async function checkOwn(
  config: ReportingConfig,
  certificate: LocalCertificates['saved'],
  connection: Connection,
  { settings, io, outcome }: VerifyRun,
): Promise<Finding[]> {
  const { kind } = config.credential;
  const { findings, displayName } = await checkWithCredential(
    config,
    heldIn(config, certificate),
    connection,
    io,
  );
  noteTenantName(displayName, outcome);
  const expires = typeof certificate === 'object' ? certificate.notAfter : config.credential.expires;
  return [
    ...(kind === 'certificate' ? await checkKeyFile(certificate, io.env) : []),
    ...findings,
    checkExpiry(expires, io.now(), settings.expiresWithin ?? parseDuration('30d'), kind),
  ];
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

/** Shows what was found, the administrator's part under its own title, and gives the exit code. */
function tell(
  file: readonly Finding[],
  { own, admin }: TenantFindings,
  { io, outcome }: VerifyRun,
): ExitCode {
  const findings = withAdminView([...file, ...own], admin);
  outcome.checks = findings;
  const count = file.length + own.length;
  showFindings('Checks', findings.slice(0, count), io.report);
  showFindings('As the administrator sees it', findings.slice(count), io.report);
  const code = exitCodeFor(findings);
  io.report.title(conclusionOf(code, findings));
  return code;
}

function conclusionOf(code: ExitCode, findings: readonly Finding[]): string {
  if (code === exitCodes.done && isUnproven(findings)) {
    return 'What can be checked from here is in order. The credential itself can only be proven inside its workload.';
  }
  return conclusions[code] ?? 'Something needs attention: see the lines above.';
}

const conclusions: Partial<Record<ExitCode, string>> = {
  0: 'Everything is in order.',
  6: 'It works now, but something needs attention: see the lines above.',
  7: 'The network or the service is not available: try again later.',
};
