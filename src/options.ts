import { type AuthMethod, authMethods, type CredentialKind, credentialKinds } from './core/choices.ts';
import { publicCloudNames } from './core/clouds.ts';
import { parseDuration } from './core/duration.ts';
import { WizardError } from './core/errors.ts';
import { apiNames } from './core/model.ts';

export type CommandName = 'setup' | 'verify' | 'sandbox';

/** One setting: where its value may come from, and what makes it valid. */
export interface Field<T> {
  /** As commander writes it: `--tenant <id or domain>`. */
  readonly flag: string;
  readonly short?: string;
  readonly describe: string;
  readonly group: 'What to set up' | 'Signing in' | 'Output' | 'Sandbox' | 'Running';
  readonly commands: readonly CommandName[];
  readonly env?: string;
  /** Shown in help; the value itself is filled in where it is used. */
  readonly fallback?: string;
  readonly repeatable?: boolean;
  /** Throws RangeError with a sentence that says what is valid. */
  readonly parse: (text: string) => T;
}

const guidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const domainPattern = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/i;

const invalid = (text: string, expected: string): RangeError =>
  new RangeError(`${JSON.stringify(text)} is not ${expected}`);

function parseGuid(text: string): string {
  if (!guidPattern.test(text)) {
    throw invalid(text, 'a GUID: it looks like 0f8fad5b-d9cb-469f-a165-70867728950e');
  }
  return text.toLowerCase();
}

function parseDomain(text: string): string {
  if (!domainPattern.test(text)) throw invalid(text, 'a domain name such as contoso.onmicrosoft.com');
  return text.toLowerCase();
}

function parseTenant(text: string): string {
  if (guidPattern.test(text) || domainPattern.test(text)) return text.toLowerCase();
  throw invalid(text, 'a tenant: give its id (a GUID) or one of its domain names');
}

function parseEndpoint(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:' || url.username || url.search || url.hash || url.pathname !== '/') {
    throw invalid(text, 'an https address without a path, such as https://login.microsoftonline.com');
  }
  return url.origin;
}

function parseSignOnUrl(text: string): string | null {
  if (text.toLowerCase() === 'none') return null;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const local = url?.protocol === 'http:' && url.hostname === 'localhost';
  if (!url || (url.protocol !== 'https:' && !local) || url.hash) {
    throw invalid(text, 'an https address or "none"');
  }
  return text;
}

function parseName(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.length > 256 || /\p{Cc}/u.test(trimmed)) {
    throw invalid(text, 'a name: one line of 1 to 256 characters');
  }
  return trimmed;
}

function parsePath(text: string): string {
  if (text.trim() === '' || text.includes('\0')) throw invalid(text, 'a file name');
  return text;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw invalid(text, 'a port number from 0 to 65535');
  return port;
}

/** A parser for one word out of a list. */
function oneOf<T extends string>(values: readonly T[]): (text: string) => T {
  return (text) => {
    const found = values.find((value) => value === text);
    if (!found) throw invalid(text, `one of: ${values.join(', ')}`);
    return found;
  };
}

const field = <T>(definition: Field<T>): Field<T> => definition;
const setup: readonly CommandName[] = ['setup'];
const both: readonly CommandName[] = ['setup', 'verify'];

/** Every option that takes a value. Flags, environment, help and validation all come from here. */
export const fields = {
  tenant: field({
    flag: '--tenant <id or domain>',
    describe: 'only work in this tenant',
    group: 'Signing in',
    commands: both,
    fallback: "the signed-in account's tenant",
    parse: parseTenant,
  }),
  cloud: field({
    flag: '--cloud <name>',
    describe: publicCloudNames.join(', '),
    group: 'Signing in',
    commands: both,
    fallback: 'global',
    parse: oneOf(publicCloudNames),
  }),
  authorityHost: field({
    flag: '--authority-host <url>',
    describe: 'another sign-in endpoint',
    group: 'Signing in',
    commands: both,
    env: 'AZURE_AUTHORITY_HOST',
    parse: parseEndpoint,
  }),
  graphUrl: field({
    flag: '--graph-url <url>',
    describe: 'another Microsoft Graph endpoint',
    group: 'Signing in',
    commands: both,
    env: 'REPORTING_SETUP_GRAPH_URL',
    parse: parseEndpoint,
  }),
  auth: field<AuthMethod>({
    flag: '--auth <way>',
    describe: authMethods.join(', '),
    group: 'Signing in',
    commands: setup,
    fallback: 'browser or device-code in a terminal; environment, workload-identity or azure-cli without one',
    parse: oneOf(authMethods),
  }),
  loginClientId: field({
    flag: '--login-client-id <guid>',
    describe: 'public client used for sign-in',
    group: 'Signing in',
    commands: setup,
    fallback: "Azure CLI's",
    parse: parseGuid,
  }),
  appName: field({
    flag: '--app-name <name>',
    describe: 'display name of the application',
    group: 'What to set up',
    commands: setup,
    fallback: 'Reporting API application',
    parse: parseName,
  }),
  signOnUrl: field({
    flag: '--sign-on-url <url|none>',
    describe: 'its sign-on address',
    group: 'What to set up',
    commands: setup,
    fallback: 'https://localhost',
    parse: parseSignOnUrl,
  }),
  api: field({
    flag: '--api <name>',
    describe: `${apiNames.join(', ')} (retired); repeatable`,
    group: 'What to set up',
    commands: setup,
    fallback: 'microsoft-graph',
    repeatable: true,
    parse: oneOf(apiNames),
  }),
  clientId: field({
    flag: '--client-id <guid>',
    describe: 'use this existing application',
    group: 'What to set up',
    commands: setup,
    parse: parseGuid,
  }),
  domain: field({
    flag: '--domain <name>',
    describe: "one of the tenant's verified domains",
    group: 'What to set up',
    commands: setup,
    fallback: "the tenant's default domain",
    parse: parseDomain,
  }),
  credential: field<CredentialKind>({
    flag: '--credential <kind>',
    describe: credentialKinds.join(', '),
    group: 'What to set up',
    commands: setup,
    fallback: 'secret',
    parse: oneOf(credentialKinds),
  }),
  secretName: field({
    flag: '--secret-name <text>',
    describe: 'description of the client secret',
    group: 'What to set up',
    commands: setup,
    fallback: 'Reporting API',
    parse: parseName,
  }),
  secretLifetime: field({
    flag: '--secret-lifetime <time>',
    describe: '90d, 6mo, 1y, 2y …',
    group: 'What to set up',
    commands: setup,
    fallback: "2y, or the tenant's cap",
    parse: parseDuration,
  }),
  output: field({
    flag: '--output <file>',
    describe: 'where the credential is written',
    group: 'Output',
    commands: setup,
    fallback: 'reporting-setup.json',
    parse: parsePath,
  }),
  config: field({
    flag: '--config <file>',
    describe: 'the file that setup wrote',
    group: 'Output',
    commands: ['verify'],
    fallback: 'reporting-setup.json',
    parse: parsePath,
  }),
  format: field({
    flag: '--format <json|env>',
    describe: 'format of that file',
    group: 'Output',
    commands: setup,
    fallback: 'env for .env files, else json',
    parse: oneOf(['json', 'env'] as const),
  }),
  expiresWithin: field({
    flag: '--expires-within <time>',
    describe: 'warn when the credential ends within it',
    group: 'Running',
    commands: ['verify'],
    fallback: '30d',
    parse: parseDuration,
  }),
  port: field({
    flag: '--port <n>',
    describe: 'port on 127.0.0.1',
    group: 'Running',
    commands: ['sandbox'],
    fallback: 'any free one',
    parse: parsePort,
  }),
  scenario: field({
    flag: '--scenario <name>',
    describe: 'what is special about the tenant; repeatable',
    group: 'Sandbox',
    commands: ['sandbox'],
    fallback: 'default',
    repeatable: true,
    parse: parseName,
  }),
  state: field({
    flag: '--state <file>',
    describe: 'keep the tenant in this file',
    group: 'Sandbox',
    commands: ['sandbox'],
    fallback: 'in memory',
    parse: parsePath,
  }),
} as const satisfies Record<string, unknown>;

export type FieldName = keyof typeof fields;
type ValueOf<K extends FieldName> = (typeof fields)[K] extends Field<infer T> ? T : never;
type Repeatable = {
  [K in FieldName]: (typeof fields)[K] extends { repeatable: true } ? K : never;
}[FieldName];

/** Parsed values; what nobody gave is absent. */
export type Settings = {
  readonly [K in FieldName]?: K extends 'api' | 'scenario' | Repeatable ? readonly ValueOf<K>[] : ValueOf<K>;
};

/** What the command line parser hands over. */
export type RawOptions = Readonly<Record<string, unknown>>;

/** The long name of a field's flag: `--tenant`. */
export function flagOf(name: FieldName): string {
  return fields[name].flag.split(' ')[0] ?? '';
}

function rawValues(
  name: FieldName,
  raw: RawOptions,
  env: Readonly<Record<string, string | undefined>>,
): string[] {
  const given = raw[name];
  if (Array.isArray(given)) return given.map(String);
  if (typeof given === 'string') return [given];
  const definition: Field<unknown> = fields[name];
  const fromEnv = definition.env === undefined ? undefined : env[definition.env];
  return fromEnv ? [fromEnv] : [];
}

/** One field's values parsed; what is wrong with them goes to `problems`. */
function parseField(name: FieldName, texts: readonly string[], problems: string[]): unknown[] {
  const values: unknown[] = [];
  for (const text of texts) {
    try {
      values.push(fields[name].parse(text));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      problems.push(`${flagOf(name)}: ${error.message}`);
    }
  }
  return values;
}

/**
 * Parses what flags and environment give for a command; flags win. Throws one WizardError that names every
 * invalid value at once.
 */
export function resolveSettings(
  command: CommandName,
  raw: RawOptions,
  env: Readonly<Record<string, string | undefined>>,
): Settings {
  const problems: string[] = [];
  const settings: Record<string, unknown> = {};
  for (const name of Object.keys(fields) as FieldName[]) {
    const definition: Field<unknown> = fields[name];
    if (!definition.commands.includes(command)) continue;
    const values = parseField(name, rawValues(name, raw, env), problems);
    if (values.length > 0) settings[name] = definition.repeatable ? [...new Set(values)] : values[0];
  }
  if (problems.length > 0) throw new WizardError('invalid-options', problems.join('\n'));
  return settings;
}

/** Flags without which nobody can tell what is wanted, where nobody can be asked. Pure. */
function missingFlags(command: CommandName, flags: Flags): string[] {
  if (command !== 'setup' || flags.interactive) return [];
  return flags.yes || flags.dryRun
    ? []
    : ['--yes (to write without a confirmation) or --dry-run (to write nothing)'];
}

/** The sandbox is a cloud of its own. */
function contradictions(flags: Flags, raw: RawOptions): string[] {
  if (flags.sandbox === undefined) return [];
  const clouds = (['cloud', 'authorityHost', 'graphUrl'] as const).filter((name) => raw[name] !== undefined);
  return clouds.map((name) => `${flagOf(name)} and --sandbox exclude each other`);
}

/** Throws WizardError naming everything that is missing, or that does not go together, at once. */
export function requireComplete(command: CommandName, flags: Flags, raw: RawOptions): void {
  const wrong = contradictions(flags, raw);
  if (wrong.length > 0) throw new WizardError('invalid-options', wrong.join('\n'));
  const missing = missingFlags(command, flags);
  if (missing.length === 0) return;
  throw new WizardError('missing-options', `Nobody can be asked here. Missing: ${missing.join(', ')}`);
}

/** What the flags without a value say, the terminal taken into account. */
export interface Flags {
  readonly yes: boolean;
  readonly json: boolean;
  readonly debug: boolean;
  readonly dryRun: boolean;
  /** Scenario names, comma-separated; undefined outside the sandbox. */
  readonly sandbox: string | undefined;
  /** Questions may be asked. */
  readonly interactive: boolean;
}

/** What decides whether anybody can be asked. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: { readonly isTTY?: boolean };
  readonly stderr: { readonly isTTY?: boolean };
}

const isTruthy = (value: string | undefined): boolean =>
  value !== undefined && !['', '0', 'false', 'no', 'off'].includes(value.toLowerCase());

/** Reads the flags without a value. Nobody is asked without a terminal, in CI, or when that is switched off. Pure. */
export function resolveFlags(raw: RawOptions, { env, stdin, stderr }: Surroundings): Flags {
  const json = raw['json'] === true;
  const silenced =
    raw['input'] === false || json || isTruthy(env['REPORTING_SETUP_NO_INPUT']) || isTruthy(env['CI']);
  const { sandbox } = raw;
  return {
    yes: raw['yes'] === true,
    json,
    debug: raw['debug'] === true,
    dryRun: raw['dryRun'] === true,
    sandbox: typeof sandbox === 'string' ? sandbox : sandbox === true ? 'default' : undefined,
    interactive: !silenced && stdin.isTTY === true && stderr.isTTY === true,
  };
}
