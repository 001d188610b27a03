import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { catalogue, exitCodes } from '../../src/core/errors.ts';
import { exitCodeMeanings } from '../../src/core/exit-codes.ts';
import { errorsDocument } from './errors-document.ts';

const path = join(import.meta.dirname, '../../docs/errors.md');

it('docs/errors.md is what the catalogue says (npm run docs writes it)', async () => {
  if (process.env['UPDATE_DOCS']) await writeFile(path, errorsDocument());
  expect(await readFile(path, 'utf8')).toBe(errorsDocument());
});

it('the document has a section for each code', () => {
  const sections = [...errorsDocument().matchAll(/^### (.+)$/gm)].map((match) => match[1]);
  expect(sections.sort()).toEqual(Object.keys(catalogue).sort());
});

it('the document explains each exit code', () => {
  expect(exitCodeMeanings.map(([code]) => code).sort()).toEqual(Object.values(exitCodes).sort());
});
