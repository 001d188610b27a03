import { credentialKinds, sandboxScenarios } from '../core/choices.ts';
import { parseDuration } from '../core/duration.ts';
import { authMethods } from '../entra/auth-methods.ts';
import { publicCloudNames } from '../entra/clouds.ts';
import {
  parseAudience,
  parseGitHub,
  parseIssuer,
  parseSubject,
} from '../tenant/credential/github-subject.ts';
import { apiNames } from '../tenant/directory-objects.ts';
import { connectOptions } from './connect-options.ts';
import { choice, file, type OptionDefinition } from './option-definition.ts';
import {
  endpointLike,
  parseConcurrency,
  parseDomain,
  parseGuid,
  parseName,
  parsePort,
  parseScenarios,
  parseSignOnUrl,
  parseTenant,
  parseTimeout,
} from './option-parsers.ts';
import { rotateOptions } from './rotate-options.ts';

import { teardownOptions } from './teardown-options.ts';

export {
  type CommandName,
  commandNames,
  commandWords,
  type OptionDefinition,
} from './option-definition.ts';

const signingIn = {
  setup: 'Signing in',
  verify: 'Signing in',
  connect: 'Signing in (stores)',
  rotate: 'Signing in',
  teardown: 'Signing in',
} as const;
const whatToSetUp = { setup: 'What to set up' } as const;
const whatToMake = { ...whatToSetUp, rotate: 'What to rotate' } as const;
const running = {
  setup: 'Running',
  verify: 'Running',
  connect: 'Running',
  rotate: 'Running',
  teardown: 'Running',
} as const;
const runningAnything = { ...running, sandbox: 'Running' } as const;

/** Every option by its name in code; help shows them in this order. */
export const options = {
  tenant: {
    flag: '--tenant <id or domain>',
    describe: 'only work in this tenant',
    commands: signingIn,
    fallback: "the signed-in account's tenant",
    fallbacks: { verify: "the file's tenant", connect: "the file's tenant" },
    parse: parseTenant,
  },
  cloud: {
    flag: '--cloud <name>',
    describe: `where the tenant lives: ${publicCloudNames.join(', ')}`,
    commands: signingIn,
    fallback: 'global',
    ...choice(publicCloudNames),
  },
  authorityHost: {
    flag: '--authority-host <url>',
    describe: 'another sign-in endpoint',
    commands: signingIn,
    env: 'AZURE_AUTHORITY_HOST',
    fallback: "the cloud's",
    parse: endpointLike('https://login.microsoftonline.com'),
  },
  graphUrl: {
    flag: '--graph-url <url>',
    describe: 'another Microsoft Graph endpoint',
    commands: signingIn,
    env: 'REPORTING_SETUP_GRAPH_URL',
    fallback: "the cloud's",
    parse: endpointLike('https://graph.microsoft.com'),
  },
  auth: {
    flag: '--auth <way>',
    describe: `how an administrator signs in: ${authMethods.join(', ')}`,
    commands: signingIn,
    fallback: 'browser or device-code in a terminal; environment, workload-identity or azure-cli without one',
    ...choice(authMethods),
  },
  loginClientId: {
    flag: '--login-client-id <guid>',
    describe: 'public client used for sign-in',
    commands: signingIn,
    fallback: "Azure CLI's",
    parse: parseGuid,
  },
  appName: {
    flag: '--app-name <name>',
    describe: 'display name of the application',
    commands: whatToSetUp,
    fallback: 'Reporting API application',
    parse: parseName,
  },
  signOnUrl: {
    flag: '--sign-on-url <url|none>',
    describe: 'its sign-on address',
    commands: whatToSetUp,
    fallback: 'https://localhost',
    parse: parseSignOnUrl,
  },
  api: {
    flag: '--api <name>',
    describe: `which API to read, repeatable: ${apiNames.join(', ')} (retired)`,
    commands: whatToSetUp,
    fallback: 'microsoft-graph',
    repeatable: true,
    ...choice(apiNames),
  },
  clientId: {
    flag: '--client-id <guid>',
    describe: 'use this existing application',
    commands: whatToSetUp,
    fallback: 'the one that setup registers',
    parse: parseGuid,
  },
  domain: {
    flag: '--domain <name>',
    describe: "one of the tenant's verified domains",
    commands: whatToSetUp,
    fallback: "the tenant's default domain",
    parse: parseDomain,
  },
  credential: {
    flag: '--credential <kind>',
    describe: `what the application proves itself with: ${credentialKinds.join(', ')}`,
    commands: whatToMake,
    fallback: "the file's kind, else secret",
    ...choice(credentialKinds),
  },
  certificateFile: {
    flag: '--certificate-file <pem>',
    describe: 'your own certificate with its RSA private key',
    commands: whatToMake,
    fallback: 'one made here',
    ...file,
  },
  issuer: {
    flag: '--issuer <url>',
    describe: 'federated: whose tokens are trusted',
    commands: whatToSetUp,
    parse: parseIssuer,
  },
  subject: {
    flag: '--subject <text>',
    describe: 'federated: for which workload, exactly as in its tokens',
    commands: whatToSetUp,
    parse: parseSubject,
  },
  github: {
    flag: '--github <repo[:what]>',
    describe:
      'federated: issuer and subject for GitHub Actions; owner/repo:environment:<name>, owner/repo:ref:refs/heads/<branch>, owner/repo:pull_request',
    commands: whatToSetUp,
    fallback: 'branch main where only owner/repo is given',
    parse: parseGitHub,
  },
  audience: {
    flag: '--audience <text>',
    describe: 'federated: audience of the tokens',
    commands: whatToSetUp,
    fallback: 'api://AzureADTokenExchange, or that of the cloud',
    parse: parseAudience,
  },
  secretName: {
    flag: '--secret-name <text>',
    describe: 'description of the client secret or certificate',
    commands: whatToMake,
    fallback: 'Reporting API',
    parse: parseName,
  },
  secretLifetime: {
    flag: '--secret-lifetime <time>',
    describe: 'how long it is valid: 90d, 6mo, 1y, 2y …',
    commands: whatToMake,
    fallback: "2y (a certificate: 1y), or the tenant's cap",
    parse: parseDuration,
  },
  output: {
    flag: '--output <file>',
    describe: 'where the credential is written',
    commands: { setup: 'Output' },
    fallback: 'reporting-setup.json',
    ...file,
  },
  config: {
    flag: '--config <file...>',
    describe: 'the file that setup wrote; several files, repeated or as a pattern, are checked together',
    commands: { verify: 'Output' },
    fallback: 'reporting-setup.json',
    repeatable: true,
    ...file,
  },
  ...connectOptions,
  ...rotateOptions,
  ...teardownOptions,
  concurrency: {
    flag: '--concurrency <n>',
    describe: 'how many files are checked at the same time',
    commands: { verify: 'Running' },
    fallback: '16',
    parse: parseConcurrency,
  },
  format: {
    flag: '--format <json|env>',
    describe: 'format of that file: json, env',
    commands: { setup: 'Output' },
    fallback: 'env for .env files, else json',
    ...choice(['json', 'env']),
  },
  expiresWithin: {
    flag: '--expires-within <time>',
    describe: 'warn when the credential ends within it',
    commands: { verify: 'Running' },
    fallback: '30d',
    parse: parseDuration,
  },
  onFailure: {
    flag: '--on-failure <what>',
    describe: 'keep or undo what this run created when it fails or is stopped',
    commands: { setup: 'Running', rotate: 'Running' },
    fallback: 'asked in a terminal, else keep',
    ...choice(['keep', 'undo']),
  },
  timeout: {
    flag: '--timeout <time>',
    describe: 'stop the whole run after it: 90s, 5m, 1h',
    commands: running,
    fallback: 'none',
    parse: parseTimeout,
  },
  port: {
    flag: '--port <n>',
    describe: 'port on 127.0.0.1',
    commands: { sandbox: 'Running' },
    fallback: 'any free one',
    parse: parsePort,
  },
  scenario: {
    flag: '--scenario <name>',
    describe: `what is special about the tenant, repeatable: ${sandboxScenarios.join(', ')}`,
    commands: { sandbox: 'Sandbox' },
    fallback: 'default',
    repeatable: true,
    choices: sandboxScenarios,
    parse: parseScenarios,
  },
  state: {
    flag: '--state <file>',
    describe: 'keep the tenant in this file',
    commands: { sandbox: 'Sandbox' },
    fallback: 'in memory',
    ...file,
  },
  admin: {
    flag: '--admin',
    describe: 'sign an administrator in too: roles, policies and drift',
    commands: { verify: 'Signing in' },
  },
  certificatePasswordStdin: {
    flag: '--certificate-password-stdin',
    describe: 'read the pass phrase of an encrypted private key from standard input',
    commands: {
      ...whatToSetUp,
      verify: 'Running',
      connect: 'Running',
      rotate: 'Running',
      teardown: 'Running',
    },
  },
  sandbox: {
    flag: '--sandbox [scenario]',
    describe:
      'use the built-in sandbox tenant; several scenarios with commas between (sandbox --help lists them)',
    commands: {
      setup: 'Sandbox',
      verify: 'Sandbox',
      connect: 'Sandbox',
      rotate: 'Sandbox',
      teardown: 'Sandbox',
    },
    fallback: 'no sandbox; the scenario default where none is named',
    choices: sandboxScenarios,
  },
  dryRun: {
    flag: '--dry-run',
    describe: 'show what would change, write nothing',
    commands: { setup: 'Running', connect: 'Running', rotate: 'Running', teardown: 'Running' },
  },
  yes: {
    flag: '-y, --yes',
    describe: 'take the defaults and do not ask for confirmation',
    commands: { setup: 'Running', connect: 'Running', rotate: 'Running', teardown: 'Running' },
  },
  input: {
    flag: '--no-input',
    describe: 'never ask',
    commands: runningAnything,
    env: 'REPORTING_SETUP_NO_INPUT',
    fallback: 'asks in a terminal, unless CI is set',
  },
  plain: {
    flag: '--plain',
    describe: 'ask line by line and draw nothing twice, as with TERM=dumb',
    commands: running,
  },
  json: {
    flag: '--json',
    describe: 'one JSON document on stdout; implies --no-input',
    commands: runningAnything,
  },
  debug: {
    flag: '--debug',
    describe: 'log every request on stderr, without secrets',
    commands: runningAnything,
  },
} as const satisfies Record<string, OptionDefinition>;

export type OptionName = keyof typeof options;

/** The long name of an option's flag: `--tenant`. */
export const flagOf = (name: OptionName): string => /--[a-z-]+/.exec(options[name].flag)?.[0] ?? '';
