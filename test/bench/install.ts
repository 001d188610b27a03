import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '../..');
const run = promisify(execFile);

/** What it takes until the program can run for the first time. */
export interface InstallCost {
  readonly name: string;
  readonly packages: number;
  /** Bytes on disk. */
  readonly size: number;
  /** Milliseconds, with an empty cache. */
  readonly wall: number;
}

/** The packages that the sources import, at the versions that are locked: what an install would need without a bundle. */
async function imported(): Promise<Record<string, string>> {
  const lock: { packages: Record<string, { version: string }> } = JSON.parse(
    await readFile(join(root, 'package-lock.json'), 'utf8'),
  );
  const files = await readdir(join(root, 'src'), { recursive: true });
  const found: Record<string, string> = {};
  for (const file of files.filter((name) => name.endsWith('.ts'))) {
    const code = await readFile(join(root, 'src', file), 'utf8');
    for (const [, name = ''] of code.matchAll(/(?:from|import\() ?'((?:@[^/']+\/)?[^./'][^/']*)/g)) {
      const version = lock.packages[`node_modules/${name}`]?.version;
      if (!isBuiltin(name) && version !== undefined) found[name] = version;
    }
  }
  return found;
}

/** Size and number of what lies in all folders named node_modules below a folder. */
async function weigh(folder: string): Promise<Pick<InstallCost, 'packages' | 'size'>> {
  const entries = await readdir(folder, { recursive: true });
  const inside = entries.filter((name) => /(^|\/)node_modules\//.test(name));
  let size = 0;
  for (const name of inside) {
    const entry = await stat(join(folder, name));
    if (entry.isFile()) size += entry.size;
  }
  const isPackage = /node_modules\/(@[^/]+\/)?[^/@.][^/]*\/package\.json$/;
  return { size, packages: inside.filter((name) => isPackage.test(name)).length };
}

/** An empty home, with an empty cache, for as long as `use` takes. */
async function inNewHome<T>(use: (home: string, env: NodeJS.ProcessEnv) => Promise<T>): Promise<T> {
  const home = await mkdtemp(join(tmpdir(), 'reporting-setup-install-'));
  try {
    return await use(home, { ...process.env, HOME: home, npm_config_cache: join(home, '.npm') });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];

function measurePackage(): Promise<InstallCost> {
  return inNewHome(async (home, env) => {
    const packed = await run('npm', ['pack', root, '--json', '--pack-destination', home], { cwd: home, env });
    const [{ filename = '' } = {}] = JSON.parse(packed.stdout.slice(packed.stdout.indexOf('['))) as {
      filename?: string;
    }[];
    const from = `--package=${join(home, filename)}`;
    const argv = ['exec', '--yes', ...quiet, from, '--', 'reporting-setup', '--version'];
    const wall = await timed(() => run('npm', argv, { cwd: home, env }));
    return { name: 'npx, as published', wall, ...(await weigh(join(home, '.npm', '_npx'))) };
  });
}

function measureUnbundled(): Promise<InstallCost> {
  return inNewHome(async (home, env) => {
    const dependencies = await imported();
    await writeFile(join(home, 'package.json'), JSON.stringify({ private: true, dependencies }));
    const wall = await timed(() => run('npm', ['install', ...quiet], { cwd: home, env }));
    return { name: 'npm install of what is bundled', wall, ...(await weigh(home)) };
  });
}

/** The published package through npx, and the libraries in it installed one by one. Throws where npm fails. */
export async function measureInstall(): Promise<readonly InstallCost[]> {
  return [await measurePackage(), await measureUnbundled()];
}
