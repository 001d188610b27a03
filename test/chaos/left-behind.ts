import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { everyFault } from '../../src/sandbox/index.ts';
import { type Bench, configName, type Outcome, openBench, type Snapshot } from './bench.ts';
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
  readonly plant: (bench: Bench) => Promise<readonly string[]>;
  /** A person may have to take it away before the same command goes on; the run says so. */
  readonly mayStop?: true;
}

const lockName = `${configName}.lock`;
const noteName = `${configName}.pending`;

const file =
  (name: string, text: (bench: Bench) => string) =>
  async (bench: Bench): Promise<readonly string[]> => {
    await writeFile(join(bench.folder, name), text(bench), { mode: 0o600 });
    return [name];
  };

const folder =
  (name: string) =>
  async (bench: Bench): Promise<readonly string[]> => {
    await mkdir(join(bench.folder, name));
    return [name];
  };

/** The victim must be as it was: its contents are looked at with those of the user's own folder. */
const victim = 'precious.txt';

const link =
  (name: string) =>
  async (bench: Bench): Promise<readonly string[]> => {
    await writeFile(join(bench.home, victim), 'precious');
    await symlink(join(bench.home, victim), join(bench.folder, name));
    return [name];
  };

/** A note that names another machine's valid secret, as a run of that machine would have left it. */
function foreignNote(bench: Bench): string {
  const own = ownApplication(bench.sandbox.tenant);
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
  { name: 'a lock that is no JSON', plant: file(lockName, () => '\u0000\u0001locked\n') },
  { name: 'a lock of a process that ended', plant: file(lockName, () => owner(nobody, hostname())) },
  { name: 'a lock of another machine', plant: file(lockName, () => owner(1, 'elsewhere')), mayStop: true },
  { name: 'a folder in the place of the lock', plant: folder(lockName), mayStop: true },
  { name: 'a link in the place of the lock', plant: link(lockName), mayStop: true },
  { name: 'an empty note', plant: file(noteName, () => '') },
  { name: 'half a note', plant: file(noteName, (bench) => foreignNote(bench).slice(0, 30)) },
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
  bench: Bench,
) {
  arm(
    addPassword,
    { kind: 'fault', label: 'reset', fault: everyFault.reset, when: 'after', lasting: true },
    bench,
    () => undefined,
  );
  await bench.run(argv);
  bench.sandbox.faults.clear();
  const files: readonly (readonly [string, string])[] = [
    ...Object.entries(bench.files()).map(([name, text]) => [join(bench.folder, name), text] as const),
    ...Object.entries(bench.state()).map(([name, text]) => [join(bench.home, name), text] as const),
  ];
  for (const [path, text] of files) {
    if (path === join(bench.folder, configName) || path.endsWith('.pem')) continue;
    const spoilt = spoil(text);
    if (spoilt === undefined) await rm(path, { force: true });
    else await mkdir(dirname(path), { recursive: true }).then(() => writeFile(path, spoilt, { mode: 0o600 }));
  }
}

const wasTold = (secrets: readonly { readonly keyId: string }[], { stdout, stderr }: Outcome): boolean =>
  secrets.every(({ keyId }) => (stdout + stderr).includes(keyId));

/** Secrets of the application that no file of this machine holds and that were not there before. */
function unheld(bench: Bench, before: Snapshot): readonly { readonly keyId: string }[] {
  const own = ownApplication(bench.sandbox.tenant);
  const earlier = before.tenant.applications?.find(({ id }) => id === own?.id)?.passwordCredentials ?? [];
  const text = bench.files()[configName] ?? '';
  return (own?.passwordCredentials ?? []).filter(
    ({ keyId }) => !text.includes(keyId) && !earlier.some((secret) => secret.keyId === keyId),
  );
}

async function runPlanted({ plant, mayStop }: Planted, situation: Situation, bench: Bench, before: Snapshot) {
  const names = await plant(bench);
  const first = await bench.run(situation.argv);
  bench.pass(15_000);
  const allowed = new Set([situation.settled, ...(mayStop ? [1, 2, 3] : [])]);
  const faults = endingFaults(first, allowed);
  faults.push(...successFaults(first, bench, situation, before));
  if (first.code !== situation.settled) {
    for (const name of names) await rm(join(bench.folder, name), { recursive: true, force: true });
  }
  return { first, faults, names };
}

async function runOne(
  id: string,
  situation: Situation,
  bench: Bench,
  before: Snapshot,
  work: () => Promise<{
    readonly first: Outcome;
    readonly faults: string[];
    readonly names: readonly string[];
  }>,
): Promise<Verdict> {
  await bench.restore(before);
  const known = bench.sandbox.issued.size;
  const { first, faults, names } = await work();
  faults.push(...configFaults(bench.files()[configName], before.files[configName]));
  const second = await bench.run(situation.argv);
  bench.pass(15_000);
  if (second.code !== situation.settled) faults.push(`the next run ends with ${second.code}`);
  else faults.push(...settledFaults(bench, situation, before, names));
  const precious = bench.state()[victim];
  if (precious !== undefined && precious !== 'precious') faults.push('what a link leads to was written to');
  const secrets = [...bench.sandbox.issued].slice(known);
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
  bench: Bench,
  before: Snapshot,
): Promise<Verdict> {
  let told = false;
  const verdict = await runOne(id, situation, bench, before, async () => {
    await spoilRecords(spoil, situation.argv, bench);
    const first = await bench.run(situation.argv);
    told = wasTold(unheld(bench, before), first);
    const faults = endingFaults(first, new Set([0, 3, 6]));
    return { first, faults: [...faults, ...successFaults(first, bench, situation, before)], names: [] };
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
    const bench = await openBench(situation.scenarios, situation.ahead);
    try {
      const before = await prepareSituation(situation, bench);
      for (const thing of planted) {
        const id = `left-behind | ${situation.name} | ${thing.name}`;
        if (!isChosen(id)) continue;
        tell(await runOne(id, situation, bench, before, () => runPlanted(thing, situation, bench, before)));
      }
      for (const [name, spoil] of Object.entries(spoils)) {
        const id = `left-behind | ${situation.name} | the records of a run that was cut, ${name}`;
        if (situation.name === 'again' || !isChosen(id)) continue;
        tell(await runSpoilt(id, spoil, situation, bench, before));
      }
    } finally {
      await bench.close();
    }
  }
}
