import type { ReportingConfig } from '../../../src/config/config.ts';
import type { CredentialKind } from '../../../src/core/choices.ts';
import type { Finding } from '../../../src/core/findings.ts';
import type {
  Application,
  FederatedCredential,
  KeyCredential,
  ListedCredentials,
} from '../../../src/tenant/directory-objects.ts';
import type { Inventory } from '../../../src/tenant/inventory.ts';
import type { Verdict } from '../../../src/tenant/verdict.ts';
import { application } from '../account/account-data.ts';

export const now = new Date('2026-11-28T12:00:00Z');

export type Held = ReportingConfig['credential'];

export const later = '2028-11-28T00:00:00Z';
export const over = '2026-11-28T12:00:00Z';

export const listing = (
  keyId: string,
  endDateTime = later,
  displayName: string | null = 'Key',
): KeyCredential => ({
  keyId,
  displayName,
  startDateTime: '2026-11-28T00:00:00Z',
  endDateTime,
  customKeyIdentifier: '',
});

export const trust = (id: string, subject = `repo:octo/${id}`): FederatedCredential => ({
  id,
  name: `ci-${id}`,
  issuer: 'https://issuer.example',
  subject,
  audiences: ['api://AzureADTokenExchange'],
});

/** What the application lists, and what the service principal does. */
export interface Listing extends Partial<ListedCredentials> {
  readonly federated?: readonly FederatedCredential[];
  readonly hidden?: ListedCredentials;
}

export const inventory = (
  { federated = [], hidden, ...listed }: Listing,
  more: Partial<Inventory> = {},
): Inventory => {
  const detail: Application = { ...application, ...listed };
  const rest = { tags: [], homePageUrl: '', redirectUris: [], implicitGrant: [], isPublicClient: false };
  const keys = hidden ?? { passwordCredentials: [], keyCredentials: [] };
  return {
    application: { value: { application: detail, ...rest } },
    servicePrincipal: {
      value: { id: 'principal', accountEnabled: true, assignmentRequired: false, ...keys },
    },
    assignments: { value: [] },
    delegated: { value: [] },
    owners: { value: [] },
    federated: { value: federated },
    tagged: { value: [] },
    deleted: { value: [] },
    ...more,
  };
};

export const titles = {
  'credential.registered': 'Registered credential',
  'app.secrets': 'Other client secrets',
  'app.certificates': 'Other certificates',
  'app.federatedCredentials': 'Other federated credentials',
  'app.expiredCredentials': 'Credentials that have ended',
  'app.hiddenCredentials': 'Hidden credentials',
} as const;
export type Id = keyof typeof titles;

/** All findings in full, in their order: these, and for the others that there is nothing beyond. */
export function allOf(own: CredentialKind, verdicts: Partial<Record<Id, Verdict>>): Finding[] {
  const owns: Readonly<Partial<Record<string, CredentialKind>>> = {
    'app.secrets': 'secret',
    'app.certificates': 'certificate',
    'app.federatedCredentials': 'federated',
  };
  const given: Readonly<Partial<Record<string, Verdict>>> = verdicts;
  return Object.entries(titles).map(([id, title]) => {
    const evidence = owns[id] === own ? 'none but what the file names' : 'none';
    return { id, title, ...(given[id] ?? is(evidence)) };
  });
}

export const is = (evidence: string): Verdict => ({ status: 'pass', evidence });
export const notChecked = (reason: string): Verdict => ({
  status: 'skip',
  evidence: `not checked: ${reason}`,
});
export const beyond = (evidence: string): Verdict => ({
  status: 'warn',
  evidence: evidence.replace(':', " beyond what the file names, which may be another machine's:"),
  remedy:
    "It may be another machine's: find out whose it is before anybody removes it, under App registrations > Certificates & secrets.",
  code: 'credential-excess',
});
export const shown = (keyId: string, end = '2028-11-28'): string => `"Key" (key ID ${keyId}, ends ${end})`;

export const secret: Held = { kind: 'secret', keyId: 'OWN' };
export const certificate: Held = { kind: 'certificate', keyId: 'OWN' };
export const federated: Held = { kind: 'federated', keyId: 'OWN' };
export const bySubject: Held = {
  kind: 'federated',
  issuer: 'https://issuer.example',
  subject: 'repo:octo/own',
};
