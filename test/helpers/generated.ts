import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';

/** Whether this run writes what is generated, as `npm run docs` does, or only compares. */
export const writesGenerated = Boolean(process.env['UPDATE_DOCS']);

/** Compares a generated file with what it has to be; `npm run docs` writes it first. `path` is from the project's root. */
export async function expectGenerated(path: string, text: string): Promise<void> {
  const file = join(import.meta.dirname, '../..', path);
  if (writesGenerated) await writeFile(file, text);
  const found = await readFile(file, 'utf8').catch(() => 'not there');
  expect(found, `${path} is stale: npm run docs`).toBe(text);
}
