import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect, it } from 'vitest';
import { catalogue } from '../../../src/core/errors.ts';
import { createWorld } from '../../helpers/world.ts';

const path = 'tenants/customer-07.json';

/** A file that setup wrote, and a look at what becomes of it, on a terminal. */
async function prepared() {
  const world = await createWorld();
  expect((await world.run(['--sandbox', '--yes'])).code).toBe(0);
  const text = await world.read();
  await mkdir(join(world.folder, 'tenants'));
  const look = async (content: string, columns: number, ...more: readonly string[]) => {
    await writeFile(join(world.folder, path), content, { mode: 0o600 });
    world.pass(20_000);
    const run = await world.run(['verify', path, '--sandbox', ...more], { keys: [], columns });
    const shown = stripVTControlCharacters(run.stderr);
    return { code: run.code, shown, lines: shown.split('\n') };
  };
  return { world, text, look };
}

it('tells a rejected secret once, with its code and the command that makes another', async () => {
  const { text, look } = await prepared();
  for (const columns of [80, 40]) {
    const wrong = text.replace(/("clientSecret": ")[^"]*/, '$1not-the-secret');
    const { code, shown, lines } = await look(wrong, columns);
    expect(code).toBe(3);
    expect(shown.match(/does\s+not\s+accept|not proven/g)).toHaveLength(1);
    expect(shown).toMatch(/✖ Credential:[^✖]*\[credential-rejected\]/);
    expect(lines.map((line) => line.trim().replace(/ +/g, ' '))).toContain(
      `reporting-setup --sandbox --output ${path}`,
    );
    expect(shown).not.toContain('in order');
    expect(shown).toContain('Checks  SANDBOX');
  }
});

it('says of nothing that it is in order below a remark', async () => {
  const { text, look } = await prepared();
  const renamed = text.replace('"application": {', '"application": {\n    "displayName": "Another",');
  for (const columns of [80, 40]) {
    const plain = await look(renamed, columns);
    expect([plain.code, plain.shown.includes('Everything is in order.')]).toEqual([0, true]);
    const { code, shown } = await look(renamed, columns, '--admin');
    expect([code, shown.includes('in order')]).toEqual([0, false]);
    expect(shown.replace(/\s+/g, ' ')).toContain('It works, with one remark: see above.');
    expect(shown).toContain('[application-renamed]');
    for (const [, name = ''] of shown.matchAll(/\[([a-z]+-[a-z-]+)\]/g))
      expect(catalogue).toHaveProperty(name);
  }
});

it('keeps paths and commands whole, and words each check so that it is true with every mark', async () => {
  const { world, text, look } = await prepared();
  for (const columns of [80, 40]) {
    const ended = text.replace(/"expires": "[^"]*"/, '"expires": "2026-12-01T00:00:00Z"');
    const { lines } = await look(ended, columns);
    expect(lines.flatMap((line) => line.split(' '))).toContain(`${path},`);
    // A word that is longer than a line overflows it: the terminal breaks it and gives it back in one piece.
    for (const line of lines.filter((one) => one.length > columns && !/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]|.✔/.test(one))) {
      expect(line.trim()).toMatch(/^reporting-setup |^\S+$/);
    }
  }
  const run = await world.run(['verify', '--admin', '--sandbox', '--json']);
  const titles = run.json().checks.map((check) => String(Reflect.get(check, 'title')));
  expect(titles.length).toBeGreaterThan(30);
  // With a cross in front these would read as yes.
  const asserting = /^(May|No|Not|Readable|The credential gets)\b|answers$|allows/;
  expect(titles.filter((title) => asserting.test(title))).toEqual([]);
});
