import { dirname } from 'node:path';
import type { ReportingConfig } from '../../config/config.ts';
import { resolvePath } from '../../config/config-file.ts';
import type { Io } from '../shared/io.ts';
import { secretFromStore } from '../shared/open-credential.ts';
import type { ConnectRun, Handed } from './connect-run.ts';
import type { Store, StoreInput } from './target.ts';

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
    place: undefined,
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
