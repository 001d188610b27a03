import type { Settings } from '../../cli/settings.ts';
import type { ConfigFormat, ReportingConfig } from '../../config/config.ts';
import { defaultOutput, readConfig, resolvePath, unusableConfig } from '../../config/config-file.ts';
import { WizardError } from '../../core/errors.ts';
import { joinWords, safeText } from '../../core/text.ts';
import type { AuthMethod } from '../../entra/auth-methods.ts';
import { type Cloud, cloudOfConfig, publicCloud } from '../../entra/clouds.ts';
import type { Style } from '../../terminal/style.ts';
import type { Io } from '../shared/io.ts';
import type { RunOutcome } from '../shared/run-outcome.ts';
import type { Made, Step, Target } from './target.ts';

/** What connect was asked to do. */
export interface ConnectRequest {
  readonly settings: Settings;
  /** The target as it was named. */
  readonly name: string | undefined;
  readonly list: boolean;
  readonly json: boolean;
  readonly dryRun: boolean;
  /** The secret goes out of the config file once the store has it. */
  readonly removeFile: boolean;
  /** How an administrator signs in, for a store that wants one. */
  readonly methods: readonly AuthMethod[];
  /** The sandbox's cloud, where the run has one. */
  readonly sandbox: Cloud | undefined;
  readonly stdout: (text: string) => void;
  /** Of standard output. */
  readonly style: Style;
}

/** One run: what was asked, what it may touch, the target and the file. */
export interface ConnectRun extends ConnectRequest {
  readonly io: Io;
  readonly outcome: RunOutcome;
  readonly target: Target;
  readonly config: ReportingConfig;
  /** Of the config file, in full. */
  readonly configPath: string;
  readonly format: ConfigFormat;
  /** Where the tenant lives; for a sandbox the global cloud. */
  readonly cloud: Cloud;
  readonly isSandbox: boolean;
}

/** What was handed over, and where it is now. */
export interface Handed {
  readonly where: string;
  /** Full paths of what was written. */
  readonly files: readonly string[];
  /** What went to standard output, or would have without `--json`. */
  readonly printed?: Made['files'];
  readonly stored: boolean;
  /** What was read back of it, as in Stored. */
  readonly confirmed?: string;
  readonly steps: readonly Step[];
}

/**
 * Opens the config file, and asks for what the target wants to know. Throws WizardError where there is no such file, it
 * cannot be used, or an option is missing.
 */
export async function openRun(
  target: Target,
  request: ConnectRequest,
  io: Io,
  outcome: RunOutcome,
): Promise<ConnectRun> {
  const name = request.settings.configFile ?? defaultOutput;
  const configPath = resolvePath(name, io.cwd);
  const reading = await readConfig(configPath);
  const fault = unusableConfig(name, reading);
  if (fault) throw fault;
  if (reading.status !== 'ok') {
    throw new WizardError('config-missing', `There is no config file ${safeText(name)}.`);
  }
  const { config, format } = reading;
  const isSandbox = config.cloud === 'sandbox';
  if (request.sandbox && !isSandbox) {
    throw new WizardError(
      'config-other-cloud',
      `The file belongs to cloud ${config.cloud}, not to the sandbox.`,
      {
        remedy: 'Leave --sandbox out.',
      },
    );
  }
  // Only a store is reached from here; what a text says of a cloud comes from the file alone.
  const cloud = isSandbox
    ? publicCloud('global')
    : cloudOfConfig(config, target.store ? request.settings : {});
  outcome.config = { path: configPath, format };
  outcome.details = { target: target.name, group: target.group, files: [], stored: null, secretIn: null };
  const settings =
    (await target.complete?.(request.settings, io.asks ? io.prompt : undefined)) ?? request.settings;
  return { ...request, settings, io, outcome, target, config, configPath, format, cloud, isSandbox };
}

/**
 * Refuses a credential that the target cannot use, a cloud that it does not know, and a config file that it cannot read.
 * Throws WizardError.
 */
export function requireFit(run: ConnectRun): void {
  const { target, config, format, cloud } = run;
  const { kind } = config.credential;
  const { title, credentials, clouds, formats } = target;
  if (!credentials.includes(kind)) {
    const message = `${title} cannot use a credential of kind ${kind}: it takes ${joinWords(credentials)}.`;
    throw new WizardError('target-credential', message, {
      remedy: `Make one in a file of its own: \`reporting-setup --credential ${credentials[0]} --output <file>\``,
    });
  }
  if (!clouds.includes(cloud.name)) {
    const message = `${title} does not know the cloud ${cloud.name}: it reaches ${joinWords(clouds)}.`;
    throw new WizardError('target-cloud', message);
  }
  if (formats?.includes(format) === false) {
    const message = `What is made for ${title} reads the config file itself, in the ${joinWords(formats)} format alone.`;
    throw new WizardError('target-format', message);
  }
  requirePlace(run);
}

/** Whether it goes into a store: `--output` asks for the file instead where there is one to be had. */
export const goesIntoStore = ({ target, settings }: Pick<ConnectRun, 'target' | 'settings'>): boolean =>
  target.store !== undefined && !(target.make && settings.outputFile !== undefined);

/** Refuses options of stores for what goes into files, and the other way round. Throws WizardError. */
function requirePlace(run: ConnectRun): void {
  const { target, settings, removeFile } = run;
  const stored = goesIntoStore(run);
  if (removeFile && !stored) {
    throw new WizardError(
      'invalid-options',
      '--remove-file goes with a store: what is written here needs the file',
    );
  }
  if (stored && settings.outputFile !== undefined && !target.store?.takesOutput) {
    throw new WizardError(
      'invalid-options',
      `--output: ${target.title} takes it itself, and no file is written`,
    );
  }
}
