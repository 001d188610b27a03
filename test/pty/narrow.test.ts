import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Built, build } from './built.ts';
import { hasTmux, openTerminal, type Terminal } from './terminal.ts';

const title = hasTmux
  ? 'at 80 columns and at 40'
  : 'at 80 columns and at 40 (skipped: tmux is not installed)';
const spinner = /[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/;
const question = 'Go ahead?';

/** Files that a user would see, hidden ones aside. */
const files = async ({ folder }: Terminal): Promise<string[]> =>
  (await readdir(folder)).filter((name) => !name.startsWith('.'));

describe.skipIf(!hasTmux).concurrent(title, { timeout: 120_000 }, () => {
  let built: Built;
  beforeAll(async () => {
    built = await build();
  }, 60_000);
  afterAll(() => built?.remove());

  it.for([80, 40])(
    'stops on Ctrl-Z while it waits, says why first, and goes on, at %d columns',
    async (columns, { onTestFinished }) => {
      const terminal = await openTerminal(built, onTestFinished, { columns });
      await terminal.start('reporting-setup --sandbox lag');
      await terminal.see(`? ${question}`);
      await terminal.press('Enter');
      await terminal.see(/^. Entra is still spreading what was/m);
      // Nothing of it is cut off, whatever the width: what is done stands below why it waits.
      await terminal.see(/trying\s+again\s+in\s+\d+\s+s\n {2}(Create|Grant)/);
      await terminal.press('C-z');
      await terminal.see('[exit 148]');
      expect(await terminal.cursorIsVisible()).toBe(true);
      await terminal.start('fg');
      expect(await terminal.exitCode()).toBe(0);
      expect(await terminal.text()).not.toMatch(spinner);
      expect(await terminal.cursorIsVisible()).toBe(true);
    },
  );

  it.for([
    [80, 24],
    [40, 20],
  ] as const)(
    'shows the plan and its one question, which no key without text moves, at %d x %d',
    async ([columns, rows], { onTestFinished }) => {
      const terminal = await openTerminal(built, onTestFinished, { columns, rows });
      await terminal.start('reporting-setup --sandbox');
      await terminal.see(`? ${question}`);
      await terminal.press('Down', 'Down');
      await terminal.see(/^→ Stop/m);
      await terminal.press(
        'Escape',
        'Left',
        'Right',
        'Home',
        'End',
        'PageUp',
        'PageDown',
        'F5',
        'C-a',
        'C-l',
        'Tab',
      );
      await terminal.press('Up');
      await terminal.see(/^→ Change something/m);
      const screen = await terminal.screen();
      for (const part of [
        'File         reporting-setup.json',
        'Domain       contoso.com',
        'Credential   client secret',
        'Yes, go ahead',
      ]) {
        expect(screen).toContain(part);
      }
      if (columns === 80) {
        // Whoever says yes sees on one screen who writes what, and where.
        expect(screen).toContain('Tenant       Contoso (contoso.com)');
        expect(screen).toContain('Account      ada@contoso.com (Global Administrator)');
      }
      const shown = (await terminal.text()).split('\n').slice(1);
      expect(shown.filter((line) => line.length > columns && !/^ {4}open {2}https:/.test(line))).toEqual([]);
      await terminal.press('C-c');
      expect(await terminal.exitCode()).toBe(130);
    },
  );

  it.for([80, 40])(
    'lists the requests of a dry run, and asks nothing, at %d columns',
    async (columns, { onTestFinished }) => {
      const terminal = await openTerminal(built, onTestFinished, { columns });
      const shown = await terminal.output('reporting-setup --sandbox --dry-run');
      expect(await terminal.exitCode()).toBe(0);
      expect(shown).toContain(
        '\n    POST /v1.0/applications\n      {"displayName":"Reporting API application"',
      );
      expect(shown).toContain('\n    POST /v1.0/$batch\n      POST /servicePrincipals/');
      expect(shown).not.toMatch(/^\? /m);
      expect(await files(terminal)).toEqual([]);
    },
  );
});
