import type { ReportingConfig } from '../../config/config.ts';
import { WizardError } from '../../core/errors.ts';

/** When the credential ends. Throws WizardError where the config file does not say. */
export function expiryOfConfig({ credential }: ReportingConfig): Date {
  if (credential.expires !== undefined) return new Date(credential.expires);
  throw new WizardError('target-credential', 'The config file does not say when the credential ends.', {
    remedy: 'Bring the file up to date: `reporting-setup`',
  });
}
