import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useFolder } from '../helpers/temp-folder.ts';

const program = join(import.meta.dirname, '../../bin/reporting-setup.js');
const built = existsSync(join(import.meta.dirname, '../../dist/main.js'));
const inFolder = useFolder();
const own = (): string => inFolder('.cache', 'reporting-setup');

/** What the program tells Node, of whatever version, about where compiled code is kept: one entry for each call. */
function cachesUnder(env: Readonly<Record<string, string>>): unknown[] {
  const spy = inFolder('spy.mjs');
  const tell = "process.stderr.write(JSON.stringify(given) + '\\n')";
  writeFileSync(
    spy,
    `import module from 'node:module';\nmodule.enableCompileCache = (...given) => ${tell};\n`,
  );
  const { status, stderr } = spawnSync(process.execPath, ['--import', spy, program, '--version'], {
    env: { PATH: process.env['PATH'], ...env },
    encoding: 'utf8',
  });
  expect(status).toBe(0);
  return stderr
    .split('\n')
    .filter((line) => line.startsWith('['))
    .map((line) => JSON.parse(line));
}

describe.skipIf(!built || process.platform !== 'linux')('compiled code', () => {
  it("is kept in the user's own cache folder alone", () => {
    expect(cachesUnder({ HOME: inFolder() })).toEqual([[own()]]);
    expect(statSync(own()).mode & 0o777).toBe(0o700);
    expect(cachesUnder({ HOME: inFolder(), XDG_CACHE_HOME: inFolder('x') })).toEqual([
      [inFolder('x', 'reporting-setup')],
    ]);
  });

  it.each<[string, () => void]>([
    ['others can write to it', () => chmodSync(own(), 0o777)],
    ['everybody can put another in its place', () => chmodSync(inFolder('.cache'), 0o777)],
  ])('is not kept where %s', (_what, make) => {
    mkdirSync(own(), { recursive: true });
    make();
    expect(cachesUnder({ HOME: inFolder() })).toEqual([]);
  });

  it('is not kept behind a link, nor where there is no home', () => {
    mkdirSync(inFolder('.cache'));
    symlinkSync(inFolder(), own());
    expect(cachesUnder({ HOME: inFolder() })).toEqual([]);
    expect(cachesUnder({ HOME: 'relative' })).toEqual([]);
    expect(cachesUnder({ HOME: '/proc/nowhere' })).toEqual([]);
  });

  it.skipIf(process.getuid?.() !== 0)(
    "is not kept in somebody else's folder, nor in one in somebody's home",
    () => {
      mkdirSync(own(), { recursive: true });
      chownSync(own(), 4242, 4242);
      expect(cachesUnder({ HOME: inFolder() })).toEqual([]);
      chownSync(own(), 0, 0);
      chownSync(inFolder('.cache'), 4242, 4242);
      expect(cachesUnder({ HOME: inFolder() })).toEqual([]);
    },
  );
});
