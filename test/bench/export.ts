import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { startSandbox } from '../../src/sandbox/index.ts';
import { environmentOf, runProcess, setupArguments } from '../helpers/tenants.ts';

/** What taking rows along cost one client. */
export interface ExportCost {
  readonly client: string;
  readonly rows: number;
  /** Milliseconds. */
  readonly wall: number;
  /** Milliseconds of the client's processors, user and system. */
  readonly processor: number;
  /** Bytes at most. */
  readonly memory: number;
  /** Bytes of the file. */
  readonly size: number;
}

const python = '/usr/bin/python3';

/** Whether the Python script that is compared with can run here. */
export const hasPython = (): boolean =>
  spawnSync(python, ['-c', 'import msal, requests'], { stdio: 'ignore' }).status === 0;

interface Reported {
  readonly rows?: number;
  readonly processor: number;
  readonly memory: number;
}

async function linesOf(path: string): Promise<number> {
  const count = spawnSync('wc', ['-l', path], { encoding: 'utf8' });
  return Number(count.stdout.split(' ')[0]);
}

/**
 * Takes so many sign-ins along from a tenant without its throttle: by the built program in each of the formats, and by
 * the script where `compares`.
 */
export async function measureExport(
  program: string,
  rows: number,
  formats: readonly ('ndjson' | 'csv')[],
  compares: boolean,
): Promise<ExportCost[]> {
  const folder = await mkdtemp(join(tmpdir(), 'reporting-setup-export-'));
  const sandbox = await startSandbox({ scenarios: [`many-rows:${rows}`, 'unthrottled'] });
  try {
    const env = await environmentOf(sandbox, folder);
    const set = await runProcess(process.execPath, [program, ...setupArguments(sandbox)], {
      cwd: folder,
      env,
    });
    if (set.code !== 0) throw new Error(`setup ended with ${set.code}: ${set.stderr}`);
    const costs: ExportCost[] = [];
    const note = async (client: string, output: string, wall: number, reported: Reported): Promise<void> => {
      const path = join(folder, output);
      const found = output.endsWith('csv') ? rows : await linesOf(path);
      if (found !== rows) throw new Error(`${client} wrote ${found} rows of ${rows}.`);
      const { processor, memory } = reported;
      costs.push({ client, rows, wall, processor, memory, size: (await stat(path)).size });
      await rm(path);
    };
    const main = join(dirname(program), '../dist/main.js');
    const child = join(import.meta.dirname, '../helpers/unpaced.mjs');
    for (const format of formats) {
      const output = `rows.${format}`;
      const argv = [child, main, 'explore', 'sign-ins', '--since', '30d', '--output', output];
      const { AZURE_CLIENT_ID: _id, ...own } = env;
      const ended = await runProcess(process.execPath, argv, {
        cwd: folder,
        env: { ...own, COST: join(folder, 'cost.json') },
      });
      if (ended.code !== 0)
        throw new Error(`explore ended with ${ended.code}: ${ended.stderr.slice(-2_000)}`);
      const reported: Reported = JSON.parse(await readFile(join(folder, 'cost.json'), 'utf8'));
      await note(`explore, ${format}`, output, ended.wall, reported);
    }
    if (compares) {
      const since = new Date(Date.now() - 30 * 86_400_000).toISOString().replace(/\.\d+Z$/, 'Z');
      const script = join(import.meta.dirname, 'export_rows.py');
      const argv = [script, 'reporting-setup.json', since, 'script.ndjson'];
      const trusted = { ...env, REQUESTS_CA_BUNDLE: env['NODE_EXTRA_CA_CERTS'] ?? '' };
      const ended = await runProcess(python, argv, { cwd: folder, env: trusted });
      if (ended.code !== 0)
        throw new Error(`the script ended with ${ended.code}: ${ended.stderr.slice(-2_000)}`);
      await note('Python, msal and requests', 'script.ndjson', ended.wall, JSON.parse(ended.stdout));
    }
    return costs;
  } finally {
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
