import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Built, build } from '../pty/built.ts';

/** What tells that a chunk holds one of the libraries that are slow to load. */
const marks: Readonly<Record<string, RegExp>> = {
  '@azure/identity': /AuthenticationRequiredError/,
  '@azure/msal-node': /msal/i,
  '@microsoft/microsoft-graph-client': /SdkVersion/,
  inquirer: /ExitPromptError/,
  ora: /discardStdin/,
  'https-proxy-agent': /Proxy-Authorization/,
  '@peculiar/x509': /subjectAltName/i,
  zod: /ZodError/,
};

/** Writes the address of each module that is loaded to the file that LOADED names. */
const hook = `
import { appendFileSync } from 'node:fs';
export async function load(url, context, next) {
  appendFileSync(process.env.LOADED, url + '\\n');
  return next(url, context);
}`;
const dataUrl = (code: string): string => `data:text/javascript,${encodeURIComponent(code)}`;
const register = dataUrl(
  `import { register } from 'node:module'; register(${JSON.stringify(dataUrl(hook))});`,
);

let built: Built;
let chunks = '';
beforeAll(async () => {
  built = await build();
  chunks = join(dirname(built.program), '../dist');
}, 60_000);
afterAll(() => built.remove());

/** The chunks that a run loads. */
function loadedBy(...argv: readonly string[]): string[] {
  const log = join(chunks, 'loaded.txt');
  writeFileSync(log, '');
  execFileSync(process.execPath, ['--import', register, built.program, ...argv], {
    env: { ...process.env, LOADED: log },
  });
  const folder = pathToFileURL(chunks).href;
  const urls = readFileSync(log, 'utf8').split('\n');
  return urls.filter((url) => url.startsWith(folder)).map((url) => basename(fileURLToPath(url)));
}

const holding = (names: readonly string[], mark: RegExp): string[] =>
  names.filter((name) => mark.test(readFileSync(join(chunks, name), 'utf8')));

const milliseconds = (argv: readonly string[]): number => {
  const start = process.hrtime.bigint();
  expect(spawnSync(process.execPath, argv).status).toBe(0);
  return Number(process.hrtime.bigint() - start) / 1e6;
};

const median = (values: readonly number[]): number =>
  [...values].sort((one, other) => one - other)[values.length >> 1] ?? Number.NaN;

/** How many times as long as Node alone a run takes, as medians of runs side by side. */
function ratio(argv: readonly string[], rounds = 20): number {
  milliseconds([built.program, ...argv]);
  const pairs = Array.from({ length: rounds }, () => [
    milliseconds(['-e', '0']),
    milliseconds([built.program, ...argv]),
  ]);
  return median(pairs.map(([, own = 0]) => own)) / median(pairs.map(([bare = 0]) => bare));
}

describe('the marks', () => {
  it.each(Object.entries(marks))('find %s somewhere', (_, mark) => {
    const all = readdirSync(chunks).filter((name) => name.endsWith('.js'));
    expect(holding(all, mark)).not.toEqual([]);
  });
});

describe.each([['--help'], ['--version'], ['verify', '--help'], ['completion', 'bash']])(
  '%s %s',
  (...given) => {
    const argv = given.filter((word) => word !== undefined);

    it('loads none of the libraries that are slow to load, and little at all', () => {
      const loaded = loadedBy(...argv);
      expect(loaded).toContain('main.js');
      for (const mark of Object.values(marks)) expect(holding(loaded, mark)).toEqual([]);
      const size = loaded.reduce((sum, name) => sum + readFileSync(join(chunks, name)).length, 0);
      expect(size).toBeLessThan(110_000);
    });
  },
);

describe.each([['--help'], ['--version']])('%s', (argument) => {
  it('takes at most 1.6 times as long as Node alone', { timeout: 180_000, retry: 2 }, () => {
    // Where more runs than there are processors, pairs are torn apart: the limit is then a looser one.
    const busy = (loadavg()[0] ?? 0) > cpus().length;
    expect(ratio([argument])).toBeLessThanOrEqual(busy ? 2 : 1.6);
  });
});
