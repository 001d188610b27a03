import type { Settings } from '../../cli/settings.ts';
import { defaultOutput, inspectConfigFile, resolvePath } from '../../config/config-file.ts';
import { lockApplication } from '../../config/locks.ts';
import type { OutputFiles, OutputIo } from '../../config/output-files.ts';
import { openOutputFiles } from '../../config/output-files.ts';
import { WizardError } from '../../core/errors.ts';
import { safeText } from '../../core/text.ts';
import type { AuthMethod } from '../../entra/auth-methods.ts';
import { type Cloud, entraName } from '../../entra/clouds.ts';
import type { Session } from '../../entra/sign-in.ts';
import type { Directory } from '../../graph/directory.ts';
import type { Wait } from '../../http/retry.ts';
import type { Possession } from '../../tenant/model.ts';
import { describeWait } from '../../terminal/progress.ts';
import type { Task } from '../../terminal/report.ts';
import { type Connection, connect } from '../shared/connection.ts';
import type { Io } from '../shared/io.ts';
import type { RunOutcome } from '../shared/run-outcome.ts';
import type { Invocation } from './invocation.ts';

/** What setup was asked to do. */
export interface SetupRequest {
  readonly settings: Settings;
  readonly cloud: Cloud;
  /** The ways to sign in, in the order they are tried. */
  readonly methods: readonly AuthMethod[];
  /** Stop before the first write. */
  readonly planOnly: boolean;
  readonly invocation: Invocation;
}

/** One run of setup: what was asked, what it may touch, and what it has opened. */
export interface SetupRun extends SetupRequest {
  readonly io: Io;
  /** Filled in as the run goes, so that a failure still tells what was done. */
  readonly outcome: RunOutcome;
  readonly output: OutputFiles;
  readonly connection: Connection;
  readonly locks: ApplicationLocks;
  /** Where waits for Microsoft Graph show. */
  readonly waits: WaitDisplay;
}

/** A run with an administrator signed in. */
export interface SignedInRun extends SetupRun {
  readonly session: Session;
  /** Microsoft Graph as that administrator. */
  readonly directory: Directory;
  /** Where the application itself is signed in, to roll its own certificate over. */
  readonly possession?: Possession | undefined;
}

/** Shows waits for Microsoft Graph on whatever task is under way. */
export interface WaitDisplay {
  onWait(purpose: string, wait: Wait): void;
  show(task: Task | undefined): void;
}

function createWaitDisplay(): WaitDisplay {
  let current: Task | undefined;
  return {
    onWait: (_purpose, wait) => current?.wait(describeWait(wait)),
    show: (task) => {
      current = task;
    },
  };
}

/** Asked only where there is no configuration to go on with. */
async function chooseOutput(io: Io): Promise<string> {
  const there = await inspectConfigFile(resolvePath(defaultOutput, io.cwd), io.env);
  if (there.exists) return defaultOutput;
  const validate = (text: string): string | undefined =>
    text.trim() === '' ? 'Give a file name' : undefined;
  return io.prompt.text({ message: 'File to save the credential in', fallback: defaultOutput, validate });
}

/** What opening the output may touch; where somebody answers, another application's settings in it may be replaced. */
const outputIo = (name: string, io: Io): OutputIo => ({
  ...io,
  mayReplace: io.asks
    ? (problem) => {
        io.report.warn(problem);
        const message = `Replace the credential of that application in ${safeText(name, 100)}?`;
        return io.prompt.confirm({ message, fallback: false });
      }
    : undefined,
});

/** Opens the output and the way to the cloud; nothing is sent yet. Throws WizardError. */
export async function openRun(request: SetupRequest, io: Io, outcome: RunOutcome): Promise<SetupRun> {
  const { settings, cloud, planOnly } = request;
  const name = settings.output ?? (await chooseOutput(io));
  const output = await openOutputFiles(name, settings, cloud, outputIo(name, io), { lock: !planOnly });
  outcome.config = { path: output.path, format: output.format };
  // git's answer is needed after the sign-in, and takes a moment.
  const connection = connect(cloud, io, () => void output.askGit(output.path, io.env));
  return {
    ...request,
    io,
    outcome,
    output,
    connection,
    locks: createApplicationLocks(cloud, io),
    waits: createWaitDisplay(),
  };
}

/** Lets go of everything that `openRun` opened, all of it whatever fails: by then the run has ended as it ends. */
export async function closeRun({ connection, locks, output, io }: SetupRun): Promise<void> {
  for (const letGo of [connection.close, locks.release, output.release]) {
    try {
      await letGo();
    } catch (error) {
      io.report.warn(`Could not tidy up: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

/** Keeps other runs on this machine away from the applications that this one may change. */
export interface ApplicationLocks {
  /** By client ID, or by the name under which an application is recognised. Throws WizardError `application-locked`. */
  take(tenantId: string, ...names: readonly (string | undefined)[]): Promise<void>;
  release(): Promise<void>;
}

/** Locks for the applications of one cloud; none is taken yet. */
export function createApplicationLocks(cloud: Cloud, io: Io): ApplicationLocks {
  const held = new Map<string, () => Promise<void>>();
  let told = false;
  const lock = async (name: string): Promise<void> => {
    try {
      held.set(name, await lockApplication(io.stateFolder, name, { sleep: io.sleep, report: io.report }));
    } catch (error) {
      if (!(error instanceof WizardError) || error.code !== 'output-unusable') throw error;
      // A home that cannot be written must not stop a job in a container.
      if (!told) io.report.warn(`Other runs cannot be kept out: ${error.message}`);
      told = true;
    }
  };
  return {
    async take(tenantId, ...names) {
      for (const name of names) {
        const full = `${entraName(cloud)} ${tenantId} ${name}`.toLowerCase();
        if (name !== undefined && !held.has(full)) await lock(full);
      }
    },
    async release() {
      for (const release of held.values()) await release();
      held.clear();
    },
  };
}
