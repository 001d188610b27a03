import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bench, configName, type Outcome, openBench } from './bench.ts';
import { at, type Spot, spotsOf, type When } from './disturbances.ts';
import { configFaults, leaks, settledFaults } from './expected.ts';
import type { Verdict } from './runner.ts';

const program = join(import.meta.dirname, '../../bin/reporting-setup.js');

/** A bench whose runs are processes of their own, so that they can be killed. */
interface Killing {
  readonly bench: Bench;
  close(): Promise<void>;
  start(): { readonly child: ChildProcess; readonly ended: Promise<Outcome> };
}

async function prepareKilling(): Promise<Killing> {
  const bench = await openBench(['default']);
  const { sandbox, folder } = bench;
  const home = await mkdtemp(join(tmpdir(), 'reporting-setup-home-'));
  const certificate = join(home, 'ca.pem');
  await writeFile(certificate, sandbox.caCertificate);
  const argv = ['setup', '--yes', '--json', '--auth', 'environment'];
  const place = ['--authority-host', sandbox.authorityHost, '--graph-url', sandbox.graphUrl];
  const env = {
    PATH: process.env['PATH'],
    HOME: home,
    NODE_EXTRA_CA_CERTS: certificate,
    AZURE_TENANT_ID: sandbox.tenantId,
    AZURE_CLIENT_ID: sandbox.automation.clientId,
    AZURE_CLIENT_SECRET: sandbox.automation.clientSecret,
  };
  return {
    bench,
    close: async () => {
      await bench.close();
      await rm(home, { recursive: true });
    },
    start() {
      const child = spawn(process.execPath, [program, ...argv, ...place], { cwd: folder, env });
      let [stdout, stderr] = ['', ''];
      child.stdout.on('data', (chunk: Buffer) => {
        stdout += chunk;
      });
      child.stderr.on('data', (chunk: Buffer) => {
        stderr += chunk;
      });
      const ended = new Promise<Outcome>((resolve) => {
        child.on('close', (code) => resolve({ code: code ?? undefined, stdout, stderr, requests: [] }));
      });
      return { child, ended };
    },
  };
}

const fresh = {
  name: 'killed',
  scenarios: ['default'],
  argv: [],
  prepare: async () => undefined,
  unchanged: false,
  stride: 1,
  perBench: 1,
};

async function killAt(spot: Spot, when: When, { bench, start }: Killing): Promise<Verdict> {
  const before = bench.take();
  const known = bench.sandbox.issued.size;
  const { child, ended } = start();
  const isHere = at(spot, false);
  bench.sandbox.faults.add({
    when,
    fault: { kind: 'reset' },
    matches: (target) => isHere(target) && child.kill('SIGKILL'),
  });
  const first = await ended;
  bench.sandbox.faults.clear();
  const faults = configFaults(bench.files()[configName], before.files[configName]);
  if (first.code !== undefined) faults.push('it was not killed');
  const second = await start().ended;
  if (second.code === 0) faults.push(...settledFaults(bench, fresh, before));
  else faults.push(`the next run ends with ${second.code}: ${second.stderr}`);
  const secrets = [...bench.sandbox.issued].slice(known);
  faults.push(...leaks(first, secrets), ...leaks(second, secrets));
  return {
    situation: fresh.name,
    group: 'kill',
    id: `killed | ${spot.name}${spot.occurrence > 1 ? `#${spot.occurrence}` : ''} | SIGKILL ${when}`,
    code: first.code,
    faults,
  };
}

/** Kills a fresh setup at each of its requests, before and after the server acted. Needs a built program. */
export async function runKills(tell: (verdict: Verdict) => void): Promise<void> {
  const killing = await prepareKilling();
  try {
    const empty = killing.bench.take();
    const { code, stderr } = await killing.start().ended;
    if (code !== 0) throw new Error(`The built program does not run (${code}):\n${stderr}`);
    const spots = spotsOf(killing.bench.sandbox.requests);
    for (const spot of spots) {
      for (const when of ['before', 'after'] as const) {
        await killing.bench.restore(empty);
        tell(await killAt(spot, when, killing));
      }
    }
  } finally {
    await killing.close();
  }
}
