import { parse } from 'dotenv';
import { WizardError } from '../core/errors.ts';
import { fieldsOf, parseJson } from '../core/fields.ts';
import { Secret } from '../core/secret.ts';
import { thisMachine } from '../core/this-machine.ts';
import { publicCloud, publicCloudNames } from '../entra/clouds.ts';
import {
  type ConfigReading,
  inOrder,
  type ReportingConfig,
  type Reveal,
  readConfigData,
  withoutMark,
} from './config.ts';
import { quoteEnvValue, updateEnvText } from './env-lines.ts';

/** The variable that holds each field; the AZURE_ ones are those that EnvironmentCredential reads. */
const variables = {
  tenantId: 'AZURE_TENANT_ID',
  clientId: 'AZURE_CLIENT_ID',
  clientSecret: 'AZURE_CLIENT_SECRET',
  certificatePath: 'AZURE_CLIENT_CERTIFICATE_PATH',
  'endpoints.authorityHost': 'AZURE_AUTHORITY_HOST',
  'endpoints.graphUrl': 'REPORTING_GRAPH_URL',
  version: 'REPORTING_VERSION',
  cloud: 'REPORTING_CLOUD',
  domain: 'REPORTING_DOMAIN',
  'credential.kind': 'REPORTING_CREDENTIAL_KIND',
  'credential.keyId': 'REPORTING_CREDENTIAL_KEY_ID',
  'credential.displayName': 'REPORTING_CREDENTIAL_NAME',
  'credential.expires': 'REPORTING_CREDENTIAL_EXPIRES',
  'credential.issuer': 'REPORTING_CREDENTIAL_ISSUER',
  'credential.subject': 'REPORTING_CREDENTIAL_SUBJECT',
  'credential.audience': 'REPORTING_CREDENTIAL_AUDIENCE',
  'credential.previous': 'REPORTING_PREVIOUS',
  'credential.secretIn': 'REPORTING_SECRET_IN',
  'application.objectId': 'REPORTING_APPLICATION_OBJECT_ID',
  'application.servicePrincipalId': 'REPORTING_APPLICATION_SERVICE_PRINCIPAL_ID',
  'application.uniqueName': 'REPORTING_APPLICATION_UNIQUE_NAME',
  'application.displayName': 'REPORTING_APPLICATION_NAME',
  'application.adopted': 'REPORTING_APPLICATION_ADOPTED',
  'application.grants': 'REPORTING_APPLICATION_GRANTS',
  'application.deactivatedAt': 'REPORTING_APPLICATION_DEACTIVATED_AT',
  'application.deactivatingAt': 'REPORTING_APPLICATION_DEACTIVATING_AT',
  permissions: 'REPORTING_PERMISSIONS',
} as const;

const ownVariables: ReadonlySet<string> = new Set(Object.values(variables));

/** The variable that a problem is about. */
function variableOf(path: readonly string[]): string {
  const [top = ''] = path;
  const name = top === 'permissions' ? top : path.join('.');
  const known: Readonly<Record<string, string>> = variables;
  if (name.startsWith('credential.previous.')) return variables['credential.previous'];
  return known[name] ?? (top === 'endpoints' ? variables['endpoints.graphUrl'] : name);
}

/** Free text: what no quoting carries through every reader is percent-encoded in it. */
const freeText: ReadonlySet<string> = new Set([
  'credential.displayName',
  'credential.issuer',
  'credential.subject',
  'credential.audience',
  'credential.secretIn',
  'application.uniqueName',
  'application.displayName',
]);

/** Several values, with commas between. */
const lists: ReadonlySet<string> = new Set(['permissions', 'application.grants']);

const encodeName = (name: string): string =>
  name.replace(/[%'\\\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) =>
    character === "'" ? '%27' : encodeURIComponent(character.replace(/\p{Cs}/u, '\ufffd')),
  );

function decodeName(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function parseField(path: string, text: string): unknown {
  if (path === 'version') return Number(text);
  if (lists.has(path)) return text.split(',').filter((item) => item !== '');
  if (path === 'application.adopted') return text === 'true' ? true : text === 'false' ? false : text;
  if (path === 'credential.previous') return parseJson(decodeName(text)) ?? text;
  if (path === 'credential.secretIn') return parseJson(decodeName(text)) ?? text;
  return freeText.has(path) ? decodeName(text) : text;
}

/** Fields that are there, nested as the JSON format has them. */
function dataOf(env: Readonly<Record<string, string>>): Record<string, unknown> {
  const data: Record<string, unknown> = { credential: {}, application: {} };
  for (const [path, variable] of Object.entries(variables)) {
    const text = env[variable];
    if (text === undefined || (text === '' && path !== 'permissions')) continue;
    // A known cloud has this variable too, and no endpoints.
    if (path === 'endpoints.authorityHost' && !env[variables['endpoints.graphUrl']]) continue;
    const [top = '', key] = path.split('.');
    const value = parseField(path, text);
    data[top] = key === undefined ? value : { ...fieldsOf(data[top]), [key]: value };
  }
  return data;
}

const isOwn = (name: string): boolean => name.startsWith('REPORTING_') && ownVariables.has(name);

/** What says who somebody is: where this program has written nothing else into a file, it is another application's. */
const identities = [variables.clientId, variables.clientSecret, variables.certificatePath];

/** Reads the env format; a .env file without any variable of it counts as absent. Never quotes a value. */
export function parseEnvConfig(text: string): ConfigReading {
  const env = parse(withoutMark(text));
  if (Object.keys(env).some(isOwn)) return readConfigData(dataOf(env), 'env', variableOf);
  const foreign = identities.find((name) => env[name]);
  if (foreign === undefined) return { status: 'absent' };
  const problem = `it holds the credential of another application: ${foreign} without ${variables.version}`;
  return { status: 'invalid', problems: [problem], foreign: true };
}

/** What EnvironmentCredential needs to know about the cloud: nothing for the global one. */
function authorityHostOf({ cloud, endpoints }: ReportingConfig): string | undefined {
  if (endpoints) return endpoints.authorityHost;
  const known = publicCloudNames.find((name) => name === cloud && name !== 'global');
  return known && publicCloud(known).authorityHost;
}

function formatField(path: string, value: unknown, reveal: Reveal): string {
  if (value instanceof Secret) return reveal(value);
  const isSection = typeof value === 'object' && !Array.isArray(value);
  const text = isSection ? JSON.stringify(value) : String(value ?? '');
  return freeText.has(path) ? encodeName(text) : text;
}

/** What goes into the file, unquoted. */
function entriesOf(config: ReportingConfig, reveal: Reveal): Map<string, string> {
  const endpoints = { ...config.endpoints, authorityHost: authorityHostOf(config) };
  const fields = fieldsOf({ ...config, endpoints });
  const previous = JSON.stringify(inOrder(config.credential.previous) ?? []);
  const entries = Object.entries(variables).map(([path, variable]) => {
    const [top = '', key] = path.split('.');
    const value = key === undefined ? fields[top] : fieldsOf(fields[top])[key];
    if (path === 'credential.previous')
      return [variable, value === undefined ? '' : encodeName(previous)] as const;
    return [variable, formatField(path, value, reveal)] as const;
  });
  return new Map(entries.filter(([variable, text]) => text !== '' || variable === variables.permissions));
}

function quote(name: string, value: string): string {
  const form = quoteEnvValue(value);
  if (form !== undefined) return form;
  throw new WizardError('output-not-saved', `No .env file can hold the value of ${name}.`, {
    remedy: 'Use the other format: --format json',
  });
}

/** Variables of a .env text that are not this program's. */
const foreign = (text: string): string =>
  JSON.stringify(Object.entries(parse(text)).filter(([name]) => !ownVariables.has(name)));

/** Sets and removes this program's lines. Throws WizardError when the others would not read as before. */
function merge(existing: string, entries: ReadonlyMap<string, string>, platform: string): string {
  const lines = new Map([...entries].map(([name, value]) => [name, quote(name, value)] as const));
  const mark = existing.startsWith('\ufeff') ? '\ufeff' : '';
  const text = mark + updateEnvText(withoutMark(existing), ownVariables, lines, platform);
  const written = parse(text);
  const isReadable = [...ownVariables].every((name) => written[name] === entries.get(name));
  if (isReadable && foreign(text) === foreign(existing)) return text;
  throw new WizardError(
    'output-unusable',
    'The existing .env file has lines that cannot be kept as they are.',
    {
      remedy: 'Look for a quote that is not closed in it, or choose another file with --output.',
    },
  );
}

/** Throws WizardError where an existing .env file cannot take the variables of a configuration. */
export function requireMergeable(existing: string): void {
  merge(existing, new Map([...ownVariables].map((name) => [name, 'x'])), thisMachine.platform);
}

/**
 * Writes the env format into the text of an existing .env file ('' when there is none): only its own lines
 * change. Throws WizardError when a value cannot be written so that every reader gets it back, or when the
 * existing lines cannot be kept.
 */
export function formatEnvConfig(
  existing: string,
  config: ReportingConfig,
  reveal: Reveal,
  platform: string = thisMachine.platform,
): string {
  return merge(existing, entriesOf(config, reveal), platform);
}

/** Variables of this program's beside those of a configuration. */
const notes = ['REPORTING_CONNECTED', 'REPORTING_PREVIOUS'] as const;

/** The text without this program's variables; every other line stays byte for byte. Throws WizardError where it cannot. */
export function withoutEnvConfig(text: string): string {
  const own = new Set([...ownVariables, ...notes]);
  const mark = text.startsWith('\ufeff') ? '\ufeff' : '';
  const rest = mark + updateEnvText(withoutMark(text), own, new Map(), thisMachine.platform);
  const others = (source: string): string =>
    JSON.stringify(Object.entries(parse(source)).filter(([name]) => !own.has(name)));
  if (others(rest) === others(text) && !Object.keys(parse(withoutMark(rest))).some((name) => own.has(name)))
    return rest;
  throw new WizardError('output-not-saved', 'The .env file has lines that cannot be kept as they are.', {
    remedy: 'Take the lines that begin with AZURE_ and REPORTING_ out by hand.',
  });
}

/** A further variable of this program's that an env text holds, in the encoding of names; undefined without it. */
export function readEnvNote(text: string, name: string): string | undefined {
  const value = parse(withoutMark(text))[name];
  return value === undefined || value === '' ? undefined : decodeName(value);
}

/** The text with that variable set; every other line stays byte for byte. Throws WizardError where they could not. */
export function writeEnvNote(text: string, name: string, value: string): string {
  const mark = text.startsWith('\ufeff') ? '\ufeff' : '';
  const entry = encodeName(value);
  const lines = new Map([[name, quote(name, entry)]]);
  const written = mark + updateEnvText(withoutMark(text), new Set([name]), lines, thisMachine.platform);
  const others = (source: string): string =>
    JSON.stringify(Object.entries(parse(source)).filter(([other]) => other !== name));
  if (readEnvNote(written, name) === value && others(written) === others(text)) return written;
  throw new WizardError('output-not-saved', 'The .env file has lines that cannot be kept as they are.', {
    remedy: 'Look for a quote that is not closed in it.',
  });
}
