import { existsSync, readdirSync } from 'node:fs';

/** The notes of secrets to come that lie in a state folder, by name. */
export const secretNotes = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).filter((name) => /^secrets-[0-9a-f]+\.json$/.test(name)) : [];
