import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tornIn } from '../helpers/rows.ts';
import { type Built, build } from './built.ts';
import { hasTmux, openTerminal, type Terminal } from './terminal.ts';

const title = hasTmux
  ? 'at 80 columns and at 40'
  : 'at 80 columns and at 40 (skipped: tmux is not installed)';
const spinner = /[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/;
const question = 'Go ahead?';

/** The words that the terminal tore in what the last command left, the command itself aside. */
const torn = async (terminal: Terminal, columns: number): Promise<string[]> =>
  tornIn((await terminal.text()).split('\n').slice(1), columns);

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
      // Whatever has scrolled away by then.
      expect(screen).toContain('Go ahead?  SANDBOX');
      expect(await terminal.text()).toMatch(/^ {4}https:\/\/\S+\/devicelogin$/m);
      expect(await torn(terminal, columns)).toEqual([]);
      await terminal.press('C-c');
      expect(await terminal.exitCode()).toBe(130);
    },
  );

  it.for([80, 40])(
    'asks for a path, refuses one and keeps another whole, at %d columns',
    async (columns, { onTestFinished }) => {
      const terminal = await openTerminal(built, onTestFinished, { columns, rows: 20 });
      await terminal.start('reporting-setup --sandbox app-admin');
      await terminal.see(`? ${question}`);
      await terminal.press('Down', 'Enter');
      await terminal.see('? Account to work');
      await terminal.press('Enter');
      await terminal.see('  (reporting-setup.json)');
      await terminal.press('.', 'Enter');
      // Between its words, which inquirer does not know of.
      await terminal.see(/^"\." is a folder: name a file in\s+it$/m);
      await terminal.press('BSpace', 'kept for later.json', 'Enter');
      for (const asked of ['Domain', 'Credential', 'How long', question]) {
        await terminal.see(`? ${asked}`);
        await terminal.press('Enter');
      }
      await terminal.see(/^This waits for it/m);
      await terminal.press('C-c');
      expect(await terminal.exitCode()).toBe(130);
      expect(await torn(terminal, columns)).toEqual([]);
      const shown = await terminal.text();
      expect(shown).toMatch(/kept for later\.json,\s+readable/);
      expect(shown).toMatch(/^ {4}kept for later\.json\.consent\.md$/m);
      expect(shown).toMatch(/'kept for later\.json'$/m);
    },
  );

  it.for([80, 40])(
    'breaks questions line by line, and what the sandbox says, between words, at %d columns',
    async (columns, { onTestFinished }) => {
      const terminal = await openTerminal(built, onTestFinished, { columns });
      await terminal.start('reporting-setup --sandbox --plain');
      await terminal.see('Number (1): ');
      await terminal.press('C-c');
      expect(await terminal.exitCode()).toBe(130);
      expect(await terminal.text()).toMatch(/^ {2}2 {2}Change something: another account,(?:\n {5}| )file/m);
      expect(await torn(terminal, columns)).toEqual([]);
      await terminal.start('reporting-setup sandbox');
      await terminal.see('Press Ctrl-C to stop.');
      await terminal.press('C-c');
      await terminal.see('[exit 0]');
      expect(await torn(terminal, columns)).toEqual([]);
    },
  );

  it.for([80, 40])(
    'lists the requests of a dry run, and asks nothing, at %d columns',
    async (columns, { onTestFinished }) => {
      const terminal = await openTerminal(built, onTestFinished, { columns });
      const shown = await terminal.output('reporting-setup --sandbox --dry-run');
      expect(await terminal.exitCode()).toBe(0);
      expect(shown).toMatch(
        /\n {4}POST \/v1\.0\/applications\n {6}\{ "displayName":\s+"Reporting API application"/,
      );
      expect(shown).toMatch(/\n {4}POST \/v1\.0\/\$batch\n {6}POST\s+\/servicePrincipals\//);
      expect(shown).not.toMatch(/^\? /m);
      expect(await torn(terminal, columns)).toEqual([]);
      expect(await files(terminal)).toEqual([]);
    },
  );
});
