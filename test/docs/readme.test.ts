import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sandboxScenarios } from '../../src/core/choices.ts';
import { catalogue } from '../../src/core/errors.ts';
import { exitCodeMeanings } from '../../src/core/exit-codes.ts';
import { expectGenerated, writesGenerated } from '../helpers/generated.ts';
import { createWorld } from '../helpers/world.ts';
import { program } from './cli-document.ts';
import { readmeDocument } from './readme-document.ts';

const root = join(import.meta.dirname, '../..');
let readme = await readFile(join(root, 'README.md'), 'utf8');

/** What differs from run to run. */
const masks: readonly (readonly [pattern: RegExp, mask: string])[] = [
  [/(127\.0\.0\.1):\d+/g, '$1:port'],
  [/^( {4}code {2})\w+$/gm, '$1code'],
  [/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, 'guid'],
  [/\d{4}-\d\d-\d\d( \d\d:\d\d UTC)?/g, 'date'],
];
const masked = (text: string): string =>
  masks.reduce((rest, [pattern, mask]) => rest.replace(pattern, mask), text);

/** The rows of the table under a heading, header and rule left out. */
function tableUnder(heading: string): string[] {
  const section = readme.split(`## ${heading}\n`)[1]?.split(/^## /m)[0] ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(1);
}

describe('README.md', () => {
  it('shows what a run really prints (npm run docs writes it)', async () => {
    const world = await createWorld();
    const run = await world.run(['--sandbox', '--yes'], { env: { npm_command: 'exec' } });
    const shown = (): string =>
      /```console\n\$ npx reporting-setup --sandbox --yes\n(.*?)```/s.exec(readme)?.[1] ?? '';
    // Ids, ports and dates differ from run to run: what differs in nothing else stays.
    if (writesGenerated && masked(run.stderr) !== masked(shown())) {
      readme = readme.replace(shown(), () => run.stderr);
    }
    readme = readmeDocument(readme);
    await expectGenerated('README.md', readme);
    expect(masked(run.stderr)).toBe(masked(shown()));
  });

  it('names only options that there are', () => {
    const known = program.commands.flatMap((command) => command.options.map(({ long }) => long));
    const calls = readme.matchAll(/reporting-setup(?: (?:setup|verify|sandbox))?((?: (?!\|)[^\n`#]+)*)/g);
    const flags = [...calls].flatMap(([, words = '']) => words.match(/--[a-z][a-z-]*/g) ?? []);
    expect(flags.length).toBeGreaterThan(15);
    expect(flags.filter((flag) => !known.includes(flag))).toEqual([]);
  });

  it('has every exit code in the words of help', () => {
    expect(tableUnder('Exit codes')).toEqual(exitCodeMeanings.map(([code, text]) => `| ${code} | ${text} |`));
  });

  it('troubleshoots by codes that there are', () => {
    const codes = tableUnder('When something is wrong').flatMap(
      (row) => row.split(' | ')[0]?.match(/(?<=\[`)[a-z-]+/g) ?? [],
    );
    expect(codes.length).toBeGreaterThan(8);
    expect(codes.filter((code) => !Object.hasOwn(catalogue, code))).toEqual([]);
  });

  it('lists every scenario', () => {
    const list = readme.split('combined with commas: ')[1]?.split('.\n')[0] ?? '';
    expect(list.match(/(?<=`)[a-z-]+(?=`)/g)).toEqual([...sandboxScenarios]);
  });
});

/** An anchor as GitHub makes it of a heading. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

it.each([
  'README.md',
  'CONTRIBUTING.md',
  'docs/performance.md',
  'docs/platforms.md',
  'docs/reliability.md',
  'docs/dependencies.md',
])('every link of %s within the repository leads somewhere', async (name) => {
  const links = [...(await readFile(join(root, name), 'utf8')).matchAll(/\]\(([^)\s]+)\)/g)];
  for (const [, link = ''] of links.filter(([, target = '']) => !target.includes('://'))) {
    const [path = '', fragment] = link.split('#');
    const target = path === '' ? join(root, name) : join(root, dirname(name), path);
    expect([link, existsSync(target)]).toEqual([link, true]);
    if (fragment === undefined) continue;
    const headings = (await readFile(target, 'utf8')).matchAll(/^#+ (.*)$/gm);
    expect([...headings].map(([, heading = '']) => anchor(heading))).toContain(fragment);
  }
});
