import type { ConnectRun, Handed } from './connect-run.ts';
import type { Store } from './target.ts';

/** Puts the credential into a store. Throws WizardError where it did not take it. */
export async function putIntoStore(store: Store, run: ConnectRun): Promise<Handed> {
  const { config, configPath, format, settings, methods, dryRun, io } = run;
  const cloud = run.sandbox ?? run.cloud;
  const input = { config, configPath, format, cloud, settings, methods, dryRun, now: io.now() };
  const { where, steps, takeOut } = await store.put(input, io);
  return { where, files: [], stored: !dryRun, steps: [...steps, takeOut] };
}
