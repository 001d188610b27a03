import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runProcess } from '../helpers/tenants.ts';
import { build } from '../pty/built.ts';
import { hasAz, measureAz } from './az.ts';
import { describeMeasured, type Measured, withMeasured } from './document.ts';
import { hasPython, measureExport } from './export.ts';
import { measureFleet } from './fleet.ts';
import { measureInstall } from './install.ts';
import { measureStartUp, mostOfNodeAlone } from './startup.ts';
import { jobs, measureWizard } from './wizard.ts';

const latencies = [0, 50, 200];
const fleets = [[10], [100], [1_000], [1_000, 64]] as const;
const exported = [10_000, 100_000, 1_000_000];
const times = 5;

const document = join(import.meta.dirname, '../../docs/performance.md');

const say = (text: string): void => void process.stderr.write(`${text}\n`);

/** Milliseconds: the median. */
async function measureEmpty(runs: number): Promise<number> {
  const walls: number[] = [];
  for (let turn = 0; turn < runs; turn += 1) {
    walls.push((await runProcess(process.execPath, ['-e', '0'], { cwd: import.meta.dirname, env: {} })).wall);
  }
  return walls.sort((a, b) => a - b)[Math.floor(runs / 2)] ?? 0;
}

async function measureAll(program: string): Promise<Measured> {
  const wizard = [];
  const az = [];
  const fleet = [];
  const empty = await measureEmpty(times);
  say('start-up');
  const startUp = await measureStartUp(program);
  for (const latency of latencies) {
    say(`wizard at ${latency} ms`);
    wizard.push({ latency, costs: await measureWizard(program, latency, times) });
  }
  for (const latency of hasAz() ? latencies : []) {
    say(`az at ${latency} ms`);
    az.push({ latency, cost: await measureAz(latency) });
  }
  for (const [tenants, heap] of fleets) {
    say(`verify of ${tenants} tenants`);
    fleet.push(await measureFleet(program, tenants, heap));
  }
  const exports = [];
  for (const rows of exported) {
    say(`export of ${rows} rows`);
    exports.push(...(await measureExport(program, rows, ['ndjson', 'csv'], hasPython())));
  }
  say('install');
  const install = await measureInstall();
  return { wizard, az, fleet, exports, install, empty, startUp };
}

it('measures, prints, and writes docs/performance.md', async () => {
  const built = await build();
  try {
    const measured = await measureAll(built.program);
    const text = describeMeasured(measured);
    process.stdout.write(`\n${text}\n\n`);
    await writeFile(document, withMeasured(await readFile(document, 'utf8'), text));
    for (const { argument, ratio } of measured.startUp) {
      expect(ratio, argument).toBeLessThanOrEqual(mostOfNodeAlone);
    }
    // What does not depend on how busy the machine is.
    const { costs } = measured.wizard.at(-1) ?? { costs: undefined };
    for (const { name, most } of jobs) {
      const { chain = 0, signIn = 0 } = costs?.[name] ?? {};
      if (most !== undefined) expect(chain - signIn, name).toBeLessThanOrEqual(most);
    }
    for (const { client, rows, processor, memory } of measured.exports) {
      if (!client.startsWith('explore')) continue;
      if (rows === 1_000_000) expect(processor, client).toBeLessThanOrEqual(50_000);
      expect(memory, `${client}, ${rows} rows`).toBeLessThan(150_000_000);
    }
    for (const { tenants, inOrder } of measured.fleet) expect(inOrder).toBe(tenants);
  } finally {
    await built.remove();
  }
});
