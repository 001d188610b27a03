import { dirname } from 'node:path';
import type { Settings } from '../../cli/options.ts';
import type { ConfigReading, ReportingConfig } from '../../config/config.ts';
import { readConfig } from '../../config/config-file.ts';
import type { AskStanding } from '../../config/git.ts';
import { parseDuration } from '../../core/duration.ts';
import { type ExitCode, exitCodes } from '../../core/errors.ts';
import type { Answer, Finding } from '../../core/findings.ts';
import { exitCodeFor } from '../../core/findings.ts';
import type { AuthMethod } from '../../entra/auth-methods.ts';
import type { Cloud } from '../../entra/clouds.ts';
import { checkExpiry } from '../../tenant/credential/expiry.ts';
import { isUnproven } from '../setup/credential-outcome.ts';
import { resolvePath } from '../setup/output.ts';
import { loadSaved } from '../shared/certificates.ts';
import { checkConfigFile, checkReading } from '../shared/config-checks.ts';
import { type Connection, connect } from '../shared/connection.ts';
import type { Draft } from '../shared/draft.ts';
import { heldIn } from '../shared/held-credential.ts';
import type { Io } from '../shared/io.ts';
import { checkKeyFile } from '../shared/key-checks.ts';
import { showFindings } from '../shared/show.ts';
import { openFileTenant } from './admin-sign-in.ts';
import { viewAsAdministrator, withAdminView } from './admin-view.ts';
import { checkLive } from './credential-checks.ts';
import { requireTenant } from './pinned-tenant.ts';

/** What a run of verify is about. */
export interface VerifyJob {
  readonly settings: Settings;
  /** The config file as it was given. */
  readonly file: string;
  /** Where the file's tenant lives. Throws WizardError `config-other-cloud` where this run cannot go there. */
  readonly cloudFor: (config: ReportingConfig) => Cloud;
  /** How an administrator signs in too; undefined where only the credential is looked at. */
  readonly methods: readonly AuthMethod[] | undefined;
  /** Reaches the file's tenant; by a way of its own where absent. */
  readonly reach?: (config: ReportingConfig, cloud: Cloud, io: Io) => Connection;
  /** Where the file stands towards git; asked anew where absent. */
  readonly askGit?: AskStanding;
}

function describe(draft: Draft, config: ReportingConfig, path: string, format: 'json' | 'env'): void {
  const { kind, keyId, expires } = config.credential;
  draft.config = { path, format };
  draft.tenant = { id: config.tenantId, displayName: '', domain: config.domain, cloud: config.cloud };
  draft.application = {
    clientId: config.clientId,
    objectId: config.application.objectId,
    servicePrincipalId: config.application.servicePrincipalId,
  };
  draft.credential = {
    kind,
    ...(keyId === undefined ? {} : { keyId }),
    ...(expires === undefined ? {} : { expires }),
  };
}

/** What was found with the file's credential, and by the administrator where one signed in. */
interface Views {
  readonly own: readonly Finding[];
  readonly admin: readonly Finding[];
}

/** Whether Entra takes the credential, as far as its own check tells. */
function isAccepted(findings: readonly Finding[]): Answer {
  const token = findings.find(({ id }) => id === 'credential.token')?.status;
  return token === 'pass' ? 'yes' : token === 'fail' ? 'no' : 'unknown';
}

async function checkAll(
  job: VerifyJob,
  reading: Extract<ConfigReading, { status: 'ok' }>,
  path: string,
  io: Io,
  draft: Draft,
): Promise<Views> {
  const { config } = reading;
  const absolute = (name: string): string => resolvePath(name, dirname(path));
  const certificate = await loadSaved(config.certificatePath, absolute, io, true);
  const held = heldIn(config, certificate);
  describe(draft, config, path, reading.format);
  const cloud = job.cloudFor(config);
  const connection = job.reach?.(config, cloud, io) ?? connect(cloud, io);
  try {
    if (job.settings.tenant !== undefined) await requireTenant(job.settings.tenant, config, connection);
    const within = job.settings.expiresWithin ?? parseDuration('30d');
    const session = job.methods && (await openFileTenant(job.methods, job.settings, config, connection, io));
    const live = await checkLive(config, held, connection, io, draft);
    const { kind } = config.credential;
    const expires = typeof certificate === 'object' ? certificate.notAfter : config.credential.expires;
    const own = [
      ...(kind === 'certificate' ? await checkKeyFile(certificate, io.env) : []),
      ...live,
      checkExpiry(expires, io.now(), within, kind),
    ];
    if (!session) return { own, admin: [] };
    draft.checks = [...(draft.checks ?? []), ...own];
    const side = { reading, certificate, accepted: isAccepted(own) };
    const { account, tenant, findings } = await viewAsAdministrator(session, side, connection, io);
    if (account) draft.account = account;
    if (draft.tenant)
      draft.tenant = { ...draft.tenant, displayName: tenant.displayName || draft.tenant.displayName };
    return { own, admin: findings };
  } finally {
    await connection.close();
  }
}

/**
 * Rechecks everything with the credential in the config file. Reports every finding, whatever the others say. Throws
 * WizardError where the run itself cannot go on.
 */
export async function runVerify(job: VerifyJob, io: Io, draft: Draft): Promise<ExitCode> {
  const { file: name } = job;
  const path = resolvePath(name, io.cwd);
  const reading = await readConfig(path);
  const none: Views = { own: [], admin: [] };
  const [lies, [views]] = await Promise.all([
    checkConfigFile(path, io.env, job.askGit),
    Promise.allSettled([reading.status === 'ok' ? checkAll(job, reading, path, io, draft) : none]),
  ]);
  const file = [checkReading(name, reading), ...lies];
  draft.checks = [...file, ...(draft.checks ?? [])];
  if (views.status === 'rejected') throw views.reason;
  const { own, admin } = views.value;
  const findings = withAdminView([...file, ...own], admin);
  draft.checks = findings;
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
