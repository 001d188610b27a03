import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
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
  yaml: /YAMLParseError/,
  'ical-generator': /X-MICROSOFT-CDO/,
  'fast-xml-builder': /suppressBooleanAttributes/,
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

interface Loaded {
  /** Names of files of the bundle. */
  readonly chunks: string[];
  /** What is imported of Node. */
  readonly builtins: string[];
}

function loadedBy(...argv: readonly string[]): Loaded {
  const log = join(chunks, 'loaded.txt');
  writeFileSync(log, '');
  const { status, stderr } = spawnSync(process.execPath, ['--import', register, built.program, ...argv], {
    env: { ...process.env, LOADED: log },
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
  const folder = pathToFileURL(chunks).href;
  const urls = readFileSync(log, 'utf8').split('\n');
  return {
    chunks: urls.filter((url) => url.startsWith(folder)).map((url) => basename(fileURLToPath(url))),
    builtins: urls.filter((url) => url.startsWith('node:')),
  };
}

const holding = (names: readonly string[], mark: RegExp): string[] =>
  names.filter((name) => mark.test(readFileSync(join(chunks, name), 'utf8')));

describe('the marks', () => {
  it.each(Object.entries(marks))('find %s somewhere', (_, mark) => {
    const all = readdirSync(chunks).filter((name) => name.endsWith('.js'));
    expect(holding(all, mark)).not.toEqual([]);
  });
});

/** What is loaded before anything else is known: the command line itself. */
const always = ['main.js', 'rolldown-runtime.js', 'start.js'];
const builtins = ['node:fs', 'node:fs/promises', 'node:os', 'node:path', 'node:timers/promises'];

describe.each([
  ['--help', always],
  ['--version', always],
  ['verify --help', always],
  ['completion bash', ['completion.js', ...always, 'targets.js']],
] as const)('%s', (line, expected) => {
  it('loads what it needs and nothing more', () => {
    const { chunks: loaded, builtins: used } = loadedBy(...line.split(' '));
    expect(loaded.map((name) => name.replace(/-[\w-]{8}\.js$/, '.js')).sort()).toEqual(expected);
    expect(used.sort()).toEqual(builtins);
    for (const mark of Object.values(marks)) expect(holding(loaded, mark)).toEqual([]);
    const size = loaded.reduce((sum, name) => sum + readFileSync(join(chunks, name)).length, 0);
    expect(size).toBeLessThan(132_000);
  });
});
