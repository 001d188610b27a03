import { WizardError } from '../core/errors.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Lower case counts first (curl.se, everything.curl.dev "Proxy environment variables"). */
const variable = (env: Environment, name: string): string =>
  env[name.toLowerCase()] || env[name.toUpperCase()] || '';

/** Whether one entry of NO_PROXY means this host: itself and what lies below it, at any port or at the one named. */
function excepts(entry: string, { hostname, port }: URL): boolean {
  if (entry === '*') return true;
  const [, name = entry, itsPort] = /^(.+?)(?::(\d+))?$/.exec(entry.replace(/^\*?\./, '')) ?? [];
  if (itsPort !== undefined && itsPort !== (port || '443')) return false;
  return hostname === name || hostname.endsWith(`.${name}`);
}

/**
 * The proxy that HTTPS_PROXY and NO_PROXY set for an https address, with `http://` where it names no protocol;
 * undefined where there is none. Pure. Throws WizardError `invalid-options` where HTTPS_PROXY is no address.
 */
export function proxyFor(url: string, env: Environment): string | undefined {
  const proxy = variable(env, 'https_proxy').trim();
  if (proxy === '') return undefined;
  const target = new URL(url);
  const exceptions = variable(env, 'no_proxy')
    .toLowerCase()
    .split(/[\s,]+/);
  if (exceptions.some((entry) => entry !== '' && excepts(entry, target))) return undefined;
  const address = proxy.includes('://') ? proxy : `http://${proxy}`;
  if (URL.canParse(address) && /^https?:$/.test(new URL(address).protocol)) return address;
  // Not shown: it may hold a password.
  throw new WizardError('invalid-options', 'HTTPS_PROXY is not the address of a proxy.', {
    remedy: 'Set it to something like http://proxy.example.com:8080, or unset it.',
  });
}
