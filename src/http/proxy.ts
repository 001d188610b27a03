import { BlockList, isIP } from 'node:net';
import { WizardError } from '../core/errors.ts';
import { joinWords, quoted } from '../core/text.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Lower case counts first (curl.se, everything.curl.dev "Proxy environment variables"). */
function variable(env: Environment, name: string): string {
  return (env[name.toLowerCase()]?.trim() || env[name.toUpperCase()]?.trim()) ?? '';
}

/** The proxy of all https addresses, and the variable that names it: ALL_PROXY counts where HTTPS_PROXY is not set. */
function named(env: Environment): { readonly name: string; readonly value: string } {
  const own = variable(env, 'https_proxy');
  return own === ''
    ? { name: 'ALL_PROXY', value: variable(env, 'all_proxy') }
    : { name: 'HTTPS_PROXY', value: own };
}

const entriesOf = (env: Environment): string[] =>
  variable(env, 'no_proxy')
    .toLowerCase()
    .split(/[\s,;]+/)
    .filter((entry) => entry !== '');

const withoutBrackets = (host: string): string => host.replace(/^\[(.*)\]$/, '$1');

/** The addresses of a range in CIDR notation; undefined where it is none. */
function rangeOf(entry: string): BlockList | undefined {
  const [, first = '', length = ''] = /^([^/]+)\/(\d{1,3})$/.exec(entry) ?? [];
  const address = withoutBrackets(first);
  const family = isIP(address);
  if (family === 0 || Number(length) > (family === 4 ? 32 : 128)) return undefined;
  const range = new BlockList();
  range.addSubnet(address, Number(length), family === 4 ? 'ipv4' : 'ipv6');
  return range;
}

/** Name and port of an entry that is no range; a lone IPv6 address has no port. */
function partsOf(entry: string): { readonly name: string; readonly port: string | undefined } {
  if (isIP(entry) !== 0) return { name: entry, port: undefined };
  const [, name = entry, port] = /^(.+?)(?::(\d+))?$/.exec(entry) ?? [];
  return { name: withoutBrackets(name).replace(/^\./, '*.'), port };
}

/** Numbers that some programs take for the begin or the range of addresses: no host is called so. */
const isPartOfAddress = (name: string): boolean => /^[\d.-]+$/.test(name) && !name.startsWith('.');

/** A host name, an address, or part of one with `*` in place of the rest. */
const isName = (name: string): boolean =>
  isIP(name) !== 0 || (/^[\p{L}\p{N}_.*-]+$/u.test(name) && !isPartOfAddress(name));

/** Whether one entry of NO_PROXY means this host: itself and what lies below it, at any port or at the one named. */
function excepts(entry: string, { hostname, port }: URL): boolean {
  const host = withoutBrackets(hostname).replace(/\.$/, '');
  if (entry.includes('/'))
    return isIP(host) !== 0 && rangeOf(entry)?.check(host, `ipv${isIP(host)}` as 'ipv4') === true;
  const { name, port: itsPort } = partsOf(entry);
  if (itsPort !== undefined && itsPort !== (port || '443')) return false;
  if (isIP(name) === 6) return isIP(host) === 6 && new URL(`https://[${name}]`).hostname === hostname;
  // What stands below a name is meant by it, and `*.name` means the name too.
  const bare = name.replace(/^\*\./, '');
  // With the dot of the root it is that one host.
  if (bare.endsWith('.')) return host === bare.slice(0, -1);
  if (!bare.includes('*')) return host === bare || host.endsWith(`.${bare}`);
  const pattern = bare.split('*').map((part) => part.replaceAll('.', '\\.'));
  return isName(name) && new RegExp(`^(?:.*\\.)?${pattern.join('.*')}$`).test(host);
}

/** Says which entries of NO_PROXY cannot be understood and so leave nothing aside; undefined where there are none. Pure. */
export function unreadableExceptions(env: Environment): string | undefined {
  if (named(env).value === '') return undefined;
  const unreadable = entriesOf(env).filter((entry) =>
    entry.includes('/') ? rangeOf(entry) === undefined : !isName(partsOf(entry).name),
  );
  if (unreadable.length === 0) return undefined;
  const entries = joinWords(unreadable.map((entry) => quoted(entry, 60)));
  return `NO_PROXY: ${entries}: no host, address or range, so that nothing is left aside for it.`;
}

/** Decodes what is encoded, and takes a `%` that begins no code for itself. Throws URIError for what is no UTF-8. */
const decoded = (text: string): string => decodeURIComponent(text.replace(/%(?![0-9a-f]{2})/gi, '%25'));

/**
 * An address with user name and password as a URL wants them. People write them as they are: a backslash between domain
 * and user, a bare `%`. A URL would read the one as a slash, and what stands before it as the host.
 */
function encoded(address: string): string | undefined {
  const [, start = '', rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)(.*)$/i.exec(address) ?? [];
  const at = rest.lastIndexOf('@');
  if (at < 0) return address;
  const given = rest.slice(0, at);
  // Where one of these stands, the address may have ended before the @.
  if (/[/?#]/.test(given)) return undefined;
  const colon = given.indexOf(':');
  const parts = colon < 0 ? [given] : [given.slice(0, colon), given.slice(colon + 1)];
  try {
    return `${start}${parts.map((part) => encodeURIComponent(decoded(part))).join(':')}@${rest.slice(at + 1)}`;
  } catch {
    return undefined;
  }
}

/**
 * The proxy that HTTPS_PROXY (or ALL_PROXY) and NO_PROXY set for an https address, with `http://` where it names no
 * protocol; undefined where there is none. Pure. Throws WizardError `invalid-options` where it is no address.
 */
export function proxyFor(url: string, env: Environment): string | undefined {
  const { name, value } = named(env);
  if (value === '') return undefined;
  const target = new URL(url);
  if (entriesOf(env).some((entry) => entry === '*' || excepts(entry, target))) return undefined;
  // A slash that is missing would make the protocol a host's name.
  const isCut = /^https?:\/?(?!\/)/i.test(value);
  const address = isCut ? undefined : encoded(value.includes('://') ? value : `http://${value}`);
  if (address !== undefined && URL.canParse(address)) {
    const { protocol, hostname } = new URL(address);
    if (/^https?:$/.test(protocol) && hostname !== '') return address;
  }
  // Not shown: it may hold a password.
  throw new WizardError('invalid-options', `${name} is not the address of an http or https proxy.`, {
    remedy:
      'Set it to something like http://proxy.example.com:8080, or unset it. In a user name or password write / as %2F, ? as %3F and # as %23.',
  });
}
