import { createHash, randomUUID } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type ConfigFormat, formatJsonConfig, type ReportingConfig, type Reveal } from '../core/config.ts';
import { formatEnvConfig, requireMergeable } from '../core/config-env.ts';
import { formatByName, parseConfig, unusableConfig } from '../core/config-format.ts';
import { type ErrorCode, WizardError } from '../core/errors.ts';
import type { Output } from '../core/model.ts';
import { safeText } from '../core/text.ts';
import { createFlags, type Files, fileReason, ifThere, isMine, privateMode, realFiles } from './files.ts';
import { readTextFile } from './text-file.ts';

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

async function contentOf(place: Place, config: ReportingConfig): Promise<string> {
  const existing = await existingText(place);
  return place.format === 'env'
    ? formatEnvConfig(existing, config, place.reveal)
    : formatJsonConfig(config, place.reveal);
}

/** Names of temporary files tell which output they belong to, whatever that is called. */
function temporaryPrefix(path: string): string {
  const digest = createHash('sha256').update(basename(path)).digest('hex').slice(0, 12);
  return `.reporting-setup-${digest}-`;
}

/** A new file in the same folder, whole on disk and readable by its owner alone from the first byte. */
async function writeTemporary({ path, files }: Place, content: string): Promise<string> {
  const temporary = join(dirname(path), `${temporaryPrefix(path)}${randomUUID()}.tmp`);
  const file = await files.open(temporary, createFlags, privateMode);
  try {
    try {
      await file.chmod(privateMode);
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    await ifThere(files.unlink(temporary));
    throw error;
  }
  return temporary;
}

/** Temporary files of a run that was killed may hold a secret. */
async function removeLeftovers({ path, files }: Place): Promise<void> {
  const prefix = temporaryPrefix(path);
  const names = await files.readdir(dirname(path));
  for (const name of names) {
    if (name.startsWith(prefix)) await ifThere(files.unlink(join(dirname(path), name)));
  }
}

/** Makes the rename last. The file is complete by then, so a system that cannot do this does not stop it. */
async function syncFolder({ path, files }: Place): Promise<void> {
  try {
    const folder = await files.open(dirname(path), constants.O_RDONLY);
    await folder.sync().finally(() => folder.close());
  } catch (error) {
    fileReason(error);
  }
}

async function prove(place: Place): Promise<void> {
  await requireReplaceable(place);
  await removeLeftovers(place);
  const existing = await existingText(place);
  if (place.format === 'env') requireMergeable(existing);
  await place.files.unlink(await writeTemporary(place, ' '.repeat(existing.length + provenBytes)));
}

async function replace(place: Place, config: ReportingConfig): Promise<void> {
  const temporary = await writeTemporary(place, await contentOf(place, config));
  try {
    await requireReplaceable(place);
    await place.files.rename(temporary, place.path);
  } catch (error) {
    await ifThere(place.files.unlink(temporary));
    throw error;
  }
  await syncFolder(place);
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
  return {
    path,
    format,
    proveWritable: () => translated('output-unusable', path, () => prove(place)),
    save: (config) => translated('output-not-saved', path, () => replace(place, config)),
  };
}
