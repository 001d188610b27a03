import { createHash } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { resolvePath } from '../../config/config-file.ts';
import { requireFilePath } from '../../config/config-output.ts';
import {
  createPrivateFile,
  ifThere,
  realFiles,
  syncFolder,
  withWizardErrors,
} from '../../config/file-system.ts';
import { lockOutput } from '../../config/locks.ts';
import { WizardError } from '../../core/errors.ts';
import { safeText } from '../../core/text.ts';
import type { Io } from '../shared/io.ts';
import { type Journal, type JournalFile, openJournal } from './export-journal.ts';

/** Bytes before the end of what was written by which an unfinished file is recognised. */
const tailLength = 4_096;

/** A file that is not finished yet: everything goes behind what is there. */
export interface ExportFile {
  /** In full. */
  readonly path: string;
  readonly partPath: string;
  /** How far it is; of a new one nothing is written yet. */
  readonly journal: Journal;
  /** Goes on with what another run began. */
  readonly isResumed: boolean;
  /** Another run of the same command goes on with it, whatever stops this one. */
  readonly isJournaled: boolean;
  /** Another run was stopped when only the name was left to give: it has been given now, and nothing is left to do. */
  readonly isComplete: boolean;
  /** Rejects with WizardError `output-not-saved`, and nothing counts as written then. */
  readonly append: (bytes: Uint8Array) => Promise<void>;
  /** Notes what is written by now, so that another run goes on from here. */
  readonly commit: (progress: Pick<Journal, 'rows' | 'positions' | 'known'>) => Promise<void>;
  /** Makes the file appear under its name, whole. */
  readonly finish: (progress: Pick<Journal, 'rows' | 'positions'>) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** What an export is of, and when. */
interface ExportPlan extends Pick<Journal, 'key' | 'from' | 'until'> {
  readonly path: string;
  /** Begins anew, whatever was begun. */
  readonly restart: boolean;
}

const partOf = (path: string): string => `${path}.part`;

/** The path without links on the way. Throws WizardError where no file can be there. */
export async function realPathOf(path: string): Promise<string> {
  return withWizardErrors('output-unusable', path, async () => {
    await requireFilePath(path, realFiles);
    return join(await realpath(dirname(path)), basename(path));
  });
}

const unfinished = (journal: Journal | undefined): Journal | undefined =>
  journal?.done === undefined ? journal : undefined;

/** Throws WizardError for files that explore did not write, or not these rows. */
async function requireOurs(
  path: string,
  { key, restart }: ExportPlan,
  journal: Journal | undefined,
): Promise<void> {
  const [whole, part] = await Promise.all([path, partOf(path)].map((one) => ifThere(realFiles.lstat(one))));
  const isOurs = journal !== undefined && isAsDone(whole, journal);
  // What an unfinished export is going to replace was looked at when that began.
  if (whole !== undefined && !isOurs && unfinished(journal) === undefined) {
    const why = journal === undefined ? 'no journal tells that explore wrote it' : 'not as explore left it';
    throw new WizardError('output-not-ours', `${safeText(path)} is there already, and ${why}.`, {
      remedy: 'Choose another file with --output, or move that one away.',
    });
  }
  if (part !== undefined && (unfinished(journal) === undefined || !part.isFile())) {
    throw new WizardError(
      'output-not-ours',
      `${safeText(partOf(path))} is there already, and no journal tells what it is.`,
      {
        remedy: 'Move it away, or choose another file with --output.',
      },
    );
  }
  if (restart || unfinished(journal) === undefined || journal?.key === key) return;
  throw new WizardError(
    'invalid-options',
    `${safeText(path)} was begun with other options, and is not finished.`,
    {
      remedy:
        'Run the command that began it to go on with it, add --restart to begin anew, or choose another file.',
    },
  );
}

async function tailOf(file: FileHandle, end: number): Promise<string> {
  const length = Math.min(tailLength, end);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, end - length);
  return createHash('sha256').update(buffer.subarray(0, bytesRead)).digest('hex');
}

/** Opens what another run left; undefined where it is not what the journal says. */
async function openPart(path: string, journal: Journal): Promise<FileHandle | undefined> {
  const file = await ifThere(realFiles.open(path, constants.O_RDWR | constants.O_NOFOLLOW));
  if (file === undefined) return undefined;
  const isAsNoted =
    (await file.stat()).size >= journal.bytes && (await tailOf(file, journal.bytes)) === journal.tail;
  if (isAsNoted) {
    await file.truncate(journal.bytes);
    return file;
  }
  await file.close();
  return undefined;
}

async function createPart(path: string): Promise<FileHandle> {
  await ifThere(realFiles.unlink(path));
  await (await createPrivateFile(path, realFiles)).close();
  // What is in it is read back, to be sure of it.
  return realFiles.open(path, constants.O_RDWR | constants.O_NOFOLLOW);
}

interface Opened extends Pick<ExportFile, 'journal' | 'isResumed' | 'isComplete'> {
  readonly file: FileHandle;
}

const isAsDone = (found: Stats | undefined, { done }: Journal): boolean =>
  found?.isFile() === true &&
  done !== undefined &&
  found.size === done.size &&
  found.mtimeMs === done.modified &&
  found.ino === done.inode;

/** Gives its name to a file that was finished but for that; undefined where there is no such file. */
async function complete(
  path: string,
  { key, restart }: ExportPlan,
  journal: Journal | undefined,
): Promise<Opened | undefined> {
  if (journal === undefined || !isAsDone(await ifThere(realFiles.lstat(partOf(path))), journal))
    return undefined;
  await realFiles.rename(partOf(path), path);
  await syncFolder(path, realFiles);
  if (restart || journal.key !== key) return undefined;
  const file = await realFiles.open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  return { file, journal, isResumed: true, isComplete: true };
}

async function openOrCreate(
  path: string,
  plan: ExportPlan,
  journalFile: JournalFile,
  io: Io,
): Promise<Opened> {
  const journal = await journalFile.read();
  const completed = await complete(path, plan, journal);
  if (completed) return completed;
  await requireOurs(path, plan, journal);
  const begun = plan.restart ? undefined : unfinished(journal);
  if (begun !== undefined) {
    const file = await openPart(partOf(path), begun);
    if (file) return { file, journal: begun, isResumed: begun.bytes > 0, isComplete: false };
    io.report.warn(`${safeText(partOf(path))} is not what was written: the export begins anew.`);
  }
  const file = await createPart(partOf(path));
  const { key, from, until } = plan;
  const tail = createHash('sha256').digest('hex');
  const fresh: Journal = { version: 1, key, from, until, bytes: 0, rows: 0, tail, positions: [] };
  await journalFile.write(fresh);
  return { file, journal: fresh, isResumed: false, isComplete: false };
}

/**
 * Opens an output, or goes on with it where the same export was begun. Keeps other runs out until it is closed. Throws
 * WizardError for what explore did not write, and for an unfinished export of something else.
 */
export async function openExportFile(plan: ExportPlan, io: Io): Promise<ExportFile> {
  const path = await realPathOf(resolvePath(plan.path, io.cwd));
  const partPath = partOf(path);
  const release = await lockOutput(path, { sleep: io.sleep, report: io.report });
  try {
    const journalFile = await openJournal(path, io.stateFolder);
    if (journalFile.unkept !== undefined) {
      io.report.warn(
        `How far the export is cannot be noted, because ${journalFile.unkept}. An export that is cut begins anew then.`,
      );
    }
    const opened = await withWizardErrors('output-unusable', partPath, () =>
      openOrCreate(path, plan, journalFile, io),
    );
    return exportFile(path, opened, journalFile, release);
  } catch (error) {
    await release();
    throw error;
  }
}

function exportFile(
  path: string,
  { file, journal, isResumed, isComplete }: Opened,
  journalFile: JournalFile,
  release: () => Promise<void>,
): ExportFile {
  const partPath = partOf(path);
  let bytes = journal.bytes;
  const commit: ExportFile['commit'] = async (progress) => {
    const tail = await withWizardErrors('output-not-saved', partPath, async () => {
      // What the journal says is there before it says so.
      await file.datasync();
      return tailOf(file, bytes);
    });
    await journalFile.write({ ...journal, ...progress, bytes, tail });
  };
  return {
    path,
    partPath,
    journal,
    isResumed,
    isJournaled: journalFile.unkept === undefined,
    isComplete,
    append: (added) =>
      withWizardErrors('output-not-saved', partPath, async () => {
        for (let at = 0; at < added.length; ) {
          at += (await file.write(added, at, added.length - at, bytes + at)).bytesWritten;
        }
        bytes += added.length;
      }),
    commit,
    finish: async (progress) => {
      const { size, mtimeMs, ino } = await withWizardErrors('output-not-saved', partPath, async () => {
        await file.truncate(bytes);
        await file.sync();
        return file.stat();
      });
      // Said beforehand: whoever finds a file that lacks its name alone gives it that.
      const done = { size, modified: mtimeMs, inode: ino };
      await journalFile.write({ ...journal, ...progress, bytes, tail: '', done });
      await withWizardErrors('output-not-saved', path, async () => {
        await realFiles.rename(partPath, path);
        await syncFolder(path, realFiles);
      });
    },
    close: async () => {
      await file.close();
      await release();
    },
  };
}
