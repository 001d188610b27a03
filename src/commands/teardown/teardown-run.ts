import type { Settings } from '../../cli/settings.ts';
import type { ConfigFormat, ReportingConfig } from '../../config/config.ts';
import { defaultOutput, readConfig, resolvePath, unusableConfig } from '../../config/config-file.ts';
import { withoutHeld } from '../../config/configs-nearby.ts';
import { type ConnectedTarget, connectedIn } from '../../config/connected.ts';
import { readTextFile } from '../../config/file-system.ts';
import { findConfigFiles } from '../../config/find-config-files.ts';
import { type OutputFiles, openOutputFiles } from '../../config/output-files.ts';
import { type NamedCredential, previousIn } from '../../config/removed-config.ts';
import { openSecretNote, type SecretMarker, type SecretNote } from '../../config/secret-note.ts';
import { WizardError } from '../../core/errors.ts';
import { sameId } from '../../core/fields.ts';
import { commandLine, quoted, safeText } from '../../core/text.ts';
import type { AuthMethod } from '../../entra/auth-methods.ts';
import { type Cloud, chooseCloud, cloudOfConfig, requireAskedFor } from '../../entra/clouds.ts';
import type { Session } from '../../entra/sign-in.ts';
import type { Directory } from '../../graph/directory.ts';
import { describeWait } from '../../terminal/progress.ts';
import type { Task } from '../../terminal/report.ts';
import { type ApplicationLocks, createApplicationLocks } from '../setup/setup-run.ts';
import { type Connection, connect, openDirectory } from '../shared/connection.ts';
import type { Io } from '../shared/io.ts';
import type { RunOutcome } from '../shared/run-outcome.ts';
import { openAdministrator, openFileTenant, requireTenant } from '../shared/sign-in-administrator.ts';

/** What teardown was asked to do. */
export interface TeardownRequest {
  readonly settings: Settings;
  /** The ways to sign in, in the order they are tried. */
  readonly methods: readonly AuthMethod[];
  /** The sandbox's cloud, where the run has one, and the words that ask for it. */
  readonly sandbox: Cloud | undefined;
  readonly sandboxWords: readonly string[];
  /** Stop before the first write. */
  readonly planOnly: boolean;
  readonly keepFiles: boolean;
  /** The words of the command line, the program's name aside. */
  readonly argv: readonly string[];
}

/** The config file, and what it says beside its configuration. */
export interface HeldConfig {
  readonly config: ReportingConfig;
  readonly format: ConfigFormat;
  readonly files: OutputFiles;
  readonly previous: readonly NamedCredential[];
  readonly connected: readonly ConnectedTarget[];
}

/** What this machine's files say of the application. */
export interface TeardownRecords {
  /** Undefined where there is no config file. */
  readonly held: Pick<HeldConfig, 'config' | 'previous'> | undefined;
  readonly markers: readonly SecretMarker[];
}

/** One run: what was asked, what it may touch, and the files of this machine. */
export interface TeardownRun extends TeardownRequest {
  readonly io: Io;
  readonly outcome: RunOutcome;
  readonly cloud: Cloud;
  /** As it was given, and in full. */
  readonly configName: string;
  readonly configPath: string;
  /** Undefined where there is no config file. */
  readonly held: HeldConfig | undefined;
  readonly note: SecretNote;
  readonly markers: readonly SecretMarker[];
  readonly connection: Connection;
  readonly locks: ApplicationLocks;
  /** Shows waits for Microsoft Graph on whatever task is under way. */
  readonly showOn: (task: Task | undefined) => void;
  readonly onWait: Parameters<typeof openDirectory>[3];
}

/** A run with an administrator signed in. */
export interface SignedInTeardown extends TeardownRun {
  readonly session: Session;
  readonly directory: Directory;
}

/** The credential of the application itself is no administrator: that is said before anybody is asked for a token. */
function requireOther(config: ReportingConfig, methods: readonly AuthMethod[], io: Io): void {
  if (methods[0] !== 'environment' || !sameId(io.env['AZURE_CLIENT_ID'], config.clientId)) return;
  throw new WizardError(
    'sign-in-credential',
    'AZURE_CLIENT_ID in the environment is the application that is to be taken back: it may not remove itself.',
    {
      remedy:
        'Start where that file is not loaded into the environment, or sign an administrator in: --auth browser, device-code or azure-cli.',
    },
  );
}

function cloudFor(config: ReportingConfig | undefined, { settings, sandbox }: TeardownRequest): Cloud {
  if (sandbox === undefined) return config ? cloudOfConfig(config, settings) : chooseCloud(settings);
  if (!config || config.cloud === 'sandbox') return sandbox;
  const message = `The file belongs to cloud ${config.cloud}, not to the sandbox.`;
  throw new WizardError('config-other-cloud', message, { remedy: 'Leave --sandbox out.' });
}

/** Throws WizardError where `--client-id` names another application than the file. */
function requireSameClient(config: ReportingConfig, { ownedClientId }: Settings): void {
  if (ownedClientId === undefined || sameId(ownedClientId, config.clientId)) return;
  throw new WizardError(
    'config-other-application',
    `The file is of the application with client ID ${config.clientId}, not of ${ownedClientId}.`,
    { remedy: 'Leave --client-id out, or name the file of that application with --config.' },
  );
}

async function holdConfig(
  name: string,
  cloud: Cloud,
  config: ReportingConfig,
  { planOnly }: TeardownRequest,
  io: Io,
): Promise<HeldConfig> {
  // A key is not needed to remove it: nobody is asked for its pass phrase.
  const wanted = { credential: 'secret' } as const;
  const files = await openOutputFiles(
    name,
    wanted,
    cloud,
    { ...io, mayReplace: undefined },
    { lock: !planOnly },
  );
  const text = (await readTextFile(files.path)) ?? '';
  const { format } = files;
  return { config, format, files, previous: previousIn(text, format), connected: connectedIn(text, format) };
}

/** Several are not taken back at once: each is confirmed by name. Throws WizardError `invalid-options`. */
async function requireOneFile(name: string, io: Io): Promise<void> {
  const { several } = await findConfigFiles([name], io);
  if (!several) return;
  throw new WizardError('invalid-options', `--config: ${quoted(name)} is a pattern. Name one file.`);
}

/** Opens the config file, where there is one, and the way to the cloud; nothing is sent yet. Throws WizardError. */
export async function openTeardown(
  request: TeardownRequest,
  io: Io,
  outcome: RunOutcome,
): Promise<TeardownRun> {
  const { settings, methods } = request;
  const configName = settings.configFile ?? defaultOutput;
  await requireOneFile(configName, io);
  const configPath = resolvePath(configName, io.cwd);
  const reading = await readConfig(configPath);
  const fault = unusableConfig(configName, reading);
  if (fault) throw fault;
  const config = reading.status === 'ok' ? reading.config : undefined;
  const cloud = cloudFor(config, request);
  requireAskedFor(cloud, "an administrator's sign-in");
  if (config) {
    requireSameClient(config, settings);
    requireOther(config, methods, io);
  }
  const held = config && (await holdConfig(configName, cloud, config, request, io));
  if (held) outcome.config = { path: configPath, format: held.format };
  else {
    io.report.line(
      `There is no config file ${safeText(configName, 300)}: the application is looked for in the tenant.`,
    );
  }
  const { note, markers } = held ? held.files : await openSecretNote(configPath, io);
  let current: Task | undefined;
  return {
    ...request,
    io,
    outcome,
    cloud,
    configName,
    configPath,
    held,
    note,
    markers: await withoutHeld(configPath, markers, io),
    connection: connect(cloud, io),
    locks: createApplicationLocks(cloud, io),
    showOn: (task) => {
      current = task;
    },
    onWait: (_purpose, wait) => current?.wait(describeWait(wait)),
  };
}

/** Signs an administrator in, in the file's tenant where there is a file. Throws WizardError. */
export async function signIn(run: TeardownRun): Promise<SignedInTeardown> {
  const { held, settings, methods, connection, io } = run;
  if (held && settings.tenant !== undefined) await requireTenant(settings.tenant, held.config, connection);
  const session = held
    ? await openFileTenant(methods, settings, held.config, connection, io)
    : await openAdministrator(methods, settings, connection, io);
  return { ...run, session, directory: openDirectory(connection, session, io, run.onWait) };
}

/** Lets go of everything that `openTeardown` opened, all of it whatever fails. */
export async function closeTeardown({ connection, locks, held, io }: TeardownRun): Promise<void> {
  for (const letGo of [connection.close, locks.release, ...(held ? [held.files.release] : [])]) {
    try {
      await letGo();
    } catch (error) {
      io.report.warn(`Could not tidy up: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

/** The command that goes on from here. */
export const sameCommand = ({ argv, io }: TeardownRun): string => commandLine(argv, io);
