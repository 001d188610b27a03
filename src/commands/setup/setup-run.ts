import type { Settings } from '../../cli/settings.ts';
import { lockApplication } from '../../config/locks.ts';
import type { OutputFiles } from '../../config/output-files.ts';
import { WizardError } from '../../core/errors.ts';
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
import { createOutputSlot, type OutputSlot, openFirstOutput } from './choose-output.ts';
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
  readonly slot: OutputSlot;
  /** What is open in it. */
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

/** Opens the output and the way to the cloud; nothing is sent yet. Throws WizardError. */
export async function openRun(request: SetupRequest, io: Io, outcome: RunOutcome): Promise<SetupRun> {
  const { cloud } = request;
  const slot = createOutputSlot(request, io);
  try {
    const output = await openFirstOutput(request, slot, io);
    outcome.config = { path: output.path, format: output.format };
    // git's answer is needed after the sign-in, and takes a moment.
    const connection = connect(cloud, io, () => void output.askGit(output.path, io.env));
    const locks = createApplicationLocks(cloud, io);
    return { ...request, io, outcome, slot, output, connection, locks, waits: createWaitDisplay() };
  } catch (error) {
    await slot.release();
    throw error;
  }
}

/** The same run with another file. What comes next names it. */
export function withOutput<R extends SetupRun>(run: R, output: OutputFiles): R {
  if (output === run.output) return run;
  run.outcome.config = { path: output.path, format: output.format };
  return { ...run, output, invocation: run.invocation.withOutput(output.name) };
}

/** Lets go of everything that `openRun` opened, all of it whatever fails: by then the run has ended as it ends. */
export async function closeRun({ connection, locks, slot, io }: SetupRun): Promise<void> {
  for (const letGo of [connection.close, locks.release, slot.release]) {
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
