import { commandNames } from '../../../cli/options.ts';
import type { ReportingConfig } from '../../../config/config.ts';
import { WizardError } from '../../../core/errors.ts';

/** When the credential ends. Throws WizardError where the config file does not say. */
export function expiryOfConfig({ credential }: ReportingConfig): Date {
  if (credential.expires !== undefined) return new Date(credential.expires);
  throw new WizardError('target-credential', 'The config file does not say when the credential ends.', {
    remedy: 'Bring the file up to date: `reporting-setup`',
  });
}

/** What a nightly job runs: a new credential where this version can make one, else the check that warns. */
export function dueWords(configPath: string, { cloud }: Pick<ReportingConfig, 'cloud'>): readonly string[] {
  const rotates = (commandNames as readonly string[]).includes('rotate');
  const words = rotates
    ? ['rotate', '--if-expires-within', '30d', '--yes']
    : ['verify', '--expires-within', '30d', '--no-input'];
  // The file alone leads nobody there: a sandbox lies on this machine.
  const where = cloud === 'sandbox' ? ['--sandbox'] : [];
  return ['reporting-setup', ...words, '--config', configPath, ...where];
}

/** What the job does, for the people who read it. */
export const dueMeaning = (configPath: string, config: Pick<ReportingConfig, 'cloud'>): string =>
  dueWords(configPath, config)[1] === 'rotate'
    ? 'It makes a new credential when the present one ends within 30 days, and does nothing otherwise. It signs in as an automation: see reporting-setup rotate --help.'
    : 'It reads both logs and ends with 6 when the credential ends within 30 days, so that the job counts as failed and somebody looks.';
