import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod/mini';
import { parseJson } from '../core/fields.ts';
import { safeText } from '../core/text.ts';
import {
  type Files,
  failureReason,
  ifThere,
  isMine,
  readTextFile,
  realFiles,
  realPathIfThere,
  removeLeftovers,
  replaceFile,
  tryTo,
} from './file-system.ts';
import { ownFolder } from './own-folder.ts';

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

/** The note that a secret of this output is about to be made; it outlives a run that was cut. */
export interface SecretNote {
  /** Never rejects: what cannot be recorded is told, once. */
  write(marker: SecretMarker): Promise<void>;
  /** What this run has written and not cleared. */
  written(): readonly SecretMarker[];
  clear(): Promise<void>;
}

/** Where notes are kept, and how it is told that one cannot be. */
export interface NoteIo {
  readonly stateFolder: () => Promise<string>;
  readonly report: { warn(text: string): void };
}

const noteShape = z.object({ version: z.literal(1), output: z.string(), markers: z.array(marker) });

/** The output's one path, whatever links lead to it. */
export const realPathOf = async (output: string): Promise<string> =>
  join((await realPathIfThere(dirname(output))) ?? dirname(output), basename(output));

interface NotePlace {
  readonly path: string;
  readonly output: string;
}

/** Where the note of an output lies; a text says why it has none. */
export async function placeOf(
  output: string,
  io: Pick<NoteIo, 'stateFolder'>,
  make: boolean,
  files: Files,
  prefix = 'secrets',
): Promise<NotePlace | string> {
  const folder = await ownFolder(io.stateFolder, make, files);
  if ('reason' in folder) return folder.reason;
  const digest = createHash('sha256').update(output).digest('hex').slice(0, 32);
  return { path: join(folder.path, `${prefix}-${digest}.json`), output };
}

/** What an earlier run of this user noted of this output. Throws where it cannot be read. */
async function readMarkers({ path, output }: NotePlace, files: Files): Promise<readonly SecretMarker[]> {
  const stats = await ifThere(files.lstat(path));
  if (stats === undefined || !isMine(stats)) return [];
  const note = noteShape.safeParse(parseJson((await readTextFile(path, files)) ?? '')).data;
  // It is replaced in one step: what is no note was not left by a run that was cut, and names no secret.
  return note?.output === output ? note.markers : [];
}

/** Tells once that nothing is recorded, and why. */
function createComplaint({ report }: NoteIo): (reason: string) => void {
  let told = false;
  return (reason) => {
    if (!told) {
      report.warn(
        `It cannot be recorded which secret is about to be made: ${reason}. If this run is cut just then, look for a client secret that no file holds under App registrations > Certificates & secrets.`,
      );
    }
    told = true;
  };
}

/** The note whose earlier text is known. */
function createNote(output: string, markers: readonly SecretMarker[], io: NoteIo, files: Files): SecretNote {
  const complain = createComplaint(io);
  let written: readonly SecretMarker[] = [];
  return {
    async write(added) {
      written = [...written, added];
      const place = await placeOf(output, io, true, files);
      if (typeof place === 'string') return complain(place);
      const text = JSON.stringify({ version: 1, output, markers: [...markers, ...written] }, undefined, 2);
      try {
        await replaceFile(place.path, `${text}\n`, files);
      } catch (error) {
        complain(`${safeText(place.path, 500)} cannot be written: ${failureReason(error)}`);
      }
    },
    written: () => written,
    async clear() {
      written = [];
      const place = await placeOf(output, io, false, files);
      if (typeof place === 'string') return;
      // A note that stays does no harm: its secret is not found again.
      await tryTo(() => ifThere(files.unlink(place.path)));
      await removeLeftovers(place.path, files);
    },
  };
}

/** What an earlier run noted cannot be read: it may name a secret that would stay behind for ever, so it is not replaced. */
function sealedNote(): SecretNote {
  let written: readonly SecretMarker[] = [];
  return {
    write: async (added) => {
      written = [...written, added];
    },
    written: () => written,
    clear: async () => {
      written = [];
    },
  };
}

/**
 * The note of an output, in the user's own state folder: what lies next to the output may be anybody's, and is never
 * read. Gives what an earlier run left in it. It never holds a secret. Nothing about it stops a run: what cannot be
 * read or recorded is told.
 */
export async function openSecretNote(
  name: string,
  io: NoteIo,
  files: Files = realFiles,
): Promise<{ readonly note: SecretNote; readonly markers: readonly SecretMarker[] }> {
  const output = await realPathOf(name);
  const place = await placeOf(output, io, false, files);
  try {
    const markers = typeof place === 'string' ? [] : await readMarkers(place, files);
    return { markers, note: createNote(output, markers, io, files) };
  } catch (error) {
    const path = typeof place === 'string' ? output : place.path;
    io.report.warn(
      `What an earlier run recorded cannot be read, and nothing is recorded over it: ${safeText(path, 500)}: ${failureReason(error)}.`,
    );
    return { markers: [], note: sealedNote() };
  }
}
