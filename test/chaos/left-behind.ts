import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { everyFault } from '../../src/sandbox/index.ts';
import { type ChaosWorld, configName, type Outcome, openWorld, type Snapshot } from './chaos-world.ts';
import { arm, type Spot } from './disturbances.ts';
import {
  configFaults,
  endingFaults,
  leaks,
  ownApplication,
  settledFaults,
  successFaults,
} from './expected.ts';
import type { Verdict } from './runner.ts';
import { prepareSituation, type Situation, situations } from './situations.ts';

/** Something that lies next to the output, or in the user's own folder, when a run begins. */
interface Planted {
  readonly name: string;
  /** Puts it there; gives the names next to the output that may stay. */
  readonly plant: (world: ChaosWorld) => Promise<readonly string[]>;
  /** A person may have to take it away before the same command goes on; the run says so. */
  readonly mayStop?: true;
}

const lockName = `${configName}.lock`;
const noteName = `${configName}.pending`;

const file =
  (name: string, text: (world: ChaosWorld) => string) =>
  async (world: ChaosWorld): Promise<readonly string[]> => {
    await writeFile(join(world.folder, name), text(world), { mode: 0o600 });
    return [name];
  };

const folder =
  (name: string) =>
  async (world: ChaosWorld): Promise<readonly string[]> => {
    await mkdir(join(world.folder, name));
    return [name];
  };

/** The victim must be as it was: its contents are looked at with those of the user's own folder. */
const victim = 'precious.txt';

const link =
  (name: string) =>
  async (world: ChaosWorld): Promise<readonly string[]> => {
    await writeFile(join(world.home, victim), 'precious');
    await symlink(join(world.home, victim), join(world.folder, name));
    return [name];
  };

/** A note that names another machine's valid secret, as a run of that machine would have left it. */
function foreignNote(world: ChaosWorld): string {
  const own = ownApplication(world.sandbox.tenant);
  const markers = (own?.passwordCredentials ?? []).map(({ displayName, endDateTime }) => ({
    applicationId: own?.id,
    displayName,
    endDateTime,
    knownKeyIds: [],
  }));
  return JSON.stringify({ version: 1, markers: markers.slice(-1) });
}

const owner = (pid: number, host: string): string =>
  `${JSON.stringify({ pid, host, id: 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa' })}\n`;

/** No process has such a number on Linux. */
const nobody = 4_194_305;

const planted: readonly Planted[] = [
  { name: 'an empty lock', plant: file(lockName, () => '') },
  { name: 'half a lock', plant: file(lockName, () => owner(nobody, hostname()).slice(0, 20)) },
  { name: 'a lock that is no JSON', plant: file(lockName, () => '\u0000\u0001locked\n'), mayStop: true },
  { name: 'a lock of a process that ended', plant: file(lockName, () => owner(nobody, hostname())) },
  { name: 'a lock of another machine', plant: file(lockName, () => owner(1, 'elsewhere')), mayStop: true },
  { name: 'a folder in the place of the lock', plant: folder(lockName), mayStop: true },
  { name: 'a link in the place of the lock', plant: link(lockName), mayStop: true },
  { name: 'an empty note', plant: file(noteName, () => '') },
  { name: 'half a note', plant: file(noteName, (world) => foreignNote(world).slice(0, 30)) },
  { name: 'a note that is no JSON', plant: file(noteName, () => '\u0000') },
  { name: "a note of somebody else's secret", plant: file(noteName, foreignNote) },
  { name: 'a folder in the place of the note', plant: folder(noteName), mayStop: true },
  { name: 'a link in the place of the note', plant: link(noteName), mayStop: true },
];

const addPassword: Spot = { name: 'POST /applications/*/addPassword', occurrence: 1, items: 0 };

/** What is made of every file that a run left besides the config file and its key. */
const spoils: Readonly<Record<string, (text: string) => string | undefined>> = {
  emptied: () => '',
  cut: (text) => text.slice(0, text.length / 2),
  'no JSON': () => '\u0000\u0001\u0002',
  'a number': () => '7',
  gone: () => undefined,
};

/** A run loses the reply with its secret for good, and what it left to remember that by is spoilt. */
async function spoilRecords(
  spoil: (text: string) => string | undefined,
  argv: readonly string[],
  world: ChaosWorld,
) {
  arm(
    addPassword,
    { kind: 'fault', label: 'reset', fault: everyFault.reset, when: 'after', lasting: true },
    world,
    () => undefined,
  );
  await world.run(argv);
  world.sandbox.faults.clear();
  const files: readonly (readonly [string, string])[] = [
    ...Object.entries(world.files()).map(([name, text]) => [join(world.folder, name), text] as const),
    ...Object.entries(world.state()).map(([name, text]) => [join(world.home, name), text] as const),
  ];
  for (const [path, text] of files) {
    if (path === join(world.folder, configName) || path.endsWith('.pem')) continue;
    const spoilt = spoil(text);
    if (spoilt === undefined) await rm(path, { force: true });
    else await mkdir(dirname(path), { recursive: true }).then(() => writeFile(path, spoilt, { mode: 0o600 }));
  }
}

const wasTold = (secrets: readonly { readonly keyId: string }[], { stdout, stderr }: Outcome): boolean =>
  secrets.every(({ keyId }) => (stdout + stderr).includes(keyId));

/** Secrets of the application that no file of this machine holds and that were not there before. */
function unheld(world: ChaosWorld, before: Snapshot): readonly { readonly keyId: string }[] {
  const own = ownApplication(world.sandbox.tenant);
  const earlier = before.tenant.applications?.find(({ id }) => id === own?.id)?.passwordCredentials ?? [];
  const text = world.files()[configName] ?? '';
  return (own?.passwordCredentials ?? []).filter(
    ({ keyId }) => !text.includes(keyId) && !earlier.some((secret) => secret.keyId === keyId),
  );
}

async function runPlanted(
  { plant, mayStop }: Planted,
  situation: Situation,
  world: ChaosWorld,
  before: Snapshot,
) {
  const names = await plant(world);
  const first = await world.run(situation.argv);
  world.pass(15_000);
  const allowed = new Set([situation.settled, ...(mayStop ? [1, 2, 3] : [])]);
  const faults = endingFaults(first, allowed);
  faults.push(...successFaults(first, world, situation, before));
  if (first.code !== situation.settled) {
    for (const name of names) await rm(join(world.folder, name), { recursive: true, force: true });
  }
  return { first, faults, names };
}

async function runOne(
  id: string,
  situation: Situation,
  world: ChaosWorld,
  before: Snapshot,
  work: () => Promise<{
    readonly first: Outcome;
    readonly faults: string[];
    readonly names: readonly string[];
  }>,
): Promise<Verdict> {
  await world.restore(before);
  const known = world.sandbox.issued.size;
  const { first, faults, names } = await work();
  faults.push(...configFaults(world.files()[configName], before.files[configName]));
  const second = await world.run(situation.argv);
  world.pass(15_000);
  if (second.code !== situation.settled) faults.push(`the next run ends with ${second.code}`);
  else faults.push(...settledFaults(world, situation, before, names));
  const precious = world.state()[victim];
  if (precious !== undefined && precious !== 'precious') faults.push('what a link leads to was written to');
  const secrets = [...world.sandbox.issued].slice(known);
  faults.push(...leaks(first, secrets), ...leaks(second, secrets));
  const printed = [first.stderr, second.stderr].join('\n--- the next run\n');
  return {
    situation: `left-behind, ${situation.name}`,
    group: 'left behind',
    id,
    code: first.code,
    faults: [...new Set(faults)],
    ...(faults.length > 0 ? { printed } : {}),
  };
}

/** A lost secret may stay where nothing remembers it any more, but not without being told of. */
const isToldLeftover = (fault: string, told: boolean): boolean =>
  told && /^\d+ secrets of this machine$/.test(fault);

async function runSpoilt(
  id: string,
  spoil: (text: string) => string | undefined,
  situation: Situation,
  world: ChaosWorld,
  before: Snapshot,
): Promise<Verdict> {
  let told = false;
  const verdict = await runOne(id, situation, world, before, async () => {
    await spoilRecords(spoil, situation.argv, world);
    const first = await world.run(situation.argv);
    told = wasTold(unheld(world, before), first);
    const faults = endingFaults(first, new Set([0, 3, 6]));
    return { first, faults: [...faults, ...successFaults(first, world, situation, before)], names: [] };
  });
  return { ...verdict, faults: verdict.faults.filter((fault) => !isToldLeftover(fault, told)) };
}

const concerned = ['fresh-app', 'again', 'secret-gone', 'second-machine'];

/** Runs that find things which somebody, or an earlier run, left behind. */
export async function runLeftBehind(
  isChosen: (id: string) => boolean,
  tell: (verdict: Verdict) => void,
): Promise<void> {
  for (const situation of situations.filter(({ name }) => concerned.includes(name))) {
    const world = await openWorld(situation.scenarios, situation.ahead);
    try {
      const before = await prepareSituation(situation, world);
      for (const thing of planted) {
        const id = `left-behind | ${situation.name} | ${thing.name}`;
        if (!isChosen(id)) continue;
        tell(await runOne(id, situation, world, before, () => runPlanted(thing, situation, world, before)));
      }
      for (const [name, spoil] of Object.entries(spoils)) {
        const id = `left-behind | ${situation.name} | the records of a run that was cut, ${name}`;
        if (situation.name === 'again' || !isChosen(id)) continue;
        tell(await runSpoilt(id, spoil, situation, world, before));
      }
    } finally {
      await world.close();
    }
  }
}
