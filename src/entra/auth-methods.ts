import { WizardError } from '../core/errors.ts';
import { joinWords } from '../core/text.ts';

/** Ways to sign in, as `--auth` spells them. */
export const authMethods = [
  'browser',
  'device-code',
  'azure-cli',
  'environment',
  'workload-identity',
  'managed-identity',
] as const;
export type AuthMethod = (typeof authMethods)[number];

type Environment = Readonly<Record<string, string | undefined>>;

/** True where a person signs in, by Azure CLI too: it answers a challenge by asking for another az login. Pure. */
export const needsPerson = (method: AuthMethod): boolean =>
  ['browser', 'device-code', 'azure-cli'].includes(method);

/** Whether a browser can open where this runs: a display, or a desktop that needs none. Pure. */
export function canOpenBrowser(platform: string, env: Environment): boolean {
  if (platform === 'darwin' || platform === 'win32') return !env['SSH_CONNECTION'];
  return Boolean(env['BROWSER'] || env['DISPLAY'] || env['WAYLAND_DISPLAY'] || env['WSL_DISTRO_NAME']);
}

/**
 * The ways to sign in, in the order they are tried: the one that was asked for alone; else in a terminal the browser
 * and the device code, each standing in for the other; else whatever the environment offers. Pure.
 */
export function signInMethods(
  asked: AuthMethod | undefined,
  host: { readonly interactive: boolean; readonly env: Environment; readonly platform: string },
): readonly AuthMethod[] {
  if (asked !== undefined) return [asked];
  if (host.interactive) {
    return canOpenBrowser(host.platform, host.env) ? ['browser', 'device-code'] : ['device-code', 'browser'];
  }
  const { AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, AZURE_CLIENT_CERTIFICATE_PATH, AZURE_FEDERATED_TOKEN_FILE } =
    host.env;
  // AKS sets AZURE_CLIENT_ID along with the token file: without a secret or certificate the token is what it means.
  const complete = Boolean(AZURE_CLIENT_SECRET || AZURE_CLIENT_CERTIFICATE_PATH);
  if (AZURE_CLIENT_ID && (complete || !AZURE_FEDERATED_TOKEN_FILE)) return ['environment'];
  return AZURE_FEDERATED_TOKEN_FILE ? ['workload-identity'] : ['azure-cli'];
}

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
  const message = `For --auth ${method} the environment lacks ${joinWords(missing)}.`;
  throw new WizardError('sign-in-not-set-up', message, {
    remedy: 'Set it, or choose another way in with --auth.',
  });
}
