import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tornIn } from '../helpers/rows.ts';
import { type Built, build } from './built.ts';
import { hasTmux, openTerminal, type Terminal } from './terminal.ts';

const title = hasTmux ? 'in a real terminal' : 'in a real terminal (skipped: tmux is not installed)';
const colour = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`, 'g');
const spinner = /[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/;
const file = 'reporting-setup.json';

/** What a fresh setup asks. */
const question = 'Go ahead?';
/** What is asked where somebody wants to change something, in order. */
const changes = ['Account to work', 'File to save', 'Domain to write', 'Credential:', 'How long'] as const;

/** Goes to the first of the questions about what is to change. */
async function openChanges(terminal: Terminal): Promise<void> {
  await terminal.see(`? ${question}`);
  await terminal.press('Down', 'Enter');
}

/** Takes the default of each question, once it is there. */
async function acceptAll(terminal: Terminal, asked: readonly string[]): Promise<void> {
  for (const question of asked) {
    await terminal.see(`? ${question}`);
    await terminal.press('Enter');
  }
}

const modes = (terminal: Terminal): Promise<string> => terminal.output('stty -a');

/** Files that a user would see, hidden ones aside. */
const files = async ({ folder }: Terminal): Promise<string[]> =>
  (await readdir(folder)).filter((name) => !name.startsWith('.'));

const widest = (text: string): number => Math.max(...text.split('\n').map((line) => line.length));

describe.skipIf(!hasTmux).concurrent(title, { timeout: 120_000 }, () => {
  let built: Built;
  beforeAll(async () => {
    built = await build();
  }, 60_000);
  afterAll(() => built?.remove());

  it('asks, works and ends with a screen that tells the whole story', async ({ onTestFinished }) => {
    const terminal = await openTerminal(built, onTestFinished);
    const before = await modes(terminal);
    await terminal.start('reporting-setup --sandbox');
    await acceptAll(terminal, [question]);
    expect(await terminal.exitCode()).toBe(0);
    const all = await terminal.text();
    for (const line of [
      'the SANDBOX: a tenant on this machine alone.',
      'Nothing is written before you approve the plan.',
      '✔ Signed in',
      '  Tenant       Contoso (contoso.com)',
      '  Account      ada@contoso.com (Global Administrator)',
      '  File         reporting-setup.json',
      '  Domain       contoso.com',
      '  Credential   client secret, for 2 years',
      '✔ Go ahead? Yes, go ahead',
      '✔ Create its service principal',
    ]) {
      expect(all.split('\n')).toContain(line);
    }
    expect(all).not.toMatch(spinner);
    expect(all).not.toContain('navigate');
    expect(widest(all)).toBeLessThanOrEqual(80);
    const screen = await terminal.screen();
    for (const part of [
      ' pass',
      'Tenant       Contoso',
      'Client ID',
      `File         ${file}, readable by you alone`,
      'Valid until',
      'rows read, newest',
      'reporting-setup verify --sandbox',
    ]) {
      expect(screen).toContain(part);
    }
    expect(await terminal.cursorIsVisible()).toBe(true);
    expect(await modes(terminal)).toBe(before);

    const first = await readFile(join(terminal.folder, file), 'utf8');
    await terminal.start('reporting-setup --sandbox');
    expect(await terminal.exitCode()).toBe(0);
    expect(await terminal.text()).not.toMatch(/^\? /m);
    expect(await readFile(join(terminal.folder, file), 'utf8')).toBe(first);

    expect(await terminal.output('reporting-setup verify --sandbox')).toContain('Everything is in order.');
    expect(await terminal.screen()).toContain('[exit 0]');
  });

  it('changes what somebody wants to change, and plans anew', async ({ onTestFinished }) => {
    const terminal = await openTerminal(built, onTestFinished);
    await terminal.start('reporting-setup --sandbox');
    await openChanges(terminal);
    await acceptAll(terminal, changes.slice(0, 1));
    await terminal.see(/\? File to save the credential in: {2}SANDBOX\n {2}\(reporting-setup\.json\)/);
    await terminal.press("'~/new folder/logs.json' ", 'Enter');
    await acceptAll(terminal, ['The folder ']);
    await terminal.see('? Domain to write into the file:');
    await terminal.press('Down', 'Enter');
    await acceptAll(terminal, changes.slice(3, 4));
    await terminal.see('? How long');
    // None of these has a text: none goes anywhere.
    await terminal.press('Escape', 'Home', 'PageUp', 'Left', 'Right', 'F5', 'C-a', 'C-l', 'Up', 'Enter');
    await terminal.see('fabrikam.com');
    await terminal.see('? Go ahead?');
    await terminal.press('Enter');
    expect(await terminal.exitCode()).toBe(0);
    const all = await terminal.text();
    expect(all).toContain('✔ How long the client secret is valid: 1 year');
    expect(all).toContain('Credential   client secret, for 1 year');
    const saved = JSON.parse(await readFile(join(terminal.folder, 'new folder', 'logs.json'), 'utf8'));
    expect(saved.domain).toBe('fabrikam.com');
    expect(await files(terminal)).toEqual(['new folder']);
  });

  it.for([question, ...changes].map((asked, index) => [asked, index] as const))(
    'leaves no trace when Ctrl-C is pressed at "%s"',
    async ([asked, index], { onTestFinished }) => {
      const terminal = await openTerminal(built, onTestFinished);
      const before = await modes(terminal);
      await terminal.start('reporting-setup --sandbox');
      if (index > 0) await openChanges(terminal);
      await acceptAll(terminal, changes.slice(0, Math.max(0, index - 1)));
      await terminal.see(`? ${asked}`);
      await terminal.press('C-c');
      expect(await terminal.exitCode()).toBe(130);
      const shown = await terminal.text();
      expect(shown).toContain('✖ Cancelled. Nothing was changed.');
      expect(shown).not.toContain(`? ${asked}`);
      expect(shown).not.toMatch(spinner);
      expect(await terminal.cursorIsVisible()).toBe(true);
      expect(await modes(terminal)).toBe(before);
      expect(await files(terminal)).toEqual([]);
    },
  );

  it('takes Ctrl-D at a prompt for a cancel', async ({ onTestFinished }) => {
    const terminal = await openTerminal(built, onTestFinished);
    await terminal.start('reporting-setup --sandbox');
    await terminal.see(`? ${question}`);
    await terminal.press('C-d');
    expect(await terminal.exitCode()).toBe(130);
    expect(await terminal.text()).toContain('✖ Cancelled. Nothing was changed.');
  });

  it.for([
    ['with questions', '', [question]],
    ['without questions', ' --yes', []],
  ] as const)('stops on Ctrl-C while it works, %s', async ([_name, flags, asked], { onTestFinished }) => {
    const terminal = await openTerminal(built, onTestFinished);
    const before = await modes(terminal);
    await terminal.start(`reporting-setup --sandbox lag${flags}`);
    await acceptAll(terminal, asked);
    await terminal.see('✔ Register application');
    await terminal.press('C-c');
    if (asked.length > 0) await acceptAll(terminal, ['Remove all of that again?']);
    expect(await terminal.exitCode()).toBe(130);
    expect(await terminal.text()).toMatch(/^✖ (Stopped|Cancelled)/m);
    expect(await terminal.text()).not.toMatch(spinner);
    expect(await terminal.cursorIsVisible()).toBe(true);
    expect(await modes(terminal)).toBe(before);
    expect(await files(terminal)).not.toContain(`${file}.lock`);
  });

  it.for(['xterm-256color', 'dumb'])(
    'goes on after Ctrl-Z and fg, with TERM=%s',
    async (TERM, { onTestFinished }) => {
      const terminal = await openTerminal(built, onTestFinished, { env: { TERM } });
      await terminal.start('reporting-setup --sandbox');
      await terminal.see(TERM === 'dumb' ? 'Number (1)' : `? ${question}`);
      await terminal.press('C-z');
      await terminal.see('[exit 148]');
      expect(await terminal.cursorIsVisible()).toBe(true);
      await terminal.start('fg');
      // What is drawn is asked again; a line stands as it is.
      if (TERM !== 'dumb') await terminal.see(`? ${question}`);
      await terminal.press('C-c');
      expect(await terminal.exitCode()).toBe(130);
    },
  );

  // Again where the system told the program of its new window only after the next frame.
  it('leaves nothing of a waiting line when the window gets narrower', { retry: 3 }, async ({
    onTestFinished,
  }) => {
    const terminal = await openTerminal(built, onTestFinished);
    await terminal.start('reporting-setup --sandbox lag --yes');
    await terminal.see('spreading');
    await terminal.resize(40);
    expect(await terminal.exitCode()).toBe(0);
    expect(await terminal.text()).not.toMatch(spinner);
  });

  it('wraps between words at 40 columns and keeps ids in one piece', async ({ onTestFinished }) => {
    const terminal = await openTerminal(built, onTestFinished, { columns: 40 });
    await terminal.start('reporting-setup --sandbox');
    await acceptAll(terminal, [question]);
    expect(await terminal.exitCode()).toBe(0);
    const lines = (await terminal.text()).split('\n');
    expect(tornIn(lines.slice(1), 40)).toEqual([]);
    const { tenantId, clientId } = JSON.parse(await readFile(join(terminal.folder, file), 'utf8'));
    for (const line of [
      `   ${tenantId}`,
      `   ${clientId}`,
      '  + Register application "Reporting API',
      '    application" (this tenant only)',
      '✔ Create client secret "Reporting API",',
    ]) {
      expect(lines).toContain(line);
    }
  });

  it('colours a terminal with the 16 colours of its theme, and nothing with NO_COLOR', async ({
    onTestFinished,
  }) => {
    const coloured = await openTerminal(built, onTestFinished);
    await coloured.output('reporting-setup --sandbox --dry-run --yes');
    const used = (await coloured.bytes()).match(colour) ?? [];
    expect(used.length).toBeGreaterThan(10);
    // No 256 or 24-bit colours, and neither black nor white: they vanish on one of light and dark.
    expect(used.filter((code) => /[34]8;|\[(30|37|90|97|4\d|10\d)m/.test(code))).toEqual([]);

    const plain = await openTerminal(built, onTestFinished, { env: { NO_COLOR: '1' } });
    await plain.start('reporting-setup --sandbox');
    await plain.see('? Go ahead?');
    await plain.press('Down', 'Down', 'Enter');
    expect(await plain.exitCode()).toBe(130);
    expect(await plain.bytes()).not.toMatch(colour);
  });

  it('asks line by line on a dumb terminal and never moves its cursor', async ({ onTestFinished }) => {
    const terminal = await openTerminal(built, onTestFinished, { env: { TERM: 'dumb' } });
    await terminal.start('reporting-setup --sandbox');
    await terminal.see(/Number \(1\): $/m);
    await terminal.press('2', 'Enter');
    await terminal.see('Account to work');
    await terminal.press('Enter');
    await terminal.see('File to save the credential in (reporting-setup.json): ');
    await terminal.press('Enter');
    await terminal.see('  2  contoso.com (default)');
    await terminal.press('9', 'Enter');
    await terminal.see('Type a number from 1 to 3.');
    await terminal.press('3', 'Enter');
    await terminal.see('Credential:');
    await terminal.press('Enter');
    await terminal.see(/Number \(4\): $/m);
    await terminal.press('1', 'Enter');
    await terminal.see(/for 90 days[\s\S]*Number \(1\): $/m);
    await terminal.press('Enter');
    expect(await terminal.exitCode()).toBe(0);
    const said = await terminal.bytes();
    expect(said).toBe(stripVTControlCharacters(said));
    expect(said).not.toMatch(/[✔✖→⠋]/);
    const config = JSON.parse(await readFile(join(terminal.folder, file), 'utf8'));
    expect(config.domain).toBe('fabrikam.com');

    // Beside it, it would be found.
    await terminal.output(`mkdir old && mv ${file} old`);
    await terminal.start('reporting-setup --sandbox --output other.json');
    await terminal.see('Where may its file lie');
    await terminal.press('C-c');
    expect(await terminal.exitCode()).toBe(130);
    await terminal.start('reporting-setup --sandbox --output other.json');
    await terminal.see('Where may its file lie');
    await terminal.press('C-d');
    expect(await terminal.exitCode()).toBe(130);
    expect(await files(terminal)).toEqual(['old']);
  });

  it('writes no escape codes into a pipe, nor without end where the terminal has no size', async ({
    onTestFinished,
  }) => {
    const terminal = await openTerminal(built, onTestFinished);
    await terminal.output('reporting-setup --sandbox --yes >out 2>&1 </dev/null');
    const piped = await readFile(join(terminal.folder, 'out'), 'utf8');
    expect(piped).toContain('✔ Create its service principal');
    expect(piped).toBe(stripVTControlCharacters(piped));
    const shown = await terminal.output('stty cols 0; reporting-setup verify --sandbox');
    expect(shown).toContain('Everything is in order.');
    expect((await terminal.bytes()).length).toBeLessThan(10_000);
  });

  it('tells an administrator who may not grant what somebody else has to do', async ({ onTestFinished }) => {
    const terminal = await openTerminal(built, onTestFinished, { rows: 50 });
    const shown = await terminal.output('reporting-setup --sandbox app-admin --yes');
    expect(await terminal.exitCode()).toBe(5);
    expect(shown).toContain('! Grant Microsoft Graph AuditLog.Read.All');
    expect(shown).toMatch(/^ {4}https:\S+\/adminconsent\?client_id=\S+$/m);
    expect(await terminal.screen()).toContain(
      '  When consent has been given:\n    reporting-setup --sandbox app-admin --yes\n',
    );
    const after = await terminal.output('reporting-setup verify --sandbox app-admin');
    expect(after).toMatch(/✖ Microsoft Graph AuditLog\.Read\.All/);
  });
});
