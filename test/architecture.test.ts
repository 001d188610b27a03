import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

interface Source {
  /** From the root of the project, with slashes. */
  readonly path: string;
  readonly raw: string;
  /** Without comments, line for line. */
  readonly code: string;
}

/** Blanks out comments; texts and templates keep what only looks like one. */
function withoutComments(text: string): string {
  const token = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\[\s\S])*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
  return text.replace(token, (match) => (match.startsWith('/') ? match.replace(/[^\n]/g, ' ') : match));
}

function sourcesIn(folder: string): Source[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
    .sort()
    .map((path) => {
      const raw = readFileSync(join(root, path), 'utf8');
      return { path, raw, code: withoutComments(raw) };
    });
}

/** Where a pattern matches, as `file:line text`. */
function matches(path: string, text: string, pattern: RegExp): string[] {
  return text
    .split('\n')
    .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1} ${line.trim()}`] : []));
}

interface Import {
  readonly at: string;
  readonly from: string;
  /** A path from the root of the project, or a package's name. */
  readonly target: string;
}

function importsOf({ path, code }: Pick<Source, 'path' | 'code'>): Import[] {
  const pattern = /(?:\bfrom|\bimport)\s*\(?\s*'(?<target>[^']+)'/g;
  return [...code.matchAll(pattern)].map((match) => {
    const written = match.groups?.['target'] ?? '';
    const target = written.startsWith('.') ? posix.join(posix.dirname(path), written) : written;
    const line = code.slice(0, match.index).split('\n').length;
    return { at: `${path}:${line} imports ${target}`, from: path, target };
  });
}

const sources = sourcesIn('src');
const tests = sourcesIn('test');
const imports = sources.flatMap(importsOf);

const isOwn = (target: string): boolean => target.startsWith('src/');

/** Libraries that speak to something outside of the process: a service, the network, a person. */
const sdks = ['@azure/identity', '@microsoft/microsoft-graph-client', 'inquirer', 'ora'];

const sdksOf = (path: string): string[] => [
  ...new Set(
    imports.filter((one) => one.from === path && sdks.includes(one.target)).map(({ target }) => target),
  ),
];

/** Imports from files under `from` whose target is not allowed. */
const forbidden = (from: string, allowed: (target: string) => boolean): string[] =>
  imports.filter((one) => one.from.startsWith(from) && !allowed(one.target)).map(({ at }) => at);

/** Matches of a pattern in the code of all sources but some. */
const occurrences = (pattern: RegExp, except: readonly string[] = []): string[] =>
  sources
    .filter(({ path }) => !except.includes(path))
    .flatMap(({ path, code }) => matches(path, code, pattern));

const under = (target: string, ...folders: readonly string[]): boolean =>
  folders.some((folder) => target.startsWith(folder));

describe('the way this test reads', () => {
  it('sees code and no comment, on the right line', () => {
    const text = "/* a\n b */ const c = 'https://x'; // c\nconst d = `// e`;";
    const code = withoutComments(text);
    expect(code.split('\n').map((line) => line.trim())).toEqual([
      '',
      "const c = 'https://x';",
      'const d = `// e`;',
    ]);
    expect(matches('f.ts', code, /const d/)).toEqual(['f.ts:3 const d = `// e`;']);
  });

  it('finds every way of importing', () => {
    const code =
      "import 'a';\nimport type { b } from '../b.ts';\nexport * from './c.ts';\nawait import('node:d');";
    expect(importsOf({ path: 'src/x/y.ts', code }).map(({ at }) => at)).toEqual([
      'src/x/y.ts:1 imports a',
      'src/x/y.ts:2 imports src/b.ts',
      'src/x/y.ts:3 imports src/x/c.ts',
      'src/x/y.ts:4 imports node:d',
    ]);
    expect(imports.length).toBeGreaterThan(sources.length);
  });
});

/** From the ground up: a room imports what stands before it, and itself. Type imports count. */
const rooms = ['core', 'http', 'terminal', 'entra', 'graph', 'config', 'tenant', 'cli', 'commands', 'main'];

/** `src/tenant/model.ts` is in `tenant`; what lies in `src` itself puts the rest together. */
const roomOf = (path: string): string => /^src\/([^/]+)\//.exec(path)?.[1] ?? 'main';

/** Files that import each other in a circle, each circle told once. */
function circles(all: readonly Pick<Import, 'from' | 'target'>[]): string[][] {
  const targets = new Map<string, string[]>();
  for (const { from, target } of all) targets.set(from, [...(targets.get(from) ?? []), target]);
  const reachable = (start: string): Set<string> => {
    const seen = new Set<string>();
    const open = [...(targets.get(start) ?? [])];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      open.push(...(targets.get(next) ?? []));
    }
    return seen;
  };
  const from = new Map([...targets.keys()].map((path) => [path, reachable(path)]));
  const found = new Map<string, string[]>();
  for (const [path, reached] of from) {
    if (!reached.has(path)) continue;
    const circle = [...reached].filter((other) => from.get(other)?.has(path)).sort();
    found.set(circle.join(), circle);
  }
  return [...found.values()];
}

describe('imports', () => {
  it('lead to rooms further down alone', () => {
    const up = imports.filter(({ from, target }) => {
      if (!isOwn(target) || from.startsWith('src/sandbox/') || target.startsWith('src/sandbox/'))
        return false;
      return rooms.indexOf(roomOf(target)) > rooms.indexOf(roomOf(from));
    });
    expect(up.map(({ at }) => at)).toEqual([]);
    const loose = sources.map(({ path }) => path).filter((path) => posix.dirname(path) === 'src');
    expect(loose).toEqual(['src/host.ts', 'src/main.ts', 'src/run-command.ts', 'src/run.ts']);
    const known = new Set([...rooms, 'sandbox']);
    expect(sources.map(({ path }) => path).filter((path) => !known.has(roomOf(path)))).toEqual([]);
  });

  it('make no circle anywhere', () => {
    const tried = [
      { from: 'a', target: 'b' },
      { from: 'b', target: 'c' },
      { from: 'c', target: 'b' },
    ];
    expect(circles(tried)).toEqual([['b', 'c']]);
    expect(circles(imports)).toEqual([]);
  });

  it('give each file one SDK at most', () => {
    const greedy = sources
      .map(({ path }) => ({ path, used: sdksOf(path) }))
      .filter(({ used }) => used.length > 1)
      .map(({ path, used }) => `${path} imports ${used.join(', ')}`);
    expect(greedy).toEqual([]);
  });

  it('the command line: commander alone of all libraries', () => {
    expect(
      forbidden(
        'src/cli/',
        (target) => isOwn(target) || target.startsWith('node:') || target === 'commander',
      ),
    ).toEqual([]);
  });

  it('the sandbox: nothing of the rest', () => {
    expect(forbidden('src/sandbox/', (target) => !isOwn(target) || under(target, 'src/sandbox/'))).toEqual(
      [],
    );
  });

  it('the rest: nothing of the sandbox but its index', () => {
    const inside = imports.filter(
      ({ from, target }) =>
        !from.startsWith('src/sandbox/') &&
        target.startsWith('src/sandbox/') &&
        target !== 'src/sandbox/index.ts',
    );
    expect(inside.map(({ at }) => at)).toEqual([]);
  });
});

describe('names', () => {
  it('belong to one file each, outside of the sandbox', () => {
    const names = sources
      .filter(({ path }) => !path.startsWith('src/sandbox/'))
      .map(({ path }) => posix.basename(path))
      .filter((name) => name !== 'index.ts');
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });
});

describe('code', () => {
  // About 300 lines is a habit, this is where it ends: whatever is longer has more than one reason to be opened. The table
  // of all cases of one decision is one reason.
  it('has no file over 330 lines, no test over 520', () => {
    const long = [...sources, ...tests]
      .map(({ path, raw }) => ({ path, lines: raw.split('\n').length - 1 }))
      .filter(({ path, lines }) => lines > (path.startsWith('test/') ? 520 : 330))
      .map(({ path, lines }) => `${path}:${lines}`);
    expect(long).toEqual([]);
  });

  it('is checked by the compiler everywhere', () => {
    expect(occurrences(/(?::|\bas|<|\|)\s*any\b|\bany\[\]/)).toEqual([]);
    const silenced = [...sources, ...tests].flatMap(({ path, raw }) =>
      matches(path, raw, /@ts-(?:ignore|nocheck|expect-error)\b/),
    );
    // This test itself names them.
    expect(silenced.filter((at) => !at.startsWith('test/architecture.test.ts:'))).toEqual([]);
  });

  it('prints and exits in one place', () => {
    expect(occurrences(/\bconsole\./)).toEqual([]);
    expect(occurrences(/\bprocess\.exit\b/)).toEqual([]);
  });

  it('takes environment and clock from outside', () => {
    const outermost = ['src/main.ts', 'src/host.ts', 'src/core/this-machine.ts', 'src/sandbox/index.ts'];
    // Texts of programs that run elsewhere.
    const texts = ['collectors/cribl.ts', 'code/node-sample.ts'].map(
      (name) => `src/commands/connect/${name}`,
    );
    expect(occurrences(/\bprocess\.env\b/, outermost)).toEqual([]);
    expect(occurrences(/\bDate\.now\b|\bnew Date\(\)/, [...outermost, ...texts])).toEqual([]);
  });

  it('reveals secrets in two files at most', () => {
    const revealing = sources.filter(({ code }) => /\.reveal\(/.test(code)).map(({ path }) => path);
    expect(revealing.length, revealing.join(', ')).toBeLessThanOrEqual(2);
    expect(revealing).not.toEqual([]);
  });

  it('is tested as it is, without module mocks', () => {
    const mocked = tests.flatMap(({ path, code }) => matches(path, code, /\bvi\.(?:mock|doMock)\(/));
    expect(mocked).toEqual([]);
  });
});
