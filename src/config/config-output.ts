import type { Stats } from 'node:fs';
import { dirname } from 'node:path';
import { WizardError } from '../core/errors.ts';
import { safeText } from '../core/text.ts';
import type { ConfigFormat, ReportingConfig, Reveal } from './config.ts';
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
  /** Writes and removes a file like the one to come, in the same folder. Throws WizardError `output-unusable`. */
  proveWritable(): Promise<void>;
  save(config: ReportingConfig): Promise<void>;
  /** Undoes every `save`: puts back what was there before the first, or takes the file away. */
  restore(): Promise<RestoreOutcome>;
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

/** Refuses a target that may not be replaced. Throws WizardError, or what the file system does. */
export async function requireReplaceable({ path, files }: Pick<OutputFile, 'path' | 'files'>): Promise<void> {
  if (/[\\/]$/.test(path)) throw unusable(path, 'it names a folder');
  const target = await ifThere(files.lstat(path));
  const fault = target && faultOf(target);
  if (fault) throw unusable(path, fault);
  if (target) return;
  const folder = await ifThere(files.stat(dirname(path)));
  if (!folder) throw unusable(path, `the folder ${safeText(dirname(path))} is not there: create it first`);
  if (!folder.isDirectory()) throw unusable(path, `${safeText(dirname(path))} is no folder`);
}

/** The text to be merged into or replaced, undefined where there is none; refuses what is no configuration. */
async function existingText({ path, format, files }: OutputFile): Promise<string | undefined> {
  const text = await readTextFile(path, files);
  if (text === undefined) return undefined;
  const reading = parseConfig(text, format === 'env' ? 'env' : formatByName(path));
  const fault = unusableConfig(path, reading);
  if (fault) throw fault;
  const isEnv = reading.status !== 'ok' || reading.format === 'env';
  if (isEnv === (format === 'env')) return text;
  throw unusable(path, `it holds the ${isEnv ? 'env' : 'json'} format, and ${format} would replace it`);
}

async function prove(file: OutputFile): Promise<void> {
  const { path, files } = file;
  await requireReplaceable(file);
  await removeLeftovers(path, files);
  const existing = await existingText(file);
  if (file.format === 'env') requireMergeable(existing ?? '');
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
  const { path, format, reveal, files } = file;
  const before = await existingText(file);
  const written =
    format === 'env'
      ? formatEnvConfig(before ?? '', config, reveal)
      : formatJsonConfig(config, reveal, before);
  await replaceFile(path, written, files, () => requireReplaceable(file));
  return { before, written };
}

/**
 * Puts a file back as it was before the run, or takes it away where there was none. Throws WizardError
 * `output-not-saved` where somebody has changed it since.
 */
async function restore({ path, files }: OutputFile, saved: SavedText): Promise<RestoreOutcome> {
  if ((await readTextFile(path, files)) !== saved.written) {
    throw new WizardError('output-not-saved', `${safeText(path)} was changed by somebody else: it stays.`);
  }
  if (saved.before !== undefined) {
    await replaceFile(path, saved.before, files);
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
): Promise<Output> {
  const file: OutputFile = { path, format, reveal, files };
  await withWizardErrors('output-unusable', path, () => requireReplaceable(file));
  let saved: SavedText | undefined;
  return {
    proveWritable: () => withWizardErrors('output-unusable', path, () => prove(file)),
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
