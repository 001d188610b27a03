import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

const root = join(import.meta.dirname, '..');
const built = existsSync(join(root, 'dist', 'sbom.cdx.json'));

const read = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Bill {
  readonly bomFormat: string;
  readonly metadata: { readonly component: { readonly name: string; readonly version: string } };
  readonly components: readonly {
    readonly group?: string;
    readonly name: string;
    readonly version: string;
    readonly purl: string;
  }[];
}

const bill = (): Bill => JSON.parse(read('dist/sbom.cdx.json')) as Bill;

const listed = (): string[] =>
  bill().components.map(({ group, name, version }) => `${group ? `${group}/` : ''}${name} ${version}`);

/** A registry that knows these advisories, by package, or that answers every request with a status. */
async function registry(answer: Readonly<Record<string, string>> | number): Promise<string> {
  const advisories = Object.entries(typeof answer === 'number' ? {} : answer).map(([name, versions], id) => [
    name,
    [
      {
        id,
        url: 'https://advisory.example',
        title: 'a fault',
        severity: 'high',
        vulnerable_versions: versions,
      },
    ],
  ]);
  const server = createServer((request, reply) => {
    request.resume();
    const asks = request.url?.endsWith('/advisories/bulk') && typeof answer !== 'number';
    reply.writeHead(asks ? 200 : typeof answer === 'number' ? answer : 404, {
      'content-type': 'application/json',
    });
    reply.end(JSON.stringify(asks ? Object.fromEntries(advisories) : {}));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Runs the audit against a registry. */
async function audit(from: string): Promise<{ readonly code: number; readonly stdout: string }> {
  const env = { ...process.env, npm_config_registry: from, npm_config_fetch_retries: '0' };
  return new Promise((resolve) => {
    execFile(process.execPath, ['scripts/audit.js'], { cwd: root, env }, (error, stdout) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout }),
    );
  });
}

describe.skipIf(!built)('the list of what is bundled', () => {
  it('names this package, and every package whose licence is carried', () => {
    const { name, version } = JSON.parse(read('package.json')) as { name: string; version: string };
    expect(bill().bomFormat).toBe('CycloneDX');
    expect(bill().metadata.component).toMatchObject({ name, version });
    const titles = [...read('dist/LICENSES.txt').matchAll(/^(\S+ \d\S*) \(.*\)$/gm)].map(
      ([, title]) => title,
    );
    expect(titles.length).toBeGreaterThan(50);
    expect(titles.filter((title) => !listed().includes(title ?? ''))).toEqual([]);
    expect(bill().components.every(({ purl }) => purl.startsWith('pkg:npm/'))).toBe(true);
  });

  it('names nothing that only builds and tests', () => {
    for (const tool of ['vitest', 'typescript', 'rolldown', 'undici', 'fast-check', '@biomejs/biome'])
      expect(listed().filter((title) => title.startsWith(`${tool} `))).toEqual([]);
  });
});

describe.skipIf(!built)('npm run audit', () => {
  it('fails for what is bundled', async () => {
    const { code, stdout } = await audit(
      await registry({ jose: '*', '@azure/msal-common': '*', vitest: '*' }),
    );
    expect(code).toBe(1);
    expect(stdout).toMatch(/^jose@\S+: high: a fault https:\/\/advisory\.example$/m);
    expect(stdout).toMatch(/^@azure\/msal-common@/m);
    expect(stdout).not.toContain('vitest');
  });

  it('passes where only a tool of development is concerned', async () => {
    const { code, stdout } = await audit(await registry({ vitest: '*' }));
    expect([code, stdout]).toEqual([0, expect.stringContaining('0 of')]);
  });

  it.each([405, 500])('says that it was skipped where the registry answers %i', async (status) => {
    const { code, stdout } = await audit(await registry(status));
    expect(code).toBe(0);
    expect(stdout).toMatch(/skipped.*\(.+\)/);
  });
});
