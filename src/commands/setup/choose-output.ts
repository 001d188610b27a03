import { dirname } from 'node:path';
import type { Settings } from '../../cli/settings.ts';
import { defaultOutput, resolvePath } from '../../config/config-file.ts';
import { type OutputFiles, type OutputIo, openOutputFiles } from '../../config/output-files.ts';
import { isThere, makeFolderOf, placeOfFile, typedPath } from '../../config/typed-path.ts';
import { WizardError } from '../../core/errors.ts';
import { quoted, safeText } from '../../core/text.ts';
import type { Cloud } from '../../entra/clouds.ts';
import type { Io } from '../shared/io.ts';

/** What is asked for that the file depends on. */
interface OutputRequest {
  readonly settings: Settings;
  readonly cloud: Cloud;
  /** Nothing is written: no lock is taken, and no folder made. */
  readonly planOnly: boolean;
}

/** The file that a run works with; another may take its place until something is written. */
export interface OutputSlot {
  /** Opens a file and lets go of the one before; the one that is open already is given as it is. Throws WizardError. */
  open(name: string): Promise<OutputFiles>;
  /** What is open; undefined where nothing is. */
  current(): OutputFiles | undefined;
  /** Lets go of the file, and takes folders away that were made for it and are still empty. */
  release(): Promise<void>;
}

/** What opening the output may touch; where somebody answers, another application's settings in it may be replaced. */
const outputIo = (name: string, io: Io): OutputIo => ({
  ...io,
  mayReplace: io.asks
    ? (problem) => {
        io.report.warn(problem);
        const message = `Replace the credential of that application in ${safeText(name, 100)}?`;
        return io.prompt.confirm({ message, fallback: false });
      }
    : undefined,
});

/** Makes a folder that is not there, where somebody says so; undefined where the file can lie there as it is. */
async function offerFolder(path: string, io: Io): Promise<(() => Promise<void>) | undefined> {
  if (!io.asks || (await placeOfFile(path)) !== 'no-folder') return undefined;
  const message = `The folder ${safeText(dirname(path), 300)} is not there. Make it?`;
  return (await io.prompt.confirm({ message, fallback: true })) ? makeFolderOf(path) : undefined;
}

/** A slot in which nothing is open yet. */
export function createOutputSlot({ settings, cloud, planOnly }: OutputRequest, io: Io): OutputSlot {
  let current: OutputFiles | undefined;
  const unmake: (() => Promise<void>)[] = [];
  return {
    async open(name) {
      const path = resolvePath(name, io.cwd);
      if (current?.path === path) return current;
      const made = planOnly ? undefined : await offerFolder(path, io);
      if (made) unmake.unshift(made);
      const next = await openOutputFiles(name, settings, cloud, outputIo(name, io), { lock: !planOnly });
      await current?.release();
      current = next;
      return next;
    },
    current: () => current,
    async release() {
      await current?.release();
      for (const one of unmake) await one();
    },
  };
}

/** What is wrong with a file, where another one may do. */
const isAboutFile = (error: unknown): error is WizardError =>
  error instanceof WizardError && /^(config|output)-/.test(error.code);

/** What is wrong with an answer, or undefined. */
async function faultOf(text: string, io: Io): Promise<string | undefined> {
  const name = typedPath(text, io.env, io.platform);
  if (name === '') return 'Give a file name';
  const place = await placeOfFile(resolvePath(name, io.cwd));
  if (place === 'folder') return `${quoted(name)} is a folder: name a file in it`;
  return place === 'inside-file' ? `${quoted(dirname(name))} is a file, no folder` : undefined;
}

/** Asks for a file until one can be used. Throws WizardError `cancelled`. */
export async function askOutput(
  message: string,
  fallback: string,
  slot: OutputSlot,
  io: Io,
): Promise<OutputFiles> {
  for (;;) {
    const answer = await io.prompt.text({ message, fallback, validate: (text) => faultOf(text, io) });
    try {
      return await slot.open(typedPath(answer, io.env, io.platform));
    } catch (error) {
      if (!isAboutFile(error)) throw error;
      io.report.warn(`${error.message} Name another file.`);
    }
  }
}

/** Asks for a file that is there already, and opens it; undefined where it is not there, or of no use, which is told. */
export async function askExistingFile(
  message: string,
  fallback: string,
  slot: OutputSlot,
  io: Io,
): Promise<OutputFiles | undefined> {
  const answer = await io.prompt.text({ message, fallback, validate: (text) => faultOf(text, io) });
  const name = typedPath(answer, io.env, io.platform);
  try {
    if (await isThere(resolvePath(name, io.cwd))) return await slot.open(name);
    io.report.warn(`${safeText(name, 300)} is not there.`);
  } catch (error) {
    if (!isAboutFile(error)) throw error;
    io.report.warn(error.message);
  }
  return undefined;
}

/**
 * Opens the file that was named, or else the usual one; where that one cannot be used, and somebody is there, another is
 * asked for. Throws WizardError.
 */
export async function openFirstOutput({ settings }: OutputRequest, slot: OutputSlot, io: Io) {
  if (settings.output !== undefined || !io.asks) return slot.open(settings.output ?? defaultOutput);
  try {
    return await slot.open(defaultOutput);
  } catch (error) {
    if (!isAboutFile(error) || error.code === 'output-locked') throw error;
    io.report.warn(error.message);
    return askOutput('Another file to save the credential in', 'reporting-setup.new.json', slot, io);
  }
}
