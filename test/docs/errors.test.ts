import { expect, it } from 'vitest';
import { catalogue, exitCodes } from '../../src/core/errors.ts';
import { exitCodeMeanings } from '../../src/core/exit-codes.ts';
import { expectGenerated } from '../helpers/generated.ts';
import { errorsDocument } from './errors-document.ts';

it('docs/errors.md is what the catalogue says (npm run docs writes it)', async () => {
  await expectGenerated('docs/errors.md', errorsDocument());
});

it('the document has a section for each code', () => {
  const sections = [...errorsDocument().matchAll(/^### (.+)$/gm)].map((match) => match[1]);
  expect(sections.sort()).toEqual(Object.keys(catalogue).sort());
});

it('the document explains each exit code', () => {
  expect(exitCodeMeanings.map(([code]) => code).sort()).toEqual(Object.values(exitCodes).sort());
});
