import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { ifThere, realFiles, replaceFile, withWizardErrors } from '../../config/file-system.ts';
import { ownFolder } from '../../config/own-folder.ts';
import { parseJson } from '../../core/fields.ts';
import { safeText } from '../../core/text.ts';

const position = z.object({ second: z.number(), ids: z.readonly(z.array(z.string())) });

const shape = z.object({
  version: z.literal(1),
  /** What the export is of; another one is another export. */
  key: z.string(),
  /** Epoch milliseconds in whole seconds, both ends included. */
  from: z.number(),
  until: z.number(),
  /** Of the unfinished file that hold: what lies behind was cut. */
  bytes: z.number(),
  rows: z.number(),
  /** SHA-256 of the last of these bytes, in hexadecimal digits. */
  tail: z.string(),
  /** By list: how far it was read. */
  positions: z.readonly(z.array(z.nullable(position))),
  /** Rows that may come again, changed: id, epoch milliseconds and digest of each. */
  known: z.optional(z.readonly(z.array(z.readonly(z.tuple([z.string(), z.number(), z.string()]))))),
  /** The file as it was when it was done: only that one may be replaced. */
  done: z.optional(z.object({ size: z.number(), modified: z.number(), inode: z.number() })),
});

/** How far an export is. */
export type Journal = Readonly<z.output<typeof shape>>;

/** Where the journal of one output lies. */
export interface JournalFile {
  /** Why nothing is kept: completes "because …". Undefined where it is. */
  readonly unkept: string | undefined;
  /** Undefined where there is none, or none that can be read. */
  readonly read: () => Promise<Journal | undefined>;
  readonly write: (journal: Journal) => Promise<void>;
}

/** Where there is no folder for it, a run notes nothing, and finds nothing that was noted. */
const unkeptJournal = (reason: string): JournalFile => ({
  unkept: reason,
  read: async () => undefined,
  write: async () => undefined,
});

/**
 * The journal of the output with that real path, in the user's own folder; one that keeps nothing where there is no such
 * folder. Its `write` throws WizardError `output-not-saved`.
 */
export async function openJournal(output: string, stateFolder: () => Promise<string>): Promise<JournalFile> {
  const folder = await ownFolder(stateFolder, true);
  if ('reason' in folder) return unkeptJournal(folder.reason);
  const digest = createHash('sha256').update(output).digest('hex').slice(0, 24);
  const path = join(folder.path, `explore-${digest}.json`);
  return {
    unkept: undefined,
    read: async () => {
      const text = await ifThere(readFile(path, 'utf8'));
      const parsed = text === undefined ? undefined : shape.safeParse(parseJson(text));
      return parsed?.success ? parsed.data : undefined;
    },
    write: (journal) =>
      withWizardErrors('output-not-saved', `The journal ${safeText(path, 500)}`, () =>
        replaceFile(path, JSON.stringify(journal), realFiles),
      ),
  };
}
