import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, fetch } from 'undici';
import { fieldsOf, parseJson, textOf, valuesOf } from '../../src/core/fields.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts';
import { environmentOf, runProcess, setupArguments } from '../helpers/tenants.ts';
import { automationToken } from '../sandbox/start.ts';
import { seeded } from './cases.ts';
import type { Verdict } from './runner.ts';

const root = join(import.meta.dirname, '../..');
const program = join(root, 'bin/reporting-setup.js');
const rows = 5_000;

/** Ids of the rows that the tenant itself lists. */
async function listed(sandbox: Sandbox): Promise<string[]> {
  const dispatcher = new Agent({ connect: { ca: sandbox.caCertificate } });
  try {
    const call = (path: string, init: Parameters<typeof fetch>[1]) =>
      fetch(sandbox.origin + path, { ...init, dispatcher });
    const authorization = `Bearer ${await automationToken({ sandbox, call })}`;
    const ids: string[] = [];
    for (let url = `${sandbox.graphUrl}/v1.0/auditLogs/signIns`; url !== ''; ) {
      const page = await (await fetch(url, { headers: { authorization }, dispatcher })).json();
      ids.push(...valuesOf(page).map((row) => textOf(row['id'])));
      url = textOf(fieldsOf(page)['@odata.nextLink']);
    }
    return ids.sort();
  } finally {
    await dispatcher.destroy();
  }
}

/** How the program is cut: killed after a while, or by a disk that takes no more than so many kilobytes. */
type Cut = { readonly after: number } | { readonly kilobytes: number };

interface Place {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

const command = [join(root, 'test/helpers/unpaced.mjs'), join(root, 'dist/main.js')];

/** One run of the export; gives its exit code, undefined where it was killed. */
function runExport(
  output: string,
  cut: Cut | undefined,
  { folder, env }: Place,
): Promise<number | undefined> {
  const argv = [...command, 'explore', 'sign-ins', '--since', '30d', '--output', output];
  const limited = cut && 'kilobytes' in cut;
  const script = `trap '' XFSZ; ulimit -f ${limited ? cut.kilobytes : 'unlimited'}; exec "$0" "$@"`;
  const child = limited
    ? spawn('bash', ['-c', script, process.execPath, ...argv], { cwd: folder, env, stdio: 'ignore' })
    : spawn(process.execPath, argv, { cwd: folder, env, stdio: 'ignore' });
  const timer = cut && 'after' in cut ? setTimeout(() => child.kill('SIGKILL'), cut.after) : undefined;
  return new Promise((done) => {
    child.on('close', (code) => {
      clearTimeout(timer);
      done(code ?? undefined);
    });
  });
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** What of the promises an export does not keep. */
async function faultsOf(output: string, expected: readonly string[], { folder }: Place): Promise<string[]> {
  const path = join(folder, output);
  const text = await readFile(path, 'utf8').catch(() => '');
  const lines = text.split('\n').filter((line) => line !== '');
  const ids = lines.map((line) => textOf(fieldsOf(parseJson(line))['id'])).sort();
  return [
    ...(JSON.stringify(ids) === JSON.stringify(expected)
      ? []
      : [`${ids.length} rows, ${new Set(ids).size} of them different, in place of ${expected.length}`]),
    ...((await isThere(`${path}.part`)) ? ['the unfinished file is still there'] : []),
  ];
}

/** How many runs are cut before one is let go. */
const cuts = 4;

/** One export that is cut several times, then let go. */
async function cutExport(
  output: string,
  drawn: readonly Cut[],
  expected: readonly string[],
  place: Place,
): Promise<Pick<Verdict, 'code' | 'faults'>> {
  const faults: string[] = [];
  let code: number | undefined;
  for (const cut of drawn) {
    code = await runExport(output, cut, place);
    if (code === 0) break;
    if (await isThere(join(place.folder, output))) faults.push('a cut run left a file that looks whole');
  }
  const last = code === 0 ? 0 : await runExport(output, undefined, place);
  if (last !== 0) faults.push(`the last run ends with ${last}`);
  return { code, faults: [...faults, ...(await faultsOf(output, expected, place))] };
}

/** Gives `use` a tenant of many rows, and a folder with the file of a credential for it. */
async function inExportPlace(use: (sandbox: Sandbox, place: Place) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'reporting-setup-chaos-'));
  const sandbox = await startSandbox({ scenarios: [`many-rows:${rows}`, 'unthrottled'] });
  try {
    const { AZURE_CLIENT_ID: id = '', ...env } = await environmentOf(sandbox, folder);
    const administrator = { cwd: folder, env: { ...env, AZURE_CLIENT_ID: id } };
    const set = await runProcess(process.execPath, [program, ...setupArguments(sandbox)], administrator);
    if (set.code !== 0) throw new Error(`The built program does not run (${set.code}):\n${set.stderr}`);
    await use(sandbox, { folder, env });
  } finally {
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Cuts exports of many rows at instants that a seed draws, several times each, and lets the last run end: every row has to
 * be in the file once, as the tenant itself lists them. Needs a built program.
 */
export async function runExportKills(
  { count, seed }: { readonly count: number; readonly seed: number },
  isChosen: (id: string) => boolean,
  tell: (verdict: Verdict) => void,
): Promise<void> {
  const random = seeded(seed);
  await inExportPlace(async (sandbox, place) => {
    const expected = await listed(sandbox);
    const began = Date.now();
    await runExport('whole.ndjson', undefined, place);
    const whole = Date.now() - began;
    for (let index = 0; index < count; index += 1) {
      const isFull = index % 5 === 4;
      const drawn = Array.from({ length: cuts }, (): Cut => {
        const share = random();
        return isFull ? { kilobytes: 200 + Math.round(4_000 * share) } : { after: 50 + whole * share };
      });
      const id = `export-killed | ${isFull ? 'full disk' : 'SIGKILL'} | ${seed}.${index + 1}`;
      if (!isChosen(id)) continue;
      const group = isFull ? 'full disk' : 'kill at any instant';
      tell({
        situation: 'export',
        group,
        id,
        ...(await cutExport(`rows-${index}.ndjson`, drawn, expected, place)),
      });
    }
  });
}
