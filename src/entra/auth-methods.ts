import type { AuthMethod } from '../core/choices.ts';
import { WizardError } from '../core/errors.ts';
import { joinWords } from '../core/text.ts';

type Environment = Readonly<Record<string, string | undefined>>;

function missingFor(method: AuthMethod, env: Environment, tenant: string | undefined): string[] {
  const without = (...names: string[]): string[] => names.filter((name) => !env[name]);
  if (method === 'environment') {
    const complete =
      env['AZURE_CLIENT_SECRET'] ||
      env['AZURE_CLIENT_CERTIFICATE_PATH'] ||
      (env['AZURE_USERNAME'] && env['AZURE_PASSWORD']);
    const proof = complete ? [] : ['AZURE_CLIENT_SECRET (or AZURE_CLIENT_CERTIFICATE_PATH)'];
    return [...without('AZURE_TENANT_ID', 'AZURE_CLIENT_ID'), ...proof];
  }
  if (method !== 'workload-identity') return [];
  return without(...(tenant ? [] : ['AZURE_TENANT_ID']), 'AZURE_CLIENT_ID', 'AZURE_FEDERATED_TOKEN_FILE');
}

/**
 * Throws WizardError `sign-in-not-set-up` naming every environment variable that the way of signing in needs and does
 * not find (@azure/identity, EnvironmentCredential and WorkloadIdentityCredential).
 */
export function requireEnvironment(method: AuthMethod, env: Environment, tenant: string | undefined): void {
  const missing = missingFor(method, env, tenant);
  if (missing.length === 0) return;
  throw new WizardError(
    'sign-in-not-set-up',
    `For --auth ${method} the environment lacks ${joinWords(missing)}.`,
    {
      remedy: 'Set it, or choose another way in with --auth.',
    },
  );
}
