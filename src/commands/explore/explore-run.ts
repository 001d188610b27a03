import { dirname } from 'node:path';
import type { Writable } from 'node:stream';
import type { ReportingConfig } from '../../config/config.ts';
import { defaultOutput, readConfig, resolvePath, unusableConfig } from '../../config/config-file.ts';
import { isBeside, loadSaved } from '../../config/local-certificates.ts';
import { WizardError } from '../../core/errors.ts';
import { safeText } from '../../core/text.ts';
import {
  type Cloud,
  cloudOfConfig,
  endpointsOf,
  offersSignIns,
  requireAskedFor,
} from '../../entra/clouds.ts';
import type { AppSession, Directory } from '../../graph/directory.ts';
import { heldIn } from '../../tenant/credential/held-credential.ts';
import type { LogStream } from '../../tenant/logs/log-streams.ts';
import { describeWait } from '../../terminal/progress.ts';
import type { Style } from '../../terminal/style.ts';
import { type Connection, connect, openApplication } from '../shared/connection.ts';
import type { Io } from '../shared/io.ts';
import { openIdentity } from '../shared/open-credential.ts';
import type { RunOutcome } from '../shared/run-outcome.ts';
import type { ExploreCall, ExploreWishes } from './explore-wishes.ts';

/** What explore was asked to do, and where rows go. */
export interface ExploreRequest extends ExploreCall {
  /** The sandbox's cloud, where the run has one. */
  readonly sandbox: Cloud | undefined;
  readonly stdout: Writable;
  /** The words of the command line, the program's name aside. */
  readonly argv: readonly string[];
  /** What the terminal behind standard output shows. */
  readonly style: Style;
}

/** Something that was asked for and is not among what is shown. */
export interface LeftOut {
  readonly what: string;
  readonly reason: 'licence' | 'retention' | 'refused';
  readonly message: string;
}

/** A session that can be made anew. */
interface LogSession {
  readonly directory: () => Directory;
  /** The permissions in its token; undefined where that does not show them. */
  readonly roles: readonly string[] | undefined;
  readonly renew: () => Promise<void>;
}

/** One run: what is wanted, what it may touch, and the credential signed in. */
export interface ExploreRun extends ExploreRequest {
  readonly wishes: ExploreWishes;
  readonly io: Io;
  readonly outcome: RunOutcome;
  readonly config: ReportingConfig;
  readonly connection: Connection;
  readonly session: LogSession;
  /** Server's time as the run began, epoch milliseconds in whole seconds. */
  readonly startedAt: number;
  /** Filled in as the run goes. */
  readonly leftOut: LeftOut[];
  /** Tells why something takes longer. */
  readonly onWait: { tell: (text: string) => void };
}

async function openConfig({ settings, sandbox }: ExploreRequest, io: Io, outcome: RunOutcome) {
  const name = settings.configFile ?? defaultOutput;
  const path = resolvePath(name, io.cwd);
  const reading = await readConfig(path);
  const fault = unusableConfig(name, reading);
  if (fault) throw fault;
  if (reading.status !== 'ok') {
    throw new WizardError('config-missing', `There is no config file ${safeText(name)}.`);
  }
  const { config, format } = reading;
  if (sandbox && config.cloud !== 'sandbox') {
    const message = `The file belongs to cloud ${config.cloud}, not to the sandbox.`;
    throw new WizardError('config-other-cloud', message, { remedy: 'Leave --sandbox out.' });
  }
  const { tenantId, domain, cloud, clientId, application } = config;
  outcome.config = { path, format };
  outcome.tenant = { id: tenantId, domain, cloud };
  outcome.application = {
    clientId,
    objectId: application.objectId,
    servicePrincipalId: application.servicePrincipalId,
  };
  return { config, path, cloud: sandbox ?? cloudOfConfig(config, settings) };
}

async function signIn(
  config: ReportingConfig,
  path: string,
  connection: Connection,
  io: Io,
  onWait: ExploreRun['onWait'],
): Promise<LogSession> {
  const certificate = await loadSaved(config.certificatePath, dirname(path), io, true);
  const opened = await openIdentity(
    config,
    heldIn(config, certificate),
    { anySubject: true },
    connection,
    io,
  );
  if ('absent' in opened) {
    throw new WizardError('credential-rejected', `The credential cannot be used here: ${opened.absent}.`, {
      remedy: 'Run this where the credential is, or make one that works here: `reporting-setup`',
    });
  }
  const open = (): Promise<AppSession> =>
    openApplication(connection, opened.identity, io, (_purpose, wait) => onWait.tell(describeWait(wait)));
  let current = await open();
  return {
    directory: () => current.directory,
    roles: current.roles,
    renew: async () => {
      current = await open();
    },
  };
}

/**
 * Says where the file's own secret goes where only the file says so. Throws WizardError `endpoints-from-file` where more
 * than that would go there.
 */
async function guardEndpoints(
  { credential, certificatePath = '' }: ReportingConfig,
  path: string,
  cloud: Cloud,
  io: Io,
): Promise<void> {
  if (!cloud.isFromFile) return;
  if (
    credential.kind === 'certificate' &&
    !(await isBeside(resolvePath(certificatePath, dirname(path)), path))
  )
    requireAskedFor(cloud, 'what a key outside of its own folder signs');
  io.report.warn(
    `The file names endpoints of its own: ${endpointsOf(cloud)}. The credential in it is sent there, and no other.`,
  );
}

/**
 * Opens the config file and signs in with the credential in it. Throws WizardError where there is no such file, it cannot
 * be used, or Entra does not take the credential.
 */
export async function openExplore(
  request: ExploreRequest,
  wishes: ExploreWishes,
  io: Io,
  outcome: RunOutcome,
): Promise<ExploreRun> {
  const { config, path, cloud } = await openConfig(request, io, outcome);
  await guardEndpoints(config, path, cloud, io);
  const connection = connect(cloud, io);
  const onWait: ExploreRun['onWait'] = { tell: () => undefined };
  try {
    const task = io.report.task('Signing in as the application');
    onWait.tell = (text) => task.wait(text);
    const session = await signIn(config, path, connection, io, onWait);
    task.succeed('Signed in as the application');
    onWait.tell = () => undefined;
    const startedAt = Math.floor(io.now().getTime() / 1_000) * 1_000;
    return { ...request, wishes, io, outcome, config, connection, session, startedAt, leftOut: [], onWait };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** Throws WizardError where the cloud does not have a log. */
export function requireOffered({ log }: Pick<LogStream, 'log'>, { connection }: ExploreRun): void {
  if (log !== 'sign-ins' || offersSignIns(connection.cloud.name)) return;
  throw new WizardError(
    'sign-ins-not-offered',
    'This cloud does not offer sign-in logs through Microsoft Graph v1.0.',
  );
}
