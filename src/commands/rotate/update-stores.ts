import { dirname } from 'node:path';
import type { Settings } from '../../cli/settings.ts';
import { resolvePath } from '../../config/config-file.ts';
import {
  type ConnectedTarget,
  noteConnected,
  readConnected,
  type SecretRemoval,
} from '../../config/connected.ts';
import { WizardError } from '../../core/errors.ts';
import { sameId } from '../../core/fields.ts';
import { safeText } from '../../core/text.ts';
import { DirectoryError, graphError } from '../../graph/directory-error.ts';
import type { Store, StoreInput } from '../connect/target.ts';
import { loadTarget } from '../connect/targets.ts';
import { connectCommand } from '../verify/check-connected.ts';
import type { Proven } from './make-successor.ts';

/** What became of everything that the credential was handed to. */
export interface Handed {
  /** Stores that did not take the new one, each with why. */
  readonly failed: readonly string[];
  /** Calls of connect that hand the new one over, for what takes a person. */
  readonly left: readonly string[];
}

/** The store of a target where it takes a new value without a person. */
async function unattendedStore(
  { target }: ConnectedTarget,
  load: typeof loadTarget,
): Promise<Store | undefined> {
  try {
    const { store } = await load(target);
    return store?.unattended ? store : undefined;
  } catch (error) {
    // A target of another version of this program.
    if (error instanceof WizardError) return undefined;
    throw error;
  }
}

/** What the file no longer held before goes out of it again, once the store was seen to have the new one. */
function removalFor(
  { target, where }: ConnectedTarget,
  confirmed: string | undefined,
  { run, config }: Proven,
): SecretRemoval | undefined {
  const { secretIn } = run.held.credential;
  if (secretIn?.target !== target || secretIn.where !== where) return undefined;
  const { clientSecret: stored } = config;
  return stored && confirmed !== undefined ? { stored, reveal: run.io.reveal } : undefined;
}

/** Why a store did not take it; undefined where it did. Rethrows the end of the run. */
async function putInto(
  store: Store,
  options: Settings,
  entry: ConnectedTarget,
  proven: Proven,
): Promise<string | undefined> {
  const { run, config } = proven;
  const { io, output, cloud, settings, methods } = run;
  const { path: configPath, format } = output;
  const title = `Put the new credential into ${safeText(`${entry.target} (${entry.where})`, 300)}`;
  const task = io.report.task(title);
  try {
    const now = io.now();
    const input: StoreInput = {
      config,
      configPath,
      format,
      cloud,
      settings: { ...settings, ...options },
      methods,
      dryRun: false,
      place: entry.where,
      now,
      ...(config.certificatePath === undefined
        ? {}
        : { certificatePath: resolvePath(config.certificatePath, dirname(configPath)) }),
    };
    const { where, confirmed } = await store.put(input, io);
    const { keyId } = config.credential;
    const noted = { target: entry.target, at: now.toISOString(), where };
    const removal = removalFor(entry, confirmed, proven);
    await noteConnected(configPath, keyId === undefined ? noted : { ...noted, keyId }, undefined, removal);
    task.succeed(title);
    return undefined;
  } catch (error) {
    task.fail();
    if (error instanceof WizardError && error.code !== 'cancelled') return error.message;
    if (error instanceof DirectoryError) return graphError(error).message;
    throw error;
  }
}

/**
 * Writes the credential that the file holds now into each store that takes it without a person, and lists what still needs
 * it. Nothing is retired before. Rejects only where the run is stopped.
 */
export async function updateStores(proven: Proven, load = loadTarget): Promise<Handed> {
  const { run, config } = proven;
  const { output, io } = run;
  const connected = await readConnected(output.path, output.format);
  const older = connected.filter(({ keyId }) => !sameId(keyId, config.credential.keyId));
  const failed: string[] = [];
  const left: string[] = [];
  for (const entry of older) {
    const store = await unattendedStore(entry, load);
    const options = store?.optionsOf(entry.where);
    if (store === undefined || options === undefined) {
      left.push(await connectCommand(entry, io.spellerFor({ file: output.name })));
      continue;
    }
    const why = await putInto(store, options, entry, proven);
    if (why !== undefined) failed.push(`${entry.target} (${entry.where}): ${why}`);
  }
  return { failed, left };
}
