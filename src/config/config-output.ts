import type { Stats } from 'node:fs';
import { dirname } from 'node:path';
import { type ErrorCode, fileReason, WizardError } from '../core/errors.ts';
import { safeText } from '../core/text.ts';
import { type ConfigFormat, formatJsonConfig, type ReportingConfig, type Reveal } from './config.ts';
import { formatEnvConfig, requireMergeable } from './config-env.ts';
import { formatByName, parseConfig, unusableConfig } from './config-format.ts';
import { type Keepsake, putBack } from './config-restore.ts';
import { type Files, ifThere, isMine, realFiles } from './file-system.ts';
import { removeLeftovers, syncFolder, writeTemporary } from './private-file.ts';
import { readTextFile } from './text-file.ts';

/** The proven-writable place where the configuration goes. */
export interface Output {
  readonly path: string;
  save(config: ReportingConfig): Promise<void>;
  /** Undoes every `save`: puts back what was there before the first, or takes the file away. */
  restore(): Promise<Restoration>;
}

/** What became of the file: `unsaved` where there was nothing to undo. */
export type Restoration = 'unsaved' | 'restored' | 'removed';

/** Bytes proven to fit before there is anything to save; a configuration is far smaller. */
const provenBytes = 8_192;

/** The place where the configuration goes, with the proof that it can take it. */
export interface ConfigOutput extends Output {
  readonly format: ConfigFormat;
  /** Writes and removes a file like the one to come, in the same folder. Throws WizardError `output-unusable`. */
  proveWritable(): Promise<void>;
}

interface Place {
  readonly path: string;
  readonly format: ConfigFormat;
  readonly reveal: Reveal;
  readonly files: Files;
}

function unusable(path: string, reason: string): WizardError {
  return new WizardError('output-unusable', `${safeText(path)} cannot be written: ${reason}.`);
}

/** Runs a file operation; a failure of the file system becomes a WizardError of that code. */
async function translated<T>(code: ErrorCode, path: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    if (error instanceof WizardError) throw error;
    const verb = code === 'output-not-saved' ? 'was not saved' : 'cannot be written';
    throw new WizardError(code, `${safeText(path)} ${verb}: ${fileReason(error)}.`, { cause: error });
  }
}

function faultOf(target: Stats): string | undefined {
  if (target.isSymbolicLink()) return 'it is a symbolic link';
  if (target.isDirectory()) return 'it is a folder';
  if (!target.isFile()) return 'it is no regular file';
  return isMine(target) ? undefined : 'it belongs to another user';
}

/** Refuses a target that may not be replaced. */
async function requireReplaceable({ path, files }: Place): Promise<void> {
  if (/[\\/]$/.test(path)) throw unusable(path, 'it names a folder');
  const target = await ifThere(files.lstat(path));
  const fault = target && faultOf(target);
  if (fault) throw unusable(path, fault);
  if (target) return;
  const folder = await ifThere(files.stat(dirname(path)));
  if (!folder) throw unusable(path, `the folder ${safeText(dirname(path))} is not there: create it first`);
  if (!folder.isDirectory()) throw unusable(path, `${safeText(dirname(path))} is no folder`);
}

/** The file's text to be merged into or replaced; refuses one that holds anything but a configuration. */
async function existingText({ path, format, files }: Place): Promise<string> {
  const text = await readTextFile(path, files);
  if (text === undefined) return '';
  const reading = parseConfig(text, format === 'env' ? 'env' : formatByName(path));
  const fault = unusableConfig(path, reading);
  if (fault) throw fault;
  const isEnv = reading.status !== 'ok' || reading.format === 'env';
  if (isEnv === (format === 'env')) return text;
  throw unusable(path, `it holds the ${isEnv ? 'env' : 'json'} format, and ${format} would replace it`);
}

function contentOf(place: Place, existing: string, config: ReportingConfig): string {
  return place.format === 'env'
    ? formatEnvConfig(existing, config, place.reveal)
    : formatJsonConfig(config, place.reveal);
}

async function prove(place: Place): Promise<void> {
  await requireReplaceable(place);
  await removeLeftovers(place.path, place.files);
  const existing = await existingText(place);
  if (place.format === 'env') requireMergeable(existing);
  const filler = ' '.repeat(existing.length + provenBytes);
  await place.files.unlink(await writeTemporary(place.path, filler, place.files));
}

async function replace(place: Place, config: ReportingConfig): Promise<Keepsake> {
  const existing = await existingText(place);
  const before = existing === '' && !(await ifThere(place.files.lstat(place.path))) ? undefined : existing;
  const written = contentOf(place, existing, config);
  const temporary = await writeTemporary(place.path, written, place.files);
  try {
    await requireReplaceable(place);
    await place.files.rename(temporary, place.path);
  } catch (error) {
    await ifThere(place.files.unlink(temporary));
    throw error;
  }
  await syncFolder(place.path, place.files);
  return { before, written };
}

/**
 * Opens the place for a configuration; nothing is written yet. `save` replaces the file in one step: whatever
 * goes wrong before, the old one stays as it was. Throws WizardError `output-unusable` for a folder, a symbolic
 * link, a device, somebody else's file or a missing folder; `save` throws `output-not-saved`.
 */
export async function openOutput(
  path: string,
  format: ConfigFormat,
  reveal: Reveal,
  files: Files = realFiles,
): Promise<ConfigOutput> {
  const place: Place = { path, format, reveal, files };
  await translated('output-unusable', path, () => requireReplaceable(place));
  let kept: Keepsake | undefined;
  return {
    path,
    format,
    proveWritable: () => translated('output-unusable', path, () => prove(place)),
    save: (config) =>
      translated('output-not-saved', path, async () => {
        const { before, written } = await replace(place, config);
        kept = { before: kept === undefined ? before : kept.before, written };
      }),
    restore: () =>
      translated('output-not-saved', path, async () => {
        if (kept === undefined) return 'unsaved';
        const done = await putBack(path, kept, files);
        kept = undefined;
        return done;
      }),
  };
}
