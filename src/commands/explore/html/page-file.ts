import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { resolvePath } from '../../../config/config-file.ts';
import {
  createPrivateFile,
  ifThere,
  realFiles,
  removeLeftovers,
  syncFolder,
  temporaryName,
  withWizardErrors,
} from '../../../config/file-system.ts';
import { lockOutput } from '../../../config/locks.ts';
import { WizardError } from '../../../core/errors.ts';
import { safeText } from '../../../core/text.ts';
import type { Io } from '../../shared/io.ts';
import { realPathOf } from '../export-file.ts';
import { pageStart } from './log-page-text.ts';

/** A page that is not there before it is whole. */
export interface PageFile {
  /** In full. */
  readonly path: string;
  /** Rejects with WizardError `output-not-saved`. */
  readonly append: (text: string) => Promise<void>;
  /** Makes it appear under its name, in place of the page that was there. */
  readonly finish: () => Promise<void>;
  /** Takes away what is unfinished, and lets other runs write. Never leaves rows behind. */
  readonly close: () => Promise<void>;
}

/** Characters that are gathered before they are written. */
const chunk = 65_536;

/** Throws WizardError for a file that is no page of ours. */
async function requireOurPage(path: string): Promise<void> {
  const file = await ifThere(realFiles.open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0)));
  if (file === undefined) return;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(pageStart.length), 0, pageStart.length, 0);
    if (buffer.subarray(0, bytesRead).toString('latin1') === pageStart) return;
  } finally {
    await file.close();
  }
  throw new WizardError('output-not-ours', `${safeText(path)} is there already, and is no page of explore.`, {
    remedy: 'Choose another file with --html, or move that one away.',
  });
}

async function create(path: string): Promise<{ readonly temporary: string; readonly file: FileHandle }> {
  await requireOurPage(path);
  await removeLeftovers(path, realFiles);
  const temporary = temporaryName(path);
  return { temporary, file: await createPrivateFile(temporary, realFiles) };
}

/**
 * Begins a page, readable by its owner alone, and keeps other runs out until it is closed. Throws WizardError where a file
 * is there that explore did not write, and where none can be.
 */
export async function openPageFile(name: string, io: Io): Promise<PageFile> {
  const path = await realPathOf(resolvePath(name, io.cwd));
  const release = await lockOutput(path, { sleep: io.sleep, report: io.report });
  try {
    const { temporary, file } = await withWizardErrors('output-unusable', path, () => create(path));
    return pageFile(path, temporary, file, release);
  } catch (error) {
    await release();
    throw error;
  }
}

function pageFile(path: string, temporary: string, file: FileHandle, release: () => Promise<void>): PageFile {
  let gathered: string[] = [];
  let length = 0;
  let isThere = true;
  const write = () =>
    withWizardErrors('output-not-saved', path, async () => {
      // The handle goes on where the last write ended.
      await file.writeFile(gathered.join(''));
      [gathered, length] = [[], 0];
    });
  return {
    path,
    append: async (text) => {
      gathered.push(text);
      length += text.length;
      if (length >= chunk) await write();
    },
    finish: async () => {
      await write();
      await withWizardErrors('output-not-saved', path, async () => {
        await file.sync();
        await file.close();
        await requireOurPage(path);
        await realFiles.rename(temporary, path);
        isThere = false;
        await syncFolder(path, realFiles);
      });
    },
    close: async () => {
      try {
        await file.close();
        if (isThere) await ifThere(realFiles.unlink(temporary));
      } finally {
        await release();
      }
    },
  };
}
