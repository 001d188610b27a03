import { type CredentialKind, credentialKinds } from '../core/choices.ts';
import { parseDuration } from '../core/duration.ts';
import {
  parseAudience,
  parseGitHub,
  parseIssuer,
  parseSubject,
} from '../tenant/credential/github-subject.ts';
import { oneOf, parseName, parsePath } from './option-parsers.ts';
import type { CommandName, Field } from './options.ts';

const field = <T>(definition: Field<T>): Field<T> => definition;
const setup: readonly CommandName[] = ['setup'];

/** The options that say what the credential is to be: part of the table of all options. */
export const credentialFields = {
  credential: field<CredentialKind>({
    flag: '--credential <kind>',
    describe: `what the application proves itself with: ${credentialKinds.join(', ')}`,
    group: 'What to set up',
    commands: setup,
    fallback: "the file's kind, else secret",
    choices: credentialKinds,
    parse: oneOf(credentialKinds),
  }),
  certificateFile: field({
    flag: '--certificate-file <pem>',
    describe: 'your own certificate with its RSA private key',
    group: 'What to set up',
    commands: setup,
    fallback: 'one made here',
    isFile: true,
    parse: parsePath,
  }),
  issuer: field({
    flag: '--issuer <url>',
    describe: 'federated: whose tokens are trusted',
    group: 'What to set up',
    commands: setup,
    parse: parseIssuer,
  }),
  subject: field({
    flag: '--subject <text>',
    describe: 'federated: for which workload, exactly as in its tokens',
    group: 'What to set up',
    commands: setup,
    parse: parseSubject,
  }),
  github: field({
    flag: '--github <repo[:what]>',
    describe:
      'federated: issuer and subject for GitHub Actions; owner/repo:environment:<name>, owner/repo:ref:refs/heads/<branch>, owner/repo:pull_request',
    group: 'What to set up',
    commands: setup,
    fallback: 'branch main where only owner/repo is given',
    parse: parseGitHub,
  }),
  audience: field({
    flag: '--audience <text>',
    describe: 'federated: audience of the tokens',
    group: 'What to set up',
    commands: setup,
    fallback: 'api://AzureADTokenExchange, or that of the cloud',
    parse: parseAudience,
  }),
  secretName: field({
    flag: '--secret-name <text>',
    describe: 'description of the client secret or certificate',
    group: 'What to set up',
    commands: setup,
    fallback: 'Reporting API',
    parse: parseName,
  }),
  secretLifetime: field({
    flag: '--secret-lifetime <time>',
    describe: 'how long it is valid: 90d, 6mo, 1y, 2y …',
    group: 'What to set up',
    commands: setup,
    fallback: "2y (a certificate: 1y), or the tenant's cap",
    parse: parseDuration,
  }),
} as const satisfies Record<string, unknown>;
