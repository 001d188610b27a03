import { createHash, randomUUID } from 'node:crypto';
import type { Bench, Snapshot } from './bench.ts';
import { ownApplication } from './expected.ts';

/** Where a run starts from, and what it is asked to do. */
export interface Situation {
  readonly name: string;
  readonly scenarios: readonly string[];
  readonly argv: readonly string[];
  /** Brings tenant and folder into the state before the run. */
  readonly prepare: (bench: Bench) => Promise<void>;
  /** The run has no reason to change anything. */
  readonly unchanged: boolean;
  /** Of its many or slow cases only every one of that number is run. */
  readonly stride: number;
}

const asUser = ['--sandbox', '--yes', '--json', '--debug'];
const asApplication = [...asUser, '--auth', 'environment'];
const withCertificate = [...asApplication, '--credential', 'certificate'];

async function setUp(bench: Bench, argv: readonly string[] = asApplication): Promise<void> {
  const { code, stderr } = await bench.run(argv);
  if (code !== 0) throw new Error(`The situation cannot be prepared (exit code ${code}):\n${stderr}`);
  bench.pass(60_000);
}

/** A secret that looks like ours in every way a person would notice, made on another machine. */
function plantForeignSecret(bench: Bench): void {
  const application = ownApplication(bench.sandbox.tenant);
  const [model] = application?.passwordCredentials ?? [];
  if (application === undefined || model === undefined) throw new Error('There is no secret to imitate.');
  const secretHash = createHash('sha256').update(randomUUID()).digest('hex');
  application.passwordCredentials.push({ ...model, keyId: randomUUID(), secretHash });
}

function removeOwnSecrets(bench: Bench): void {
  const application = ownApplication(bench.sandbox.tenant);
  application?.passwordCredentials.splice(0, 1);
}

export const situations: readonly Situation[] = [
  {
    name: 'fresh-user',
    scenarios: ['default'],
    argv: asUser,
    prepare: async () => undefined,
    unchanged: false,
    stride: 1,
  },
  {
    name: 'fresh-app',
    scenarios: ['default'],
    argv: asApplication,
    prepare: async () => undefined,
    unchanged: false,
    stride: 1,
  },
  {
    name: 'again',
    scenarios: ['default'],
    argv: asApplication,
    prepare: async (bench) => {
      await setUp(bench);
      plantForeignSecret(bench);
    },
    unchanged: true,
    stride: 1,
  },
  {
    name: 'secret-gone',
    scenarios: ['default'],
    argv: asApplication,
    prepare: async (bench) => {
      await setUp(bench);
      plantForeignSecret(bench);
      removeOwnSecrets(bench);
    },
    unchanged: false,
    stride: 1,
  },
  {
    name: 'second-machine',
    scenarios: ['default'],
    argv: asApplication,
    prepare: async (bench) => {
      await setUp(bench);
      await bench.restore({ tenant: bench.take().tenant, files: {} });
    },
    unchanged: false,
    stride: 1,
  },
  {
    name: 'lag',
    scenarios: ['lag'],
    argv: asApplication,
    prepare: async () => undefined,
    unchanged: false,
    stride: 5,
  },
  {
    name: 'certificate',
    scenarios: ['default'],
    argv: withCertificate,
    prepare: async () => undefined,
    unchanged: false,
    stride: 5,
  },
  {
    name: 'certificate-again',
    scenarios: ['default'],
    argv: withCertificate,
    prepare: (bench) => setUp(bench, withCertificate),
    unchanged: true,
    stride: 3,
  },
  {
    name: 'verify',
    scenarios: ['default'],
    argv: ['verify', '--sandbox', '--json', '--debug'],
    prepare: async (bench) => {
      await setUp(bench);
      plantForeignSecret(bench);
    },
    unchanged: true,
    stride: 1,
  },
];

/** Prepares a situation and remembers it. */
export async function prepareSituation(situation: Situation, bench: Bench): Promise<Snapshot> {
  await situation.prepare(bench);
  return bench.take();
}
