import type { Secret } from '../core/secret.ts';
import type { CloudName } from '../entra/clouds.ts';
import { faultPosition } from './config-json.ts';
import { readConfigData } from './config-schema.ts';

/** Kinds of credential that a configuration can hold. */
export type ConfigCredentialKind = 'secret' | 'certificate' | 'federated';

/** What setup writes and verify reads: everything needed to use the reporting API. */
export interface ReportingConfig {
  readonly version: 1;
  readonly cloud: CloudName;
  /** GUID, as every id here. */
  readonly tenantId: string;
  readonly domain: string;
  readonly clientId: string;
  /** Only with a credential of kind `secret`. */
  readonly clientSecret?: Secret;
  /** PEM file with certificate and key; only with a credential of kind `certificate`. */
  readonly certificatePath?: string;
  readonly credential: {
    readonly kind: ConfigCredentialKind;
    readonly keyId?: string;
    readonly displayName?: string;
    /** ISO 8601. */
    readonly expires?: string;
    /** Whose tokens are taken; only with a credential of kind `federated`. */
    readonly issuer?: string;
    readonly subject?: string;
    readonly audience?: string;
  };
  readonly application: {
    readonly objectId: string;
    readonly servicePrincipalId: string;
    readonly uniqueName?: string;
    /** Only where it is not what setup calls an application by itself. */
    readonly displayName?: string;
  };
  /** Only when the cloud is none that has a name; https, no trailing slash. */
  readonly endpoints?: { readonly authorityHost: string; readonly graphUrl: string };
  readonly permissions: readonly string[];
}

export type ConfigFormat = 'json' | 'env';

/** What a configuration file turned out to be. Problems never quote a value. */
export type ConfigReading =
  | { readonly status: 'absent' }
  | { readonly status: 'ok'; readonly config: ReportingConfig; readonly format: ConfigFormat }
  | { readonly status: 'invalid'; readonly problems: readonly string[] }
  | { readonly status: 'newer'; readonly version: number };

/** Turns a secret into text; handed in, so that it is known who may. */
export type Reveal = (secret: Secret) => string;

/** The text without the byte order mark that some editors put first. */
export const withoutMark = (text: string): string => text.replace(/^\ufeff/, '');

/** Reads the JSON format. Never throws, and never quotes what the file holds. */
export function parseJsonConfig(text: string): ConfigReading {
  const content = withoutMark(text);
  if (content.trim() === '') return { status: 'invalid', problems: ['the file is empty'] };
  let data: unknown;
  try {
    data = JSON.parse(content);
  } catch {
    const { line, column } = faultPosition(content);
    return { status: 'invalid', problems: [`it is not JSON from line ${line}, column ${column} on`] };
  }
  return readConfigData(data, 'json', (path) => path.join('.'));
}

/** Writes the JSON format, in the order of its documentation; ends with a line break. */
export function formatJsonConfig(config: ReportingConfig, reveal: Reveal): string {
  const { version, cloud, tenantId, domain, clientId, clientSecret, certificatePath } = config;
  const { kind, keyId, displayName, expires, issuer, subject, audience } = config.credential;
  const { objectId, servicePrincipalId, uniqueName, displayName: appName } = config.application;
  const content = {
    version,
    cloud,
    tenantId,
    domain,
    clientId,
    clientSecret: clientSecret && reveal(clientSecret),
    certificatePath,
    credential: { kind, keyId, displayName, expires, issuer, subject, audience },
    application: { objectId, servicePrincipalId, uniqueName, displayName: appName },
    endpoints: config.endpoints,
    permissions: config.permissions,
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}
