import { open, readFile, rename, rm } from 'node:fs/promises';
import * as z from 'zod';
import type { SecretMarker, SecretNote } from '../core/model.ts';

const markerShape = z.object({
  applicationId: z.string(),
  displayName: z.string(),
  endDateTime: z.string(),
  knownKeyIds: z.array(z.string()),
});

const noteShape = z.object({ version: z.literal(1), markers: z.array(markerShape) });

async function readMarkers(path: string): Promise<readonly SecretMarker[]> {
  try {
    const read = noteShape.safeParse(JSON.parse(await readFile(path, 'utf8')));
    return read.success ? read.data.markers : [];
  } catch {
    // No note, or one that was cut while it was written: then no secret was asked for yet.
    return [];
  }
}

async function writeNote(path: string, markers: readonly SecretMarker[]): Promise<void> {
  const temporary = `${path}.new`;
  await rm(temporary, { force: true });
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(JSON.stringify({ version: 1, markers }, undefined, 2));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}

/** The note of the output at `path`, and what an earlier run left in it. It never holds a secret. */
export async function openSecretNote(
  output: string,
): Promise<{ readonly note: SecretNote; readonly markers: readonly SecretMarker[] }> {
  const path = `${output}.pending`;
  const markers = await readMarkers(path);
  let noted = markers;
  return {
    markers,
    note: {
      write: async (marker) => {
        noted = [...noted, marker];
        await writeNote(path, noted);
      },
      clear: () => rm(path, { force: true }),
    },
  };
}
