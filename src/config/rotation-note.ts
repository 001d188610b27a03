import * as z from 'zod/mini';
import { parseJson } from '../core/fields.ts';
import { safeText } from '../core/text.ts';
import {
  failureReason,
  ifThere,
  isMine,
  readTextFile,
  realFiles,
  removeLeftovers,
  replaceFile,
  tryTo,
} from './file-system.ts';
import { type NoteIo, placeOf, realPathOf } from './secret-note.ts';

const shape = z.object({ version: z.literal(1), output: z.string(), keyId: z.string() });

/** The note that a rotation of this output has saved its credential and has more to do; it outlives a run that was cut. */
export interface RotationNote {
  /** Key id of the credential that an earlier run saved and did not see through. */
  readonly unfinished: string | undefined;
  /** Never rejects: what cannot be recorded is told. */
  write(keyId: string): Promise<void>;
  clear(): Promise<void>;
}

async function read(output: string, io: NoteIo): Promise<string | undefined> {
  const place = await placeOf(output, io, false, realFiles, 'rotation');
  if (typeof place === 'string') return undefined;
  const stats = await ifThere(realFiles.lstat(place.path));
  if (stats === undefined || !isMine(stats)) return undefined;
  const note = shape.safeParse(parseJson((await readTextFile(place.path, realFiles)) ?? '')).data;
  return note?.output === output ? note.keyId : undefined;
}

/** One that cannot be read says nothing: then a new credential is made where one is asked for. */
async function readIfReadable(output: string, io: NoteIo): Promise<string | undefined> {
  try {
    return await read(output, io);
  } catch {
    return undefined;
  }
}

/** The note of an output, in the user's own state folder. It never holds a secret, and nothing about it stops a run. */
export async function openRotationNote(name: string, io: NoteIo): Promise<RotationNote> {
  const output = await realPathOf(name);
  return {
    unfinished: await readIfReadable(output, io),
    async write(keyId) {
      const place = await placeOf(output, io, true, realFiles, 'rotation');
      const why = typeof place === 'string' ? place : undefined;
      try {
        if (typeof place !== 'string')
          await replaceFile(place.path, `${JSON.stringify({ version: 1, output, keyId })}\n`, realFiles);
      } catch (error) {
        io.report.warn(`It cannot be recorded how far this rotation is: ${failureReason(error)}.`);
      }
      if (why !== undefined)
        io.report.warn(`It cannot be recorded how far this rotation is: ${safeText(why, 500)}.`);
    },
    async clear() {
      const place = await placeOf(output, io, false, realFiles, 'rotation');
      if (typeof place === 'string') return;
      await tryTo(() => ifThere(realFiles.unlink(place.path)));
      await removeLeftovers(place.path, realFiles);
    },
  };
}
