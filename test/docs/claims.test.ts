import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

const sources = readdirSync(new URL('src/', root), { recursive: true, encoding: 'utf8' })
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => name.endsWith('.ts') && !name.startsWith('sandbox/'))
  .map((name) => read(`src/${name}`));

const section = /^## What is claimed.*?(?=^## Figures)/ms.exec(read('docs/reliability.md'))?.[0] ?? '';
const [checks = '', lines = ''] = section.split('### Lines with ✔');

/** What the first cells of a table name in code. */
const named = (table: string): string[] =>
  [...table.matchAll(/^\| ([^|]*) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
  );

const found = (pattern: RegExp): string[] => [
  ...new Set(sources.flatMap((text) => [...text.matchAll(pattern)].map(([, name = '']) => name))),
];

/** Ids as they stand in the code; those that are put together are `role.<task>` and `permission.<value>`. */
const ids = found(
  /'((?:network|auth|role|licence|policy|app|permission|credential|config|api|teardown)\.[A-Za-z][A-Za-z-]*)'(?! is|:)/g,
);
/** Names of files that look alike. */
const files = ['config.yaml'];

/** Fields of the config file that do. */
const fields = found(/\[?'(credential\.[a-zA-Z]+)',\s*'REPORTING_/g);

describe('the table of what is claimed', () => {
  it('has every check of the code', () => {
    const code = ids.filter(
      (id) =>
        !fields.includes(id) &&
        !files.includes(id) &&
        !/^credential\.(kind|keyId|expires|displayName|issuer|subject|audience|secretIn)$/.test(id),
    );
    expect(code.length).toBeGreaterThan(20);
    expect(code.filter((id) => !named(checks).includes(id))).toEqual([]);
  });

  it('has no check that the code does not have', () => {
    const composed = /^(role\.(read|register|credential|grant)|permission\.<value>)$/;
    expect(named(checks).filter((id) => !ids.includes(id) && !composed.test(id))).toEqual([]);
  });

  it('has every line that is marked as done', () => {
    const shown = found(/(?:succeed\(|restored: |removed: )\s*[`']([^`'$:"]+)/g).map((text) => text.trim());
    const isTold = (line: string): boolean => named(lines).some((name) => line.startsWith(name));
    expect(shown.length).toBeGreaterThan(8);
    expect(shown.filter((line) => !isTold(line) && !line.startsWith('Remove client secret'))).toEqual([]);
  });
});
