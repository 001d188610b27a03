import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../src/core/errors.ts';
import { expectGenerated } from '../helpers/generated.ts';
import { program } from './cli-document.ts';
import { readmeDocument, sandboxDocument } from './readme-document.ts';

const root = join(import.meta.dirname, '../..');
const readme = await readFile(join(root, 'README.md'), 'utf8');

/** The rows of the table under a heading, header and rule left out. */
function tableUnder(heading: string): string[] {
  const section = readme.split(`## ${heading}\n`)[1]?.split(/^## /m)[0] ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(1);
}

describe('README.md', () => {
  it('has the exit codes in the words of help (npm run docs writes them)', async () => {
    await expectGenerated('README.md', readmeDocument(readme));
  });

  it('docs/sandbox.md lists every scenario (npm run docs writes them)', async () => {
    const text = await readFile(join(root, 'docs/sandbox.md'), 'utf8');
    await expectGenerated('docs/sandbox.md', sandboxDocument(text));
  });

  it('is short', () => {
    expect(readme.split('\n').length).toBeLessThanOrEqual(181);
  });

  it('names only options that there are', () => {
    const known = program.commands.flatMap((command) => command.options.map(({ long }) => long));
    const calls = readme.matchAll(
      /reporting-setup(?: (?:setup|verify|connect|explore|rotate|teardown|sandbox))?((?: (?!\|)[^\n`#]+)*)/g,
    );
    const flags = [...calls].flatMap(([, words = '']) => words.match(/--[a-z][a-z-]*/g) ?? []);
    expect(flags.length).toBeGreaterThan(5);
    expect(flags.filter((flag) => !known.includes(flag))).toEqual([]);
  });

  it('troubleshoots by codes that there are', () => {
    const codes = tableUnder('When something is wrong').flatMap(
      (row) => row.split(' | ')[0]?.match(/(?<=\[`)[a-z-]+/g) ?? [],
    );
    expect(codes.length).toBeGreaterThan(5);
    expect(codes.filter((code) => !Object.hasOwn(catalogue, code))).toEqual([]);
  });
});

/** An anchor as GitHub makes it of a heading. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

const documents = (await readdir(join(root, 'docs'))).filter((name) => name.endsWith('.md'));

it('README.md leads to every document', () => {
  expect(documents.filter((name) => !readme.includes(`(docs/${name})`))).toEqual([]);
});

it.each(['README.md', 'CONTRIBUTING.md', ...documents.map((name) => `docs/${name}`)])(
  'every link of %s within the repository leads somewhere',
  async (name) => {
    const links = [...(await readFile(join(root, name), 'utf8')).matchAll(/\]\(([^)\s]+)\)/g)];
    for (const [, link = ''] of links.filter(([, target = '']) => !target.includes('://'))) {
      const [path = '', fragment] = link.split('#');
      const target = path === '' ? join(root, name) : join(root, dirname(name), path);
      expect([link, existsSync(target)]).toEqual([link, true]);
      if (fragment === undefined) continue;
      const headings = (await readFile(target, 'utf8')).matchAll(/^#+ (.*)$/gm);
      expect([...headings].map(([, heading = '']) => anchor(heading))).toContain(fragment);
    }
  },
);
