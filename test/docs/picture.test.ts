import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectGenerated, writesGenerated } from '../helpers/generated.ts';
import { type Built, build } from '../pty/built.ts';
import { hasTmux, openTerminal } from '../pty/terminal.ts';
import { masked } from './masked.ts';
import { terminalSvg } from './terminal-svg.ts';

const path = 'docs/screens/setup.svg';
const columns = 80;
const title = 'reporting-setup in a terminal, on its sandbox tenant';

describe.skipIf(!hasTmux)('the picture in README.md', { timeout: 120_000 }, () => {
  let built: Built;
  beforeAll(async () => {
    built = await build();
  }, 60_000);
  afterAll(() => built?.remove());

  it('shows what a run in a terminal shows (npm run docs writes it)', async ({ onTestFinished }) => {
    const terminal = await openTerminal(built, onTestFinished, { columns, rows: 24 });
    await terminal.start('reporting-setup --sandbox');
    await terminal.see('Go ahead');
    await terminal.press('Enter');
    expect(await terminal.exitCode()).toBe(0);
    const shown = (await terminal.coloured()).split('\n').map((line) => line.trimEnd());
    const end = shown.findIndex((line) => line.startsWith('[exit '));
    const lines = ['$ npx reporting-setup --sandbox', ...shown.slice(1, end)];
    const fresh = terminalSvg(lines, columns, title);
    const kept = await readFile(join(import.meta.dirname, '../..', path), 'utf8').catch(() => '');
    // Ids, codes and dates differ from run to run: what differs in nothing else stays.
    if (writesGenerated && masked(fresh) !== masked(kept)) await expectGenerated(path, fresh);
    else expect(masked(fresh), `${path} is stale: npm run docs`).toBe(masked(kept));
  });
});
