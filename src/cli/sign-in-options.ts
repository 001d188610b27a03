import { type AuthMethod, authMethods } from '../entra/auth-methods.ts';
import { publicCloudNames } from '../entra/clouds.ts';
import { endpointLike, oneOf, parseGuid, parseTenant } from './option-parsers.ts';
import type { CommandName, Field } from './options.ts';

const field = <T>(definition: Field<T>): Field<T> => definition;
const both: readonly CommandName[] = ['setup', 'verify'];

/** The options that say where the tenant is and how to sign in: part of the table of all options. */
export const signInFields = {
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
    describe: `where the tenant lives: ${publicCloudNames.join(', ')}`,
    group: 'Signing in',
    commands: both,
    fallback: 'global',
    choices: publicCloudNames,
    parse: oneOf(publicCloudNames),
  }),
  authorityHost: field({
    flag: '--authority-host <url>',
    describe: 'another sign-in endpoint',
    group: 'Signing in',
    commands: both,
    env: 'AZURE_AUTHORITY_HOST',
    fallback: "the cloud's",
    parse: endpointLike('https://login.microsoftonline.com'),
  }),
  graphUrl: field({
    flag: '--graph-url <url>',
    describe: 'another Microsoft Graph endpoint',
    group: 'Signing in',
    commands: both,
    env: 'REPORTING_SETUP_GRAPH_URL',
    fallback: "the cloud's",
    parse: endpointLike('https://graph.microsoft.com'),
  }),
  auth: field<AuthMethod>({
    flag: '--auth <way>',
    describe: `how an administrator signs in: ${authMethods.join(', ')}`,
    group: 'Signing in',
    commands: both,
    fallback: 'browser or device-code in a terminal; environment, workload-identity or azure-cli without one',
    choices: authMethods,
    parse: oneOf(authMethods),
  }),
  loginClientId: field({
    flag: '--login-client-id <guid>',
    describe: 'public client used for sign-in',
    group: 'Signing in',
    commands: both,
    fallback: "Azure CLI's",
    parse: parseGuid,
  }),
} as const satisfies Record<string, unknown>;
