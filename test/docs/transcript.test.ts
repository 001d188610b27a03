import { expect, it } from 'vitest';
import { expectGenerated } from '../helpers/generated.ts';
import { build } from '../pty/built.ts';
import { hasTmux, openTerminal } from '../pty/terminal.ts';
import { terminalSvg } from './terminal-svg.ts';

/** What differs from run to run, as the document shows it. */
const masks: readonly (readonly [pattern: RegExp, mask: string])[] = [
  [/(127\.0\.0\.1):\d+/g, '$1:40123'],
  [/(?<=code {2})[A-Z\d]{9}\b/g, 'ABCDEFGHJ'],
  // The sandbox's tenant ID is always the same.
  [/(?!cfd7dfc3)[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g, '11111111-2222-4333-8444-555555555555'],
  [/\d{4}-\d\d-\d\d \d\d:\d\d UTC/g, '2026-11-28 08:00 UTC'],
  [/\d{4}-\d\d-\d\d(?! \d)/g, '2028-11-28'],
];

/** What a terminal shows, from the first line of the program on. */
function masked(shown: string): string {
  const own = shown
    .split('\n')
    .slice(1)
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/\n\[exit \d+\][\s\S]*$/, '');
  return masks.reduce((rest, [pattern, mask]) => rest.replace(pattern, mask), own).trimEnd();
}

const picture = (shown: string): string =>
  terminalSvg(
    ['$ npx reporting-setup --sandbox', ...masked(shown).split('\n')],
    80,
    'The wizard in a terminal, on its sandbox tenant',
  );

const documentOf = (asked: string, after: string): string => `# A first run, as the terminal shows it

In a window of 80 columns, against the sandbox tenant, from the command to the proven credential: one question, one key.
A test makes this page from the program itself (\`npm run docs\`); ports, ids, codes and dates are made up.

\`\`\`console
$ reporting-setup --sandbox
${asked}
\`\`\`

Enter goes ahead. What is below the question then:

\`\`\`console
${after}
\`\`\`

"Change something" asks one thing after the other, each beginning with what holds now: the account, the file (\`~\` and
quotes are understood, and a folder that is not there is made where you say so), the domain, the kind of credential and
how long it is valid. Then the plan is shown anew. A run that finds nothing to change asks nothing. With a browser, one
more key opens it; with a code, Enter copies the code and opens the page, where the terminal and the machine can.

To see each write before anything is written, add \`--dry-run\`: the list is made by the very code that would send it, with
method, path and body of each, those inside a \`$batch\` too. \`--debug\` shows every request as it is sent. Secrets are in
neither.
`;

it.skipIf(!hasTmux)(
  'docs/first-run.md and the picture of README.md are what a terminal shows (npm run docs writes them)',
  { timeout: 120_000 },
  async ({ onTestFinished }) => {
    const built = await build();
    onTestFinished(() => built.remove());
    const terminal = await openTerminal(built, async (clean) => onTestFinished(clean), { rows: 60 });
    await terminal.start('reporting-setup --sandbox');
    await terminal.see('select');
    const asked = masked(await terminal.text());
    await terminal.press('Enter');
    expect(await terminal.exitCode()).toBe(0);
    const after = masked(await terminal.text()).split('✔ Go ahead?')[1] ?? '';
    await expectGenerated('docs/screens/setup.svg', picture(await terminal.coloured()));
    await expectGenerated('docs/first-run.md', documentOf(asked, `✔ Go ahead?${after}`));
  },
);
