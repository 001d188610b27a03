import { expect, it } from 'vitest';
import { targetNames } from '../../src/commands/connect/targets.ts';
import { expectGenerated } from '../helpers/generated.ts';
import { connectDocument, madeDocument } from './connect-document.ts';

it('docs/connect.md is what the table says (npm run docs writes it)', async () => {
  await expectGenerated('docs/connect.md', await connectDocument());
});

it('each target makes what it made before (npm run docs writes it)', async () => {
  await expectGenerated('test/commands/connect/made.txt', await madeDocument());
});

it('the document has a section for each target, with what was tested', async () => {
  const sections = (await connectDocument()).split(/^### /m).slice(1);
  expect(sections.map((section) => section.split('\n')[0])).toEqual(targetNames);
  for (const section of sections) expect(section).toMatch(/^Tested: (run|parsed|golden)/m);
});
