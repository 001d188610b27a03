import { dirname } from 'node:path';
import type { ConfigFormat, ReportingConfig } from '../../config/config.ts';
import { resolvePath } from '../../config/config-file.ts';
import { type ConnectedTarget, recordConnected } from '../../config/connected.ts';
import { WizardError } from '../../core/errors.ts';
import type { AuthMethod } from '../../entra/auth-methods.ts';
import type { Cloud } from '../../entra/clouds.ts';
import type { Io } from '../shared/io.ts';
import { secretFromStore } from '../shared/open-credential.ts';
import type { ConnectRun, Handed } from './connect-run.ts';
import type { Store, StoreInput } from './target.ts';
import { loadTarget, targetNames } from './targets.ts';

/** The file's configuration with the secret in it, wherever that lies. Throws WizardError `secret-elsewhere`. */
export function withSecret(config: ReportingConfig, io: Pick<Io, 'env' | 'redactor'>): ReportingConfig {
  const { secretIn, ...credential } = config.credential;
  if (config.clientSecret || secretIn === undefined) return config;
  return { ...config, credential, clientSecret: secretFromStore(config, secretIn, io) };
}

/** Puts the credential into a store. Throws WizardError where it did not take it. */
export async function putIntoStore(store: Store, run: ConnectRun): Promise<Handed> {
  const { configPath, format, settings, methods, dryRun, io, outcome } = run;
  const { certificatePath } = run.config;
  const input: StoreInput = {
    config: withSecret(run.config, io),
    configPath,
    format,
    cloud: run.sandbox ?? run.cloud,
    settings,
    methods,
    dryRun,
    now: io.now(),
    ...(certificatePath === undefined
      ? {}
      : { certificatePath: resolvePath(certificatePath, dirname(configPath)) }),
  };
  const { where, confirmed, steps, takeOut } = await store.put(input, io);
  if (!dryRun) outcome.details = { ...outcome.details, stored: { where, confirmed: confirmed ?? null } };
  return {
    where,
    files: [],
    stored: !dryRun,
    ...(confirmed === undefined ? {} : { confirmed }),
    steps: dryRun ? [] : [...steps, takeOut],
  };
}

/** What is brought up to date in the stores of a config file. */
export interface StoreUpdate {
  /** What the file says it was connected to. */
  readonly connected: readonly ConnectedTarget[];
  /** With the new credential, its secret in it. */
  readonly config: ReportingConfig;
  readonly configPath: string;
  readonly format: ConfigFormat;
  /** Where the tenant lives, the sandbox's own where it lives there. */
  readonly cloud: Cloud;
  /** How an administrator signs in, for a store that wants one. */
  readonly methods: readonly AuthMethod[];
}

/** What became of each. */
export interface StoreUpdates {
  readonly updated: readonly ConnectedTarget[];
  readonly failed: readonly { readonly entry: ConnectedTarget; readonly error: WizardError }[];
  /** What takes a person: these still need the new one. */
  readonly byHand: readonly ConnectedTarget[];
}

/** The store of an entry that takes a new value without a person, with the options that lead there; undefined without one. */
async function unattendedStore({ target, where }: ConnectedTarget) {
  if (!targetNames.some((name) => name === target)) return undefined;
  const { store } = await loadTarget(target);
  const settings = store?.unattended ? store.optionsOf(where) : undefined;
  return store && settings && { store, settings };
}

/**
 * Puts a new credential into every store of `connected` that takes one without a person, and notes that in the config
 * file. What fails is told in the result, and stops nothing. Rejects where the run is stopped.
 */
export async function updateStores(update: StoreUpdate, io: Io): Promise<StoreUpdates> {
  const { connected, config, configPath, format, cloud, methods } = update;
  const updated: ConnectedTarget[] = [];
  const failed: { entry: ConnectedTarget; error: WizardError }[] = [];
  const byHand: ConnectedTarget[] = [];
  const { keyId } = config.credential;
  const input = { config, configPath, format, cloud, methods, dryRun: false, now: io.now() };
  for (const entry of connected) {
    const found = await unattendedStore(entry);
    if (!found) {
      byHand.push(entry);
      continue;
    }
    try {
      const { store, settings } = found;
      const { where } = await store.put({ ...input, settings, place: entry.where }, io);
      const at = io.now().toISOString();
      const now = { target: entry.target, at, where, ...(keyId === undefined ? {} : { keyId }) };
      await recordConnected(configPath, now, { sleep: io.sleep, report: io.report });
      updated.push(now);
    } catch (error) {
      if (!(error instanceof WizardError) || error.code === 'cancelled') throw error;
      failed.push({ entry, error });
    }
  }
  return { updated, failed, byHand };
}
