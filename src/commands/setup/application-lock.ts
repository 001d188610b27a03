import { lockApplication } from '../../config/locks.ts';
import { WizardError } from '../../core/errors.ts';
import type { Io } from '../shared/io.ts';

/** Keeps other runs on this machine away from the applications that this one may change. */
export interface ApplicationLocks {
  /** By client ID, or by the name under which an application is recognised. Throws WizardError `application-locked`. */
  take(tenantId: string, ...names: readonly (string | undefined)[]): Promise<void>;
  release(): Promise<void>;
}

/** No lock is taken yet. */
export function createApplicationLocks(io: Io): ApplicationLocks {
  const held = new Map<string, () => Promise<void>>();
  const lock = async (name: string): Promise<void> => {
    try {
      held.set(name, await lockApplication(await io.stateFolder(), name));
    } catch (error) {
      if (!(error instanceof WizardError) || error.code !== 'output-unusable') throw error;
      // A home that cannot be written must not stop a job in a container.
      io.report.warn(`Other runs cannot be kept out: ${error.message}`);
    }
  };
  return {
    async take(tenantId, ...names) {
      for (const name of names) {
        const full = `${tenantId} ${name}`.toLowerCase();
        if (name !== undefined && !held.has(full)) await lock(full);
      }
    },
    async release() {
      for (const release of held.values()) await release();
      held.clear();
    },
  };
}
