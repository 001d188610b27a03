import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seeded } from './cases.ts';
import { type ChaosWorld, configName, type Outcome, openWorld, type Snapshot } from './chaos-world.ts';
import { at, type Spot, spotsOf, type When } from './disturbances.ts';
import { configFaults, leaks, settledFaults, storedSecrets, workingFaults } from './expected.ts';
import type { Verdict } from './runner.ts';
import { makeReplacedDue, plantForeignSecret, removeOwnSecrets, type Situation } from './situations.ts';

const program = join(import.meta.dirname, '../../bin/reporting-setup.js');

/** A world whose runs are processes of their own, so that they can be killed. */
export interface Killing {
  readonly world: ChaosWorld;
  close(): Promise<void>;
  /** A command of the credential's life, or all the words of another; `node` is what stands before the program. */
  start(
    more?: readonly string[],
    command?: Command | readonly string[],
    node?: readonly string[],
  ): { readonly child: ChildProcess; readonly ended: Promise<Outcome> };
}

/** What is run: setup, or the rotation of what setup made. */
type Command = 'setup' | 'rotate';

export async function prepareKilling(scenarios: readonly string[] = ['default']): Promise<Killing> {
  const world = await openWorld(scenarios);
  const { sandbox, folder, home } = world;
  const certificates = await mkdtemp(join(tmpdir(), 'reporting-setup-ca-'));
  const certificate = join(certificates, 'ca.pem');
  await writeFile(certificate, sandbox.caCertificate);
  const argv = ['--yes', '--json'];
  const asAutomation = ['--auth', 'environment'];
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
    world,
    close: async () => {
      await world.close();
      await rm(certificates, { recursive: true });
    },
    start(more = [], command = 'setup', node = []) {
      const signIn = more.includes('--self') ? [] : asAutomation;
      const given = typeof command === 'string' ? [command, ...argv, ...signIn] : command;
      const words = [...node, program, ...given, ...place, ...more];
      const child = spawn(process.execPath, words, { cwd: folder, env });
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

/** Where a killed run starts from, and what it is asked to do besides. */
type Killed = Pick<Situation, 'name' | 'prepare'> & {
  readonly more: readonly string[];
  readonly command?: Command;
};

const nothing = async (): Promise<void> => undefined;

const fresh: Killed = { name: 'fresh', prepare: nothing, more: [] };

const certificate = ['--credential', 'certificate'];

/** The others come less often: they have the same instants in common. */
const killed: readonly Killed[] = [
  fresh,
  {
    name: 'secret-gone',
    prepare: async (world) => {
      plantForeignSecret(world);
      removeOwnSecrets(world);
    },
    more: [],
  },
  fresh,
  { name: 'certificate', prepare: nothing, more: certificate },
  fresh,
  { name: 'secret-to-certificate', prepare: async (world) => plantForeignSecret(world), more: certificate },
];

/** Rotations that are killed at each of their requests; each begins with what the first command line makes. */
const killedRotations: readonly (Killed & {
  readonly first: readonly string[];
  readonly between?: readonly string[];
})[] = [
  {
    name: 'rotate',
    prepare: async (world) => plantForeignSecret(world),
    more: [],
    command: 'rotate',
    first: [],
  },
  {
    name: 'rotate-retiring',
    prepare: makeReplacedDue,
    more: ['--if-expires-within', '30d'],
    command: 'rotate',
    first: [],
    between: [],
  },
  {
    name: 'rotate-at-once',
    prepare: nothing,
    more: ['--overlap', '0'],
    command: 'rotate',
    first: [],
  },
  { name: 'self-roll', prepare: nothing, more: ['--self'], command: 'rotate', first: certificate },
  {
    name: 'self-roll-retiring',
    prepare: makeReplacedDue,
    more: ['--self', '--if-expires-within', '30d'],
    command: 'rotate',
    first: certificate,
    between: ['--self'],
  },
];

/** Brings tenant and folders into the state before the run. */
async function prepare({ name, prepare, more }: Killed, { world, start }: Killing): Promise<Snapshot> {
  if (name === 'secret-gone' || name === 'secret-to-certificate') {
    const { code, stderr } = await start().ended;
    if (code !== 0) throw new Error(`The built program does not run ${more} (${code}):\n${stderr}`);
  }
  await prepare(world);
  return world.take();
}

/** What would have become a lock: it says nothing, and goes once nobody can be writing it any more. */
const unfinishedLocks = (world: ChaosWorld): string[] =>
  Object.entries(world.files())
    .filter(([name, text]) => /^\.reporting-setup-[\da-f]{12}-.*\.tmp$/.test(name) && text === '')
    .map(([name]) => name);

/** Runs once with `kill` to end it, then to its end; the verdict is on what is there by then. */
async function killOnce(
  { name, more, command }: Killed,
  before: Snapshot,
  { world, start }: Killing,
  kill: (child: ChildProcess) => void,
): Promise<{ readonly code: number | undefined; readonly faults: string[] }> {
  await world.restore(before);
  const known = world.sandbox.issued.size;
  const { child, ended } = start(more, command);
  kill(child);
  const first = await ended;
  world.sandbox.faults.clear();
  const faults = configFaults(world.files()[configName], before.files[configName]);
  if (command === 'rotate') faults.push(...workingFaults(world));
  const second = await start(more, command).ended;
  const situation = { name, unchanged: false } as const;
  if (second.code === 0) faults.push(...settledFaults(world, situation, before, unfinishedLocks(world)));
  else faults.push(`the next run ends with ${second.code}: ${second.stderr}`);
  const secrets = [...world.sandbox.issued].slice(known);
  faults.push(...leaks(first, secrets), ...leaks(second, secrets), ...storedSecrets(world, secrets));
  return { code: first.code, faults };
}

async function killAt(
  spot: Spot,
  when: When,
  before: Snapshot,
  killing: Killing,
  kind: Killed = fresh,
): Promise<Verdict> {
  const { code, faults } = await killOnce(kind, before, killing, (child) => {
    const isHere = at(spot, false);
    killing.world.sandbox.faults.add({
      when,
      fault: { kind: 'reset' },
      matches: (target) => isHere(target) && child.kill('SIGKILL'),
    });
  });
  if (code !== undefined) faults.push('it was not killed');
  return {
    situation: kind === fresh ? 'killed' : `killed, ${kind.name}`,
    group: 'kill',
    id: `killed${kind === fresh ? '' : `-${kind.name}`} | ${spot.name}${spot.occurrence > 1 ? `#${spot.occurrence}` : ''} | SIGKILL ${when}`,
    code,
    faults,
  };
}

/** Kills a fresh setup at each of its requests, before and after the server acted. Needs a built program. */
export async function runKills(
  isChosen: (id: string) => boolean,
  tell: (verdict: Verdict) => void,
): Promise<void> {
  const killing = await prepareKilling();
  try {
    const empty = killing.world.take();
    const { code, stderr } = await killing.start().ended;
    if (code !== 0) throw new Error(`The built program does not run (${code}):\n${stderr}`);
    const spots = spotsOf(killing.world.sandbox.requests);
    for (const spot of spots) {
      for (const when of ['before', 'after'] as const) {
        if (isChosen(`killed | ${spot.name} | SIGKILL ${when}`))
          tell(await killAt(spot, when, empty, killing));
      }
    }
  } finally {
    await killing.close();
  }
}

/** Kills rotations at each of their requests. Needs a built program. */
export async function runKilledRotations(
  isChosen: (id: string) => boolean,
  tell: (verdict: Verdict) => void,
): Promise<void> {
  for (const kind of killedRotations) {
    if (!isChosen(`killed-${kind.name} | `)) continue;
    // What one run has read of the logs would make the next one ask again, at requests of its own.
    const killing = await prepareKilling(['default', 'unthrottled']);
    try {
      const { world, start } = killing;
      const made = [await start(kind.first).ended];
      if (kind.between) made.push(await start(kind.between, 'rotate').ended);
      const failed = made.find(({ code }) => code !== 0);
      if (failed) throw new Error(`${kind.name} cannot be prepared (${failed.code}):\n${failed.stderr}`);
      await kind.prepare(world);
      const before = world.take();
      const known = world.sandbox.requests.length;
      await start(kind.more, kind.command).ended;
      const spots = spotsOf(world.sandbox.requests.slice(known));
      for (const spot of spots) {
        for (const when of ['before', 'after'] as const)
          tell(await killAt(spot, when, before, killing, kind));
      }
    } finally {
      await killing.close();
    }
  }
}

/** How much of a run is over before it does anything that could be cut: Node's own start. */
const quiet = 0.1;

/** How long an undisturbed run takes, in milliseconds: the shorter of two. */
async function timeOf({ more }: Killed, before: Snapshot, { world, start }: Killing): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < 2; run += 1) {
    await world.restore(before);
    const began = Date.now();
    await start(more).ended;
    times.push(Date.now() - began);
  }
  return Math.min(...times);
}

/**
 * Kills runs at instants that a seed draws, wherever they are then: between two requests, while a file is written, as a
 * lock is made. Needs a built program.
 */
export async function runKillsAnywhere(
  { count, seed }: { readonly count: number; readonly seed: number },
  isChosen: (id: string) => boolean,
  tell: (verdict: Verdict) => void,
): Promise<void> {
  const random = seeded(seed);
  const drawn = Array.from({ length: count }, (_, index) => {
    const share = quiet + (1 - quiet) * random();
    const kind = killed[index % killed.length] ?? fresh;
    return {
      kind,
      share,
      id: `killed-anywhere | ${kind.name} | ${seed}.${index + 1}, after ${share.toFixed(3)} of a run`,
    };
  }).filter(({ id }) => isChosen(id));
  for (const kind of new Set(drawn.map((one) => one.kind))) {
    const killing = await prepareKilling();
    try {
      const before = await prepare(kind, killing);
      let whole = await timeOf(kind, before, killing);
      for (const { id, share } of drawn.filter((one) => one.kind === kind)) {
        const began = Date.now();
        const { code, faults } = await killOnce(kind, before, killing, (child) => {
          const timer = setTimeout(() => child.kill('SIGKILL'), share * whole);
          child.once('close', (ended) => {
            clearTimeout(timer);
            if (ended === null) return;
            // It was faster than those that were timed, as runs are where the machine has less to do by now.
            whole = Math.min(whole, Date.now() - began);
          });
        });
        tell({ situation: `killed-anywhere, ${kind.name}`, group: 'kill at any instant', id, code, faults });
      }
    } finally {
      await killing.close();
    }
  }
}
