import { createHash, randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ChaosWorld, configName, type Outcome, type Snapshot } from './chaos-world.ts';
import { ownApplication } from './expected.ts';
import { teardownJudge } from './teardown-judge.ts';

/** What a run is held against, where it is none of setup or verify. Each gives what is wrong. */
export interface Judge {
  /** The config file at any instant. */
  readonly config: (text: string | undefined, before: Snapshot, world: ChaosWorld) => string[];
  /** What the disturbed run says of the tenant. */
  readonly claims: (outcome: Outcome, world: ChaosWorld, before: Snapshot) => string[];
  /** After the plain run that follows. */
  readonly settled: (world: ChaosWorld, before: Snapshot) => string[];
}

/** Where a run starts from, and what it is asked to do. */
export interface Situation {
  readonly name: string;
  readonly scenarios: readonly string[];
  readonly argv: readonly string[];
  /** Brings tenant and folder into the state before the run. */
  readonly prepare: (world: ChaosWorld) => Promise<void>;
  /** The run has no reason to change anything. */
  readonly unchanged: boolean;
  /** Of its many or slow cases only every one of that number is run. */
  readonly stride: number;
  /** Milliseconds by which the machine's clock is ahead of the tenant's. */
  readonly ahead: number;
  /** How an undisturbed run ends. */
  readonly settled: 0 | 6;
  /** The file holds a credential that works, and has to at every instant. */
  readonly keepsWorking?: true;
  /** Cases that share one sandbox. One where the SDK signs by its own clock, which waiting does not move. */
  readonly perWorld: number;
  readonly judge?: Judge;
}

/** It remembers every request, so it is renewed now and then. */
const usual = { scenarios: ['default'], stride: 1, perWorld: 60, ahead: 0, settled: 0 } as const;

const nothing = async (): Promise<void> => undefined;

const asUser = ['--sandbox', '--yes', '--json', '--debug'];
const asApplication = [...asUser, '--auth', 'environment'];
const withCertificate = [...asApplication, '--credential', 'certificate'];

async function setUp(world: ChaosWorld, argv: readonly string[] = asApplication): Promise<void> {
  const { code, stderr } = await world.run(argv);
  if (code !== 0) throw new Error(`The situation cannot be prepared (exit code ${code}):\n${stderr}`);
  world.pass(15_000);
}

/** A secret that looks like ours in every way a person would notice, made on another machine. */
export function plantForeignSecret(world: ChaosWorld): void {
  const application = ownApplication(world.sandbox.tenant);
  const [model] = application?.passwordCredentials ?? [];
  if (application === undefined || model === undefined) throw new Error('There is no secret to imitate.');
  const secretHash = createHash('sha256').update(randomUUID()).digest('hex');
  application.passwordCredentials.push({ ...model, keyId: randomUUID(), secretHash });
}

/** Somebody removed the secret of this machine. */
export function removeOwnSecrets(world: ChaosWorld): void {
  const application = ownApplication(world.sandbox.tenant);
  application?.passwordCredentials.splice(0, 1);
}

const teardown = (mode: 'deactivate' | 'delete' | 'purge'): Situation => ({
  ...usual,
  name: `teardown-${mode}`,
  argv: [
    'teardown',
    '--sandbox',
    '--json',
    '--debug',
    '--auth',
    'environment',
    '--mode',
    mode,
    '--confirm',
    'Reporting API application',
  ],
  prepare: async (world) => {
    await setUp(world);
    plantForeignSecret(world);
  },
  unchanged: false,
  stride: 8,
  judge: teardownJudge(mode),
});
const asRotation = ['rotate', '--sandbox', '--yes', '--json', '--debug', '--auth', 'environment'];
const retiring = [...asRotation, '--if-expires-within', '30d'];
const bySelf = ['rotate', '--sandbox', '--yes', '--json', '--debug', '--self'];

/** The time of what the file names as replaced is over, and nobody has used it since. */
export async function makeReplacedDue(world: ChaosWorld): Promise<void> {
  const path = join(world.folder, configName);
  const config = JSON.parse(await readFile(path, 'utf8')) as { credential: { previous?: object[] } };
  const before = (days: number): string => new Date(world.now() - days * 86_400_000).toISOString();
  const times = { replacedAt: before(9), retireAfter: before(2) };
  const previous = (config.credential.previous ?? []).map((entry) => ({ ...entry, ...times }));
  const text = JSON.stringify({ ...config, credential: { ...config.credential, previous } });
  await writeFile(path, text, { mode: 0o600 });
  world.tenant.activity.clientSignIns = [];
}

async function setUpAndRotate(world: ChaosWorld, first: readonly string[], rotation: readonly string[]) {
  await setUp(world, first);
  plantForeignSecretIfAny(world);
  await setUp(world, rotation);
  await makeReplacedDue(world);
}

function plantForeignSecretIfAny(world: ChaosWorld): void {
  const { passwordCredentials = [] } = ownApplication(world.sandbox.tenant) ?? {};
  if (passwordCredentials.length > 0) plantForeignSecret(world);
}

const rotating = { ...usual, unchanged: false, keepsWorking: true } as const;

const rotations: readonly Situation[] = [
  {
    ...rotating,
    name: 'rotate',
    argv: asRotation,
    prepare: async (world) => {
      await setUp(world);
      plantForeignSecret(world);
    },
  },
  {
    ...rotating,
    name: 'rotate-retiring',
    argv: retiring,
    prepare: (world) => setUpAndRotate(world, asApplication, asRotation),
  },
  {
    ...rotating,
    name: 'rotate-at-once',
    argv: [...asRotation, '--overlap', '0'],
    prepare: async (world) => {
      await setUp(world);
      plantForeignSecret(world);
    },
    stride: 3,
  },
  {
    ...rotating,
    name: 'rotate-to-certificate',
    argv: [...asRotation, '--credential', 'certificate'],
    prepare: async (world) => {
      await setUp(world);
      plantForeignSecret(world);
    },
    stride: 9,
    perWorld: 1,
  },
  {
    ...rotating,
    name: 'self-roll',
    argv: bySelf,
    prepare: (world) => setUp(world, withCertificate),
    stride: 5,
    perWorld: 1,
  },
  {
    ...rotating,
    name: 'self-roll-retiring',
    argv: [...bySelf, '--if-expires-within', '30d'],
    prepare: (world) => setUpAndRotate(world, withCertificate, bySelf),
    stride: 5,
    perWorld: 1,
  },
];

export const situations: readonly Situation[] = [
  { ...usual, name: 'fresh-user', argv: asUser, prepare: nothing, unchanged: false },
  { ...usual, name: 'fresh-app', argv: asApplication, prepare: nothing, unchanged: false },
  {
    ...usual,
    name: 'fresh-undo',
    argv: [...asApplication, '--on-failure', 'undo'],
    prepare: nothing,
    unchanged: false,
    stride: 6,
  },
  {
    ...usual,
    name: 'wrong-clock',
    argv: asApplication,
    prepare: nothing,
    unchanged: false,
    stride: 8,
    ahead: 600_000,
    settled: 6,
  },
  {
    ...usual,
    name: 'again',
    argv: asApplication,
    prepare: async (world) => {
      await setUp(world);
      plantForeignSecret(world);
    },
    unchanged: true,
  },
  {
    ...usual,
    name: 'secret-gone',
    argv: asApplication,
    prepare: async (world) => {
      await setUp(world);
      plantForeignSecret(world);
      removeOwnSecrets(world);
    },
    unchanged: false,
  },
  {
    ...usual,
    name: 'second-machine',
    argv: asApplication,
    prepare: async (world) => {
      await setUp(world);
      await world.restore({ tenant: world.take().tenant, files: {} });
    },
    unchanged: false,
  },
  {
    ...usual,
    name: 'lag',
    scenarios: ['lag'],
    argv: asApplication,
    prepare: nothing,
    unchanged: false,
    stride: 5,
  },
  {
    ...usual,
    name: 'certificate',
    argv: withCertificate,
    prepare: nothing,
    unchanged: false,
    stride: 9,
    perWorld: 1,
  },
  {
    ...usual,
    name: 'certificate-again',
    argv: withCertificate,
    prepare: (world) => setUp(world, withCertificate),
    unchanged: true,
    stride: 9,
    perWorld: 1,
  },
  {
    ...usual,
    name: 'secret-to-certificate',
    argv: withCertificate,
    prepare: setUp,
    unchanged: false,
    stride: 9,
    perWorld: 1,
  },
  {
    ...usual,
    name: 'verify',
    argv: ['verify', '--sandbox', '--json', '--debug'],
    prepare: async (world) => {
      await setUp(world);
      plantForeignSecret(world);
    },
    unchanged: true,
  },
  ...rotations,
  teardown('deactivate'),
  teardown('delete'),
  teardown('purge'),
];

/** Prepares a situation and remembers it. */
export async function prepareSituation(situation: Situation, world: ChaosWorld): Promise<Snapshot> {
  await situation.prepare(world);
  return world.take();
}
