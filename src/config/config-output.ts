import type { Stats } from 'node:fs';
import { dirname } from 'node:path';
import { WizardError } from '../core/errors.ts';
import { safeText } from '../core/text.ts';
import {
  type ConfigFormat,
  type ConfigReading,
  type ReportingConfig,
  type Reveal,
  relevantFields,
} from './config.ts';
import { formatEnvConfig, requireMergeable } from './config-env.ts';
import { formatByName, parseConfig, unusableConfig } from './config-file.ts';
import { formatJsonConfig } from './config-json.ts';
import {
  type Files,
  ifThere,
  isMine,
  readTextFile,
  realFiles,
  removeLeftovers,
  replaceFile,
  syncFolder,
  withWizardErrors,
  writeTemporary,
} from './file-system.ts';

/** Where the configuration goes. */
export interface Output {
  /**
   * Writes and removes a file like the one to come, in the same folder; `planned` is what is known of it by then. Throws
   * WizardError `output-unusable`.
   */
  proveWritable(planned?: ReportingConfig): Promise<void>;
  save(config: ReportingConfig): Promise<void>;
  /** Undoes every `save`: puts back what was there before the first, or takes the file away. */
  restore(): Promise<RestoreOutcome>;
}

/** The output of a run, as it was opened. */
export interface OpenOutput extends Output {
  /** Throws WizardError `output-unusable` where the folder is another one than when the output was opened. */
  requireSameFolder(): Promise<void>;
}

/** What became of the file: `unsaved` where there was nothing to undo. */
export type RestoreOutcome = 'unsaved' | 'restored' | 'removed';

/** Bytes proven to fit before there is anything to save; a configuration is far smaller. */
const provenBytes = 8_192;

interface OutputFile {
  readonly path: string;
  readonly format: ConfigFormat;
  readonly reveal: Reveal;
  readonly files: Files;
  /** The folder as it was when the output was opened. */
  readonly folder: Pick<Stats, 'dev' | 'ino'> | undefined;
  /** Somebody said that another application's variables in the file may be replaced. */
  readonly replacesForeign: boolean;
}

function unusable(path: string, reason: string): WizardError {
  return new WizardError('output-unusable', `${safeText(path)} cannot be written: ${reason}.`);
}

function faultOf(target: Stats): string | undefined {
  if (target.isSymbolicLink()) return 'it is a symbolic link';
  if (target.isDirectory()) return 'it is a folder';
  if (!target.isFile()) return 'it is no regular file';
  return isMine(target) ? undefined : 'it belongs to another user';
}

/** A folder, or a part of the way to it, that became a link meanwhile would take the file to somewhere else. */
async function requireSameFolder({ path, files, folder }: OutputFile): Promise<void> {
  const now = await ifThere(files.stat(dirname(path)));
  if (now?.dev === folder?.dev && now?.ino === folder?.ino) return;
  throw unusable(path, 'its folder is another one than when this run began');
}

/** Refuses a name that stands for something else on this system, such as a device. Throws WizardError `output-unusable`. */
export function requireFileName(path: string, files: Files = realFiles): void {
  const fault = files.nameFault?.(path);
  if (fault !== undefined) throw unusable(path, fault);
}

/** Refuses a path at which no file may be put or replaced. Throws WizardError, or what the file system does. */
export async function requireFilePath(path: string, files: Files): Promise<void> {
  requireFileName(path, files);
  if (/[\\/]$/.test(path)) throw unusable(path, 'it names a folder');
  const target = await ifThere(files.lstat(path));
  const fault = target && faultOf(target);
  if (fault) throw unusable(path, fault);
  if (target) return;
  const folder = await ifThere(files.stat(dirname(path)));
  if (!folder) throw unusable(path, `the folder ${safeText(dirname(path))} is not there: create it first`);
  if (!folder.isDirectory()) throw unusable(path, `${safeText(dirname(path))} is no folder`);
}

/** Refuses a target that may not be replaced. */
async function requireReplaceable(file: OutputFile): Promise<void> {
  await requireFilePath(file.path, file.files);
  await requireSameFolder(file);
}

/** The text to be merged into or replaced, undefined where there is none; refuses what is no configuration. */
async function existingText(file: OutputFile): Promise<string | undefined> {
  const { path, format, files, replacesForeign } = file;
  const text = await readTextFile(path, files);
  if (text === undefined) return undefined;
  const reading = parseConfig(text, format === 'env' ? 'env' : formatByName(path));
  if (reading.status === 'invalid' && reading.foreign && replacesForeign) return text;
  const fault = unusableConfig(path, reading);
  if (fault) throw fault;
  const isEnv = reading.status !== 'ok' || reading.format === 'env';
  if (isEnv === (format === 'env')) return text;
  throw unusable(path, `it holds the ${isEnv ? 'env' : 'json'} format, and ${format} would replace it`);
}

/** What is to be written. Throws WizardError where this program would not read the same back from it. */
function textFor(file: OutputFile, existing: string, config: ReportingConfig): string {
  const { path, format, reveal } = file;
  const text =
    format === 'env' ? formatEnvConfig(existing, config, reveal) : formatJsonConfig(config, reveal, existing);
  const reading = parseConfig(text, format);
  const fault = unusableConfig(path, reading);
  if (fault) throw unusable(path, `nothing could read it: ${problemsOf(reading)}`);
  const same = reading.status === 'ok' && spelled(reading.config, reveal) === spelled(config, reveal);
  if (!same) throw unusable(path, 'what is read back from it is not what was written');
  return text;
}

const problemsOf = (reading: ConfigReading): string =>
  reading.status === 'invalid' ? reading.problems.join('; ') : 'it would count as a newer version';

/** One spelling for what is the same: of half a character there is none in a file. */
const spelled = (config: ReportingConfig, reveal: Reveal): string =>
  formatJsonConfig(relevantFields(config), (secret) => reveal(secret)).replace(
    /\p{Cs}|\\ud[89a-f][0-9a-f]{2}/giu,
    '\ufffd',
  );

async function prove(file: OutputFile, planned: ReportingConfig | undefined): Promise<void> {
  const { path, files } = file;
  await requireReplaceable(file);
  await removeLeftovers(path, files);
  const existing = await existingText(file);
  if (file.format === 'env') requireMergeable(existing ?? '');
  if (planned) textFor(file, existing ?? '', planned);
  const filler = ' '.repeat((existing ?? '').length + provenBytes);
  await files.unlink(await writeTemporary(path, filler, files));
}

/** What a file held before this run and what this run wrote into it, kept in memory alone. */
interface SavedText {
  /** Undefined where there was no file. */
  readonly before: string | undefined;
  readonly written: string;
}

async function save(file: OutputFile, config: ReportingConfig): Promise<SavedText> {
  const { path, files } = file;
  // Before anything of it is on a disk: where it cannot be read back, or goes somewhere else, it is not written at all.
  await requireReplaceable(file);
  const before = await existingText(file);
  const written = textFor(file, before ?? '', config);
  await replaceFile(path, written, files, () => requireReplaceable(file));
  return { before, written };
}

/**
 * Puts a file back as it was before the run, or takes it away where there was none. Throws WizardError
 * `output-not-saved` where somebody has changed it since.
 */
async function restore(file: OutputFile, saved: SavedText): Promise<RestoreOutcome> {
  const { path, files } = file;
  await requireSameFolder(file);
  if ((await readTextFile(path, files)) !== saved.written) {
    throw new WizardError('output-not-saved', `${safeText(path)} was changed by somebody else: it stays.`);
  }
  if (saved.before !== undefined) {
    await replaceFile(path, saved.before, files, () => requireReplaceable(file));
    return 'restored';
  }
  await files.unlink(path);
  await syncFolder(path, files);
  return 'removed';
}

/**
 * Opens the output for a configuration; nothing is written yet. `save` replaces the file in one step: whatever
 * goes wrong before, the old one stays as it was. Throws WizardError `output-unusable` for a folder, a symbolic
 * link, a device, somebody else's file or a missing folder; `save` and `restore` throw `output-not-saved`.
 */
export async function openOutput(
  path: string,
  format: ConfigFormat,
  reveal: Reveal,
  files: Files = realFiles,
  replacesForeign = false,
): Promise<OpenOutput> {
  const folder = await withWizardErrors('output-unusable', path, () => ifThere(files.stat(dirname(path))));
  const file: OutputFile = { path, format, reveal, files, folder, replacesForeign };
  await withWizardErrors('output-unusable', path, () => requireReplaceable(file));
  let saved: SavedText | undefined;
  return {
    proveWritable: (planned) => withWizardErrors('output-unusable', path, () => prove(file, planned)),
    requireSameFolder: () => withWizardErrors('output-unusable', path, () => requireSameFolder(file)),
    save: (config) =>
      withWizardErrors('output-not-saved', path, async () => {
        const { before, written } = await save(file, config);
        saved = { before: saved === undefined ? before : saved.before, written };
      }),
    restore: () =>
      withWizardErrors('output-not-saved', path, async () => {
        if (saved === undefined) return 'unsaved';
        const outcome = await restore(file, saved);
        saved = undefined;
        return outcome;
      }),
  };
}
