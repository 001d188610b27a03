import { parse } from 'dotenv';
import { WizardError } from '../core/errors.ts';
import { publicCloud, publicCloudNames } from '../entra/clouds.ts';
import {
  type ConfigReading,
  type ReportingConfig,
  type Reveal,
  readConfigData,
  withoutMark,
} from './config.ts';
import { quoteEnvValue, updateEnvText } from './env-text.ts';

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
  'application.objectId': 'REPORTING_APPLICATION_OBJECT_ID',
  'application.servicePrincipalId': 'REPORTING_APPLICATION_SERVICE_PRINCIPAL_ID',
  'application.uniqueName': 'REPORTING_APPLICATION_UNIQUE_NAME',
  'application.displayName': 'REPORTING_APPLICATION_NAME',
  permissions: 'REPORTING_PERMISSIONS',
} as const;

type FieldPath = keyof typeof variables;

const ownVariables: ReadonlySet<string> = new Set(Object.values(variables));

/** The variable that a problem is about. */
function variableOf(path: readonly string[]): string {
  const [top = ''] = path;
  const name = top === 'permissions' ? top : path.join('.');
  const known: Readonly<Record<string, string>> = variables;
  return known[name] ?? (top === 'endpoints' ? variables['endpoints.graphUrl'] : name);
}

/** Names are free text: what no quoting carries through every reader is percent-encoded. */
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

/** Fields that are there, nested as the JSON format has them. */
function dataOf(env: Readonly<Record<string, string>>): Record<string, unknown> {
  const at = (path: FieldPath): string | undefined => env[variables[path]] || undefined;
  const name = (path: FieldPath): string | undefined => {
    const text = at(path);
    return text === undefined ? undefined : decodeName(text);
  };
  const present = (fields: Record<string, unknown>): Record<string, unknown> =>
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  const version = at('version');
  const graphUrl = at('endpoints.graphUrl');
  const permissions = env[variables.permissions];
  return present({
    version: version === undefined ? undefined : Number(version),
    cloud: at('cloud'),
    tenantId: at('tenantId'),
    domain: at('domain'),
    clientId: at('clientId'),
    clientSecret: at('clientSecret'),
    certificatePath: at('certificatePath'),
    credential: present({
      kind: at('credential.kind'),
      keyId: at('credential.keyId'),
      displayName: name('credential.displayName'),
      expires: at('credential.expires'),
      issuer: name('credential.issuer'),
      subject: name('credential.subject'),
      audience: name('credential.audience'),
    }),
    application: present({
      objectId: at('application.objectId'),
      servicePrincipalId: at('application.servicePrincipalId'),
      uniqueName: name('application.uniqueName'),
      displayName: name('application.displayName'),
    }),
    endpoints:
      graphUrl === undefined
        ? undefined
        : present({ authorityHost: at('endpoints.authorityHost'), graphUrl }),
    permissions: permissions?.split(',').filter((permission) => permission !== ''),
  });
}

const isOwn = (name: string): boolean => name.startsWith('REPORTING_') && ownVariables.has(name);

/** A complete credential that is not this program's: writing over it would lose it. */
const holdsForeignCredential = (env: Readonly<Record<string, string>>): boolean =>
  Boolean(env[variables.clientId] && (env[variables.clientSecret] || env[variables.certificatePath]));

/** Reads the env format; a .env file without any variable of it counts as absent. Never quotes a value. */
export function parseEnvConfig(text: string): ConfigReading {
  const env = parse(withoutMark(text));
  if (Object.keys(env).some(isOwn)) return readConfigData(dataOf(env), 'env', variableOf);
  if (!holdsForeignCredential(env)) return { status: 'absent' };
  const problem = `it holds the credential of another application: ${variables.clientId} without ${variables.version}`;
  return { status: 'invalid', problems: [problem] };
}

/** What EnvironmentCredential needs to know about the cloud: nothing for the global one. */
function authorityHostOf({ cloud, endpoints }: ReportingConfig): string | undefined {
  if (endpoints) return endpoints.authorityHost;
  const known = publicCloudNames.find((name) => name === cloud && name !== 'global');
  return known && publicCloud(known).authorityHost;
}

function valuesOf(config: ReportingConfig, reveal: Reveal): Record<FieldPath, string | undefined> {
  const { credential, application, clientSecret } = config;
  return {
    tenantId: config.tenantId,
    clientId: config.clientId,
    clientSecret: clientSecret && reveal(clientSecret),
    certificatePath: config.certificatePath,
    'endpoints.authorityHost': authorityHostOf(config),
    'endpoints.graphUrl': config.endpoints?.graphUrl,
    version: String(config.version),
    cloud: config.cloud,
    domain: config.domain,
    'credential.kind': credential.kind,
    'credential.keyId': credential.keyId,
    'credential.displayName': credential.displayName && encodeName(credential.displayName),
    'credential.expires': credential.expires,
    'credential.issuer': credential.issuer && encodeName(credential.issuer),
    'credential.subject': credential.subject && encodeName(credential.subject),
    'credential.audience': credential.audience && encodeName(credential.audience),
    'application.objectId': application.objectId,
    'application.servicePrincipalId': application.servicePrincipalId,
    'application.uniqueName': application.uniqueName && encodeName(application.uniqueName),
    'application.displayName': application.displayName && encodeName(application.displayName),
    permissions: config.permissions.join(','),
  };
}

/** What goes into the file, unquoted. */
function entriesOf(config: ReportingConfig, reveal: Reveal): Map<string, string> {
  const entries = Object.entries(valuesOf(config, reveal)) as [FieldPath, string | undefined][];
  return new Map(
    entries.flatMap(([path, value]) =>
      value || path === 'permissions' ? [[variables[path], value ?? ''] as const] : [],
    ),
  );
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
function merge(existing: string, entries: ReadonlyMap<string, string>): string {
  const lines = new Map([...entries].map(([name, value]) => [name, quote(name, value)] as const));
  const mark = existing.startsWith('\ufeff') ? '\ufeff' : '';
  const text = mark + updateEnvText(withoutMark(existing), ownVariables, lines);
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
  merge(existing, new Map([...ownVariables].map((name) => [name, 'x'])));
}

/**
 * Writes the env format into the text of an existing .env file ('' when there is none): only its own lines
 * change. Throws WizardError when a value cannot be written so that every reader gets it back, or when the
 * existing lines cannot be kept.
 */
export function formatEnvConfig(existing: string, config: ReportingConfig, reveal: Reveal): string {
  return merge(existing, entriesOf(config, reveal));
}
