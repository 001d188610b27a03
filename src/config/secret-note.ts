import * as z from 'zod/mini';
import { fileReason, WizardError } from '../core/errors.ts';
import { parseJson } from '../core/fields.ts';
import { safeText } from '../core/text.ts';
import {
  type Files,
  ifThere,
  readTextFile,
  realFiles,
  removeLeftovers,
  replaceFile,
  unreadableReason,
} from './file-system.ts';

const marker = z.object({
  applicationId: z.string(),
  displayName: z.string(),
  /** ISO 8601, to the second. */
  endDateTime: z.string(),
  /** Key ids that were there before: never this secret. */
  knownKeyIds: z.readonly(z.array(z.string())),
});

/** By what a client secret is recognised whose text was lost: nobody else makes one just like it. */
export type SecretMarker = Readonly<z.output<typeof marker>>;

/** The note next to the output that a secret is about to be made; it outlives a run that was cut. */
export interface SecretNote {
  write(marker: SecretMarker): Promise<void>;
  /** What this run has written. */
  written(): readonly SecretMarker[];
  clear(): Promise<void>;
}

const noteShape = z.object({ version: z.literal(1), markers: z.array(marker) });

function unusable(path: string, reason: string, cause?: unknown): WizardError {
  return new WizardError('output-unusable', `${safeText(path, 500)} cannot be used: ${reason}.`, { cause });
}

/** What cannot be read may name a secret that would stay behind for ever: it is not passed over. */
async function readMarkers(path: string, files: Files): Promise<readonly SecretMarker[]> {
  try {
    const note = parseJson((await readTextFile(path, files)) ?? '');
    // It is replaced in one step: what is no note was not left by a run that was cut, and names no secret.
    return noteShape.safeParse(note).data?.markers ?? [];
  } catch (error) {
    throw unusable(path, unreadableReason(error), error);
  }
}

async function writeNote(path: string, markers: readonly SecretMarker[], files: Files): Promise<void> {
  try {
    const text = JSON.stringify({ version: 1, markers }, undefined, 2);
    await replaceFile(path, text, files);
  } catch (error) {
    throw unusable(path, fileReason(error), error);
  }
}

/** What is done by then stays done, and a note that cannot be removed does no harm: its secret is not found again. */
async function clearNote(path: string, files: Files): Promise<void> {
  try {
    await ifThere(files.unlink(path));
    await removeLeftovers(path, files);
  } catch (error) {
    fileReason(error);
  }
}

/**
 * The note of the output at `path`, and what an earlier run left in it. It never holds a secret. Opening and writing it
 * throw WizardError `output-unusable`.
 */
export async function openSecretNote(
  output: string,
  files: Files = realFiles,
): Promise<{ readonly note: SecretNote; readonly markers: readonly SecretMarker[] }> {
  const path = `${output}.pending`;
  const markers = await readMarkers(path, files);
  let written: readonly SecretMarker[] = [];
  return {
    markers,
    note: {
      write: async (added) => {
        written = [...written, added];
        await writeNote(path, [...markers, ...written], files);
      },
      written: () => written,
      clear: () => clearNote(path, files),
    },
  };
}
