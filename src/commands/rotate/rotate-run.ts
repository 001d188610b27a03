import type { Settings } from '../../cli/settings.ts';
import type { ReportingConfig } from '../../config/config.ts';
import { defaultOutput, readConfig, resolvePath, unusableConfig } from '../../config/config-file.ts';
import { openRotationNote, type RotationNote } from '../../config/rotation-note.ts';
import { WizardError } from '../../core/errors.ts';
import { safeText } from '../../core/text.ts';
import type { AuthMethod } from '../../entra/auth-methods.ts';
import { type Cloud, cloudOfConfig } from '../../entra/clouds.ts';
import type { Invocation } from '../setup/invocation.ts';
import { openRun, type SetupRun, type SignedInRun } from '../setup/setup-run.ts';
import type { Io } from '../shared/io.ts';
import type { RunOutcome } from '../shared/run-outcome.ts';
import { type RotationDue, rotationDue } from './rotation-due.ts';

/** What rotate was asked to do. */
export interface RotateRequest {
  readonly settings: Settings;
  /** The ways for an administrator to sign in, in the order they are tried. */
  readonly methods: readonly AuthMethod[];
  /** The sandbox's cloud, where the run has one. */
  readonly sandbox: Cloud | undefined;
  /** The certificate rolls itself over. */
  readonly self: boolean;
  /** Stop before the first write. */
  readonly planOnly: boolean;
  /** Nobody has to be asked. */
  readonly yes: boolean;
  readonly invocation: Invocation;
}

/** The config file and what of it is due; nothing is opened yet. */
export interface RotateFile {
  /** As it was given. */
  readonly name: string;
  readonly config: ReportingConfig;
  readonly cloud: Cloud;
  readonly due: RotationDue;
}

/** One run of rotate with its file open, and locked where something may be written. */
export interface RotateRun extends SetupRun {
  readonly request: RotateRequest;
  /** What the file held when the run began. */
  readonly held: ReportingConfig;
  readonly due: RotationDue;
  readonly rotation: RotationNote;
}

/** A run of rotate with an administrator, or the application itself, signed in. */
export type SignedInRotateRun = RotateRun & SignedInRun;

function cloudOf(config: ReportingConfig, { settings, sandbox }: RotateRequest): Cloud {
  if (sandbox === undefined) return cloudOfConfig(config, settings);
  if (config.cloud === 'sandbox') return sandbox;
  const message = `The file belongs to cloud ${config.cloud}, not to the sandbox.`;
  throw new WizardError('config-other-cloud', message, { remedy: 'Leave --sandbox out.' });
}

/** Throws WizardError where what was asked does not go with the kind of credential in the file. */
function requireKind({ credential: { kind } }: ReportingConfig, { settings, self }: RotateRequest): void {
  if (kind === 'federated' && settings.credential !== undefined) {
    throw new WizardError(
      'invalid-options',
      'The file holds a federated credential: there is nothing to rotate.',
      {
        remedy: `To change to another kind: \`reporting-setup --credential ${settings.credential}\``,
      },
    );
  }
  if (!self || kind === 'certificate') return;
  throw new WizardError(
    'invalid-options',
    `--self goes with a certificate, and the file holds a ${kind === 'secret' ? 'client secret' : 'federated credential'}.`,
    {
      remedy:
        'Leave --self out: an administrator signs in. After --credential certificate the next one can roll itself over.',
    },
  );
}

/** Reads the config file and what is due. Throws WizardError where there is none, or it cannot be used. */
export async function readRotateFile(
  request: RotateRequest,
  io: Io,
  outcome: RunOutcome,
): Promise<RotateFile> {
  const { settings } = request;
  const name = settings.oneConfig?.[0] ?? defaultOutput;
  const path = resolvePath(name, io.cwd);
  const reading = await readConfig(path);
  const fault = unusableConfig(name, reading);
  if (fault) throw fault;
  if (reading.status !== 'ok')
    throw new WizardError('config-missing', `There is no config file ${safeText(name, 500)}.`);
  const { config, format } = reading;
  requireKind(config, request);
  outcome.config = { path, format };
  const { unfinished } = await openRotationNote(path, io);
  const due = rotationDue(config, { within: settings.ifExpiresWithin, unfinished }, io.now());
  return { name, config, cloud: cloudOf(config, request), due };
}

/**
 * Opens the file for writing: other runs are kept out of it from now on. What is due is looked at once more, since one of
 * them may just have been here. Throws WizardError.
 */
export async function openRotateRun(
  { name, config, cloud }: RotateFile,
  request: RotateRequest,
  io: Io,
  outcome: RunOutcome,
): Promise<RotateRun> {
  const { methods, planOnly, invocation } = request;
  // The application is the one of the file, and no other.
  const settings = { ...request.settings, output: name, clientId: config.clientId };
  const run = await openRun({ settings, cloud, methods, planOnly, invocation }, io, outcome);
  const { output } = run;
  const held = output.config.status === 'ok' ? output.config.config : config;
  const rotation = await openRotationNote(output.path, io);
  const { unfinished } = rotation;
  const due = rotationDue(held, { within: settings.ifExpiresWithin, unfinished }, io.now());
  return { ...run, request, held, due, rotation };
}
