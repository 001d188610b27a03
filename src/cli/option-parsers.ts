import { sandboxScenarios } from '../core/choices.ts';
import { canonicalDomain, isDomainName } from '../core/domain-name.ts';
import { type Duration, parseDuration } from '../core/duration.ts';
import { guidPattern } from '../core/fields.ts';
import { suggestion } from './complaint.ts';

const invalid = (text: string, expected: string): RangeError =>
  new RangeError(`${JSON.stringify(text)} is not ${expected}`);

/** A GUID, in lower case. Throws RangeError. */
export function parseGuid(text: string): string {
  if (!guidPattern.test(text)) {
    throw invalid(text, 'a GUID: it looks like 0f8fad5b-d9cb-469f-a165-70867728950e');
  }
  return text.toLowerCase();
}

/** A DNS domain name, in lower case and as it is spelled. Throws RangeError. */
export function parseDomain(text: string): string {
  if (!isDomainName(text)) throw invalid(text, 'a domain name such as contoso.onmicrosoft.com');
  return text.toLowerCase();
}

/** A tenant id or one of its domain names, in lower case and in ASCII: it becomes part of an address. Throws RangeError. */
export function parseTenant(text: string): string {
  if (guidPattern.test(text)) return text.toLowerCase();
  if (isDomainName(text)) return canonicalDomain(text);
  throw invalid(text, 'a tenant: give its id (a GUID) or one of its domain names');
}

/** A parser for an https address without a path, given back as its origin; `example` shows what one looks like. */
export function endpointLike(example: string): (text: string) => string {
  return (text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url?.protocol !== 'https:' || url.username || url.search || url.hash || url.pathname !== '/') {
      throw invalid(text, `an https address without a path, such as ${example}`);
    }
    return url.origin;
  };
}

/**
 * An https address (or http on localhost) that an application may send people back to, or null for `none`. Throws
 * RangeError for what Entra refuses: a fragment, one of !$'(),; or more than 256 characters (entra-docs reply-url).
 */
export function parseSignOnUrl(text: string): string | null {
  if (text.toLowerCase() === 'none') return null;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const local = url?.protocol === 'http:' && url.hostname === 'localhost';
  if (!url || (url.protocol !== 'https:' && !local)) throw invalid(text, 'an https address or "none"');
  if (text.length > 256) throw invalid(text, 'taken by Entra: an address has 256 characters at most');
  const refused = /[#!$'(),;]/.exec(text)?.[0];
  if (refused) throw invalid(text, `taken by Entra: an address has no ${refused} in it`);
  return text;
}

/** One line of 1 to 256 characters, trimmed. Throws RangeError. */
export function parseName(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.length > 256 || /\p{Cc}/u.test(trimmed)) {
    throw invalid(text, 'a name: one line of 1 to 256 characters');
  }
  return trimmed;
}

/** A file name. Throws RangeError. */
export function parsePath(text: string): string {
  if (text.trim() === '' || text.includes('\0')) throw invalid(text, 'a file name');
  return text;
}

/** The address of a resource in Azure. Throws RangeError. */
export function parseResourceId(text: string): string {
  if (/^\/subscriptions\/[0-9a-f-]{36}(?:\/[\w.()-]+)+$/i.test(text)) return text;
  throw invalid(text, 'a resource ID: it looks like /subscriptions/<id>/resourceGroups/<name>/providers/…');
}

/** The name of a log category: each tenant has its own set. Throws RangeError. */
export function parseCategory(text: string): string {
  if (/^[A-Za-z]{1,64}$/.test(text)) return text;
  throw invalid(text, 'the name of a log category, such as SignInLogs');
}

/** The name of an Azure key vault, which becomes a part of its host (learn, key-vault general/about-keys-secrets). Throws RangeError. */
export function parseVaultName(text: string): string {
  if (/^[a-z](?:[0-9a-z]|-(?!-)){1,22}[0-9a-z]$/i.test(text)) return text.toLowerCase();
  throw invalid(
    text,
    'the name of a vault: 3 to 24 letters, digits and single hyphens, a letter first. Give an address with --vault-url',
  );
}

/** `owner/name` of GitHub, or `host/owner/name`. Throws RangeError. */
export function parseRepository(text: string): string {
  if (/^(?:[\w.-]+(?::\d+)?\/)?[\w-][\w.-]*\/[\w.-]+$/.test(text)) return text;
  throw invalid(text, 'a repository: it looks like owner/name, or host/owner/name for GitHub Enterprise');
}

const loopback = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** An https address, http on this machine alone, without a slash at its end. Throws RangeError. */
export function parseAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback.test(url.hostname));
  if (!url || !isSafe || url.username || url.password || url.search || url.hash) {
    throw invalid(text, 'an https address (http on this machine alone), such as https://vault.example.com');
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

const timeUnits: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** `90s`, `5m` or `1h` in milliseconds, a day at most. Throws RangeError. */
export function parseTimeout(text: string): number {
  const match = /^(\d{1,5})([smh])$/i.exec(text);
  const time = Number(match?.[1]) * (timeUnits[match?.[2]?.toLowerCase() ?? ''] ?? Number.NaN);
  if (time > 0 && time <= 86_400_000) return time;
  throw invalid(text, 'a time between 1s and 24h: write it like 90s, 5m or 1h');
}

/** How long something is to stay: a duration such as `7d`, hours such as `12h`, or `0` for no time at all. Throws RangeError. */
export function parseOverlap(text: string): Duration {
  if (/^0[a-z]{0,2}$/i.test(text)) return { months: 0, days: 0, seconds: 0 };
  const hours = /^(\d{1,4})h$/i.exec(text)?.[1];
  if (hours !== undefined) return { months: 0, days: 0, seconds: Number(hours) * 3_600 };
  try {
    return parseDuration(text);
  } catch {
    throw invalid(text, 'how long it is to stay: write it like 7d, 12h, 2w, or 0');
  }
}

/** A TCP port. Throws RangeError. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw invalid(text, 'a port number from 0 to 65535');
  return port;
}

/** A whole number from 1 to 64. Throws RangeError. */
export function parseConcurrency(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1 || count > 64) throw invalid(text, 'a number from 1 to 64');
  return count;
}

/** Something that is no empty text, trimmed, in one line. Throws RangeError. */
export function parseText(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.length > 2_000 || /\p{Cc}/u.test(trimmed)) {
    throw invalid(text, 'one line of 1 to 2000 characters');
  }
  return trimmed;
}

/** An OData filter as far as it can be put into brackets: its own ones are closed, and so are its texts. Throws RangeError. */
export function parseODataFilter(text: string): string {
  const filter = parseText(text);
  let open = 0;
  for (const sign of filter.replace(/'(?:[^']|'')*'/g, '').replace(/[^()']/g, '')) {
    if (sign === "'" || (sign === ')' && open === 0)) open = Number.NaN;
    else open += sign === '(' ? 1 : -1;
  }
  if (open !== 0) throw invalid(text, 'a filter: a bracket or a quotation mark is missing');
  return filter;
}

/** A whole number from 1 to a thousand million. Throws RangeError. */
export function parseCount(text: string): number {
  const count = Number(text.replaceAll('_', ''));
  if (!/^\d[\d_]*$/.test(text) || count < 1 || count > 1_000_000_000) {
    throw invalid(text, 'a number from 1 to 1000000000');
  }
  return count;
}

/** Flattened names of properties with commas between. Throws RangeError. */
export function parseColumns(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim().replaceAll('/', '.'));
  if (names.every((name) => /^[\w@]+(?:\.[\w@]+)*$/.test(name))) return [...new Set(names)];
  throw invalid(text, 'a list of columns: write it like createdDateTime,status.errorCode');
}

/** A parser for one word out of a list. */
export function oneOf<T extends string>(values: readonly T[]): (text: string) => T {
  return (text) => {
    const found = values.find((value) => value === text);
    if (!found) {
      const guess = suggestion(text, values);
      throw invalid(text, `one of: ${values.join(', ')}${guess && `.${guess}`}`);
    }
    return found;
  };
}

const parseScenario = oneOf(sandboxScenarios);

/** The one scenario that a number may follow: how many rows the logs have. */
const counted = /^many-rows:[1-9]\d{0,8}$/;

/** Whether somebody may have meant scenarios of the sandbox: one of them is known, or close to a known one. Pure. */
export const isLikeScenario = (text: string): boolean =>
  text
    .split(',')
    .map((part) => part.trim())
    .some((name) => counted.test(name) || suggestion(name, sandboxScenarios) !== '');

/** Names of sandbox scenarios with commas between, as they were written. Throws RangeError. */
export function parseScenarios(text: string): string {
  for (const name of text.split(',').map((part) => part.trim())) {
    if (!counted.test(name)) parseScenario(name);
  }
  return text;
}
