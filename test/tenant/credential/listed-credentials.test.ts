import { describe, expect, it } from 'vitest';
import type { PreviousCredential, ReportingConfig } from '../../../src/config/config.ts';
import { type CredentialKind, credentialKinds } from '../../../src/core/choices.ts';
import { parseDuration } from '../../../src/core/duration.ts';
import type { Finding } from '../../../src/core/findings.ts';
import {
  checkExpiry,
  checkListedCredentials,
  heldEntry,
} from '../../../src/tenant/credential/listed-credentials.ts';
import type {
  Application,
  FederatedCredential,
  KeyCredential,
  ListedCredentials,
} from '../../../src/tenant/directory-objects.ts';
import type { Inventory } from '../../../src/tenant/inventory.ts';
import type { Verdict } from '../../../src/tenant/verdict.ts';
import { application } from '../account/account-data.ts';

const now = new Date('2026-11-28T12:00:00Z');

type Held = ReportingConfig['credential'];

describe('the time left', () => {
  const soon = (evidence: string): Verdict => ({
    status: 'warn',
    evidence,
    remedy:
      'Make a new one before that day, with time for whoever uses the old one: `reporting-setup rotate --yes`',
    code: 'credential-expires-soon',
  });
  const ended = (date: string): Verdict => ({
    status: 'fail',
    evidence: `none: it ended on ${date}`,
    remedy: 'Make a new one: `reporting-setup rotate --yes`',
    code: 'credential-expired',
  });
  const unknown: Verdict = {
    status: 'skip',
    reason: 'cannot-tell',
    evidence: 'cannot tell: its end is not known',
  };
  const enough = (evidence: string): Verdict => ({ status: 'pass', evidence });

  it.each<[string | undefined, string, Verdict]>([
    [undefined, '30d', unknown],
    ['', '30d', unknown],
    ['some day', '30d', unknown],
    ['2020-01-01T00:00:00Z', '30d', ended('2020-01-01')],
    ['2026-11-28T12:00:00Z', '30d', ended('2026-11-28')],
    ['2026-11-28T12:00:01Z', '30d', soon('ends on 2026-11-28, in less than a day')],
    ['2026-11-29T11:59:59Z', '30d', soon('ends on 2026-11-29, in less than a day')],
    ['2026-11-29T12:00:00Z', '30d', soon('ends on 2026-11-29, in 1 day')],
    ['2026-11-30T11:59:59Z', '30d', soon('ends on 2026-11-30, in 1 day')],
    ['2026-11-30T12:00:00Z', '30d', soon('ends on 2026-11-30, in 2 days')],
    ['2026-11-30T00:30:00+02:00', '30d', soon('ends on 2026-11-29, in 1 day')],
    ['2026-12-28T12:00:00Z', '30d', soon('ends on 2026-12-28, in 30 days')],
    ['2026-12-28T12:00:01Z', '30d', enough('ends on 2026-12-28, in 30 days')],
    ['2026-12-28T12:00:01Z', '1mo', enough('ends on 2026-12-28, in 30 days')],
    ['2026-12-28T12:00:01Z', '31d', soon('ends on 2026-12-28, in 30 days')],
    ['2028-11-28', '1y', enough('ends on 2028-11-28, in 730 days')],
  ])('of what ends at %j, with %s as soon', (expires, within, verdict) => {
    const check = (kind: CredentialKind): Finding => checkExpiry(expires, now, parseDuration(within), kind);
    const named = { id: 'credential.expiry', title: 'Time left' };
    expect(check('secret')).toEqual({ ...named, ...verdict });
    expect(check('certificate')).toEqual({ ...named, ...verdict });
    expect(check('federated')).toEqual({ ...named, ...enough('there is nothing that expires') });
  });
});

const later = '2028-11-28T00:00:00Z';
const over = '2026-11-28T12:00:00Z';

const listing = (keyId: string, endDateTime = later, displayName: string | null = 'Key'): KeyCredential => ({
  keyId,
  displayName,
  startDateTime: '2026-11-28T00:00:00Z',
  endDateTime,
  customKeyIdentifier: '',
});

const trust = (id: string, subject = `repo:octo/${id}`): FederatedCredential => ({
  id,
  name: `ci-${id}`,
  issuer: 'https://issuer.example',
  subject,
  audiences: ['api://AzureADTokenExchange'],
});

const previous = (kind: CredentialKind, keyId: string): PreviousCredential => ({
  kind,
  keyId,
  replacedAt: '2026-11-27T00:00:00Z',
  retireAfter: '2026-12-04T00:00:00Z',
});

/** What the application lists, and what the service principal does. */
interface Listing extends Partial<ListedCredentials> {
  readonly federated?: readonly FederatedCredential[];
  readonly hidden?: ListedCredentials;
}

const inventory = (
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

const titles = {
  'credential.registered': 'Registered credential',
  'app.secrets': 'Other client secrets',
  'app.certificates': 'Other certificates',
  'app.federatedCredentials': 'Other federated credentials',
  'app.expiredCredentials': 'Credentials that have ended',
  'app.hiddenCredentials': 'Hidden credentials',
} as const;
type Id = keyof typeof titles;

/** All findings in full, in their order: these, and for the others that there is nothing beyond. */
function allOf(own: CredentialKind, verdicts: Partial<Record<Id, Verdict>>): Finding[] {
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

const is = (evidence: string): Verdict => ({ status: 'pass', evidence });
const notChecked = (reason: string): Verdict => ({ status: 'skip', evidence: `not checked: ${reason}` });
const hiddenFrom = (reason: string): Verdict => ({ ...notChecked(reason), reason: 'cannot-tell' });
const gone = (evidence: string): Verdict => ({
  status: 'fail',
  evidence,
  remedy: 'Somebody, or another machine, removed this one. Make a new one: `reporting-setup`',
  code: 'credential-unregistered',
});
const beyond = (evidence: string): Verdict => ({
  status: 'warn',
  evidence: evidence.replace(':', " beyond what the file names, which may be another machine's:"),
  remedy:
    "It may be another machine's: find out whose it is before anybody removes it, under App registrations > Certificates & secrets.",
  code: 'credential-excess',
});
const leftover = (evidence: string): Verdict => ({
  status: 'warn',
  evidence,
  remedy: 'They open nothing any more, and can be removed under App registrations > Certificates & secrets.',
  code: 'credential-leftover',
});
const shown = (keyId: string, end = '2028-11-28'): string => `"Key" (key ID ${keyId}, ends ${end})`;

const secret: Held = { kind: 'secret', keyId: 'OWN' };
const certificate: Held = { kind: 'certificate', keyId: 'OWN' };
const federated: Held = { kind: 'federated', keyId: 'OWN' };
const bySubject: Held = { kind: 'federated', issuer: 'https://issuer.example', subject: 'repo:octo/own' };

describe('the credential in use', () => {
  const both = { passwordCredentials: [listing('own')], keyCredentials: [] };
  const keys = { passwordCredentials: [], keyCredentials: [listing('own')] };

  it.each<[string, Held, Listing, Verdict]>([
    ['a secret', secret, both, is(shown('own'))],
    ['a certificate', certificate, keys, is(shown('own'))],
    [
      'a trust by its id',
      federated,
      { federated: [trust('other'), trust('own')] },
      is('"ci-own", for "repo:octo/own"'),
    ],
    [
      'a trust by what it trusts',
      bySubject,
      { federated: [trust('other'), trust('own')] },
      is('"ci-own", for "repo:octo/own"'),
    ],
    [
      'one without a name',
      secret,
      { passwordCredentials: [listing('own', later, null)] },
      is('"without a name" (key ID own, ends 2028-11-28)'),
    ],
    [
      'one without an end',
      secret,
      { passwordCredentials: [listing('own', '')] },
      is(shown('own', 'no day known')),
    ],
    [
      'one that has ended',
      secret,
      { passwordCredentials: [listing('own', over)] },
      is(shown('own', '2026-11-28')),
    ],
  ])('%s', (_name, held, given, registered) => {
    const findings = checkListedCredentials(held, inventory(given), now);
    expect(findings.at(0)).toEqual({
      id: 'credential.registered',
      title: 'Registered credential',
      ...registered,
    });
  });

  it.each<[string, Held, Listing, Partial<Record<Id, Verdict>>]>([
    [
      'a secret',
      secret,
      keys,
      {
        'credential.registered': gone('the application lists no secret with key ID OWN'),
        'app.certificates': beyond(`1: ${shown('own')}`),
      },
    ],
    [
      'a certificate',
      certificate,
      both,
      {
        'credential.registered': gone('the application lists no certificate with key ID OWN'),
        'app.secrets': beyond(`1: ${shown('own')}`),
      },
    ],
    [
      'a trust of which the file says little',
      federated,
      { federated: [trust('other')] },
      {
        'credential.registered': gone('the application does not trust "" of ""'),
        'app.federatedCredentials': beyond('1: "ci-other" ("repo:octo/other" of https://issuer.example)'),
      },
    ],
    [
      'a trust in another subject',
      bySubject,
      { federated: [trust('own', 'repo:octo/OWN')] },
      {
        'credential.registered': gone(
          'the application does not trust "repo:octo/own" of "https://issuer.example"',
        ),
        'app.federatedCredentials': beyond('1: "ci-own" ("repo:octo/OWN" of https://issuer.example)'),
      },
    ],
    [
      'a trust in another issuer',
      { ...bySubject, issuer: 'https://issuer.example/' },
      { federated: [trust('own')] },
      {
        'credential.registered': gone(
          'the application does not trust "repo:octo/own" of "https://issuer.example/"',
        ),
        'app.federatedCredentials': beyond('1: "ci-own" ("repo:octo/own" of https://issuer.example)'),
      },
    ],
  ])('%s that is not there', (_name, held, given, expected) => {
    expect(checkListedCredentials(held, inventory(given), now)).toEqual(allOf(held.kind, expected));
  });

  it.each(credentialKinds)('of kind %s is found in its own list alone', (kind) => {
    const lists = {
      passwordCredentials: [listing('other'), listing('secret')],
      keyCredentials: [listing('certificate'), listing('federated')],
    };
    expect(heldEntry({ kind, keyId: kind.toUpperCase() }, lists)?.keyId).toBe(
      kind === 'federated' ? undefined : kind,
    );
    expect(heldEntry({ kind, keyId: 'nowhere' }, lists)).toBeUndefined();
    expect(heldEntry({ kind }, lists)).toBeUndefined();
  });
});

describe('other credentials', () => {
  const registered = is(shown('own'));
  const own = listing('own');
  const unnamed = notChecked('the file names no key ID');

  it.each<[string, Held, Listing, Partial<Record<Id, Verdict>>]>([
    ['none', secret, { passwordCredentials: [own] }, { 'credential.registered': registered }],
    [
      'two secrets',
      secret,
      { passwordCredentials: [listing('a'), own, listing('b')] },
      { 'credential.registered': registered, 'app.secrets': beyond(`2: ${shown('a')} and ${shown('b')}`) },
    ],
    [
      'a certificate with the key ID of the secret',
      secret,
      { passwordCredentials: [own], keyCredentials: [own] },
      { 'credential.registered': registered, 'app.certificates': beyond(`1: ${shown('own')}`) },
    ],
    [
      'a trust with the key ID of the secret',
      secret,
      { passwordCredentials: [own], federated: [trust('own')] },
      {
        'credential.registered': registered,
        'app.federatedCredentials': beyond('1: "ci-own" ("repo:octo/own" of https://issuer.example)'),
      },
    ],
    [
      'one whose end is not known, and one that ends in a second',
      secret,
      { passwordCredentials: [own, listing('a', ''), listing('b', '2026-11-28T12:00:01Z')] },
      {
        'credential.registered': registered,
        'app.secrets': beyond(`2: ${shown('a', 'no day known')} and ${shown('b', '2026-11-28')}`),
      },
    ],
    [
      'some that have ended',
      secret,
      {
        passwordCredentials: [own, listing('a', over)],
        keyCredentials: [listing('b', '2020-01-01T00:00:00Z')],
      },
      {
        'credential.registered': registered,
        'app.expiredCredentials': leftover(`${shown('a', '2026-11-28')} and ${shown('b', '2020-01-01')}`),
      },
    ],
    [
      'what the file names, ended',
      { ...secret, previous: [previous('secret', 'A'), previous('certificate', 'B')] },
      {
        passwordCredentials: [listing('own', over), listing('a', over)],
        keyCredentials: [listing('b', over)],
      },
      { 'credential.registered': is(shown('own', '2026-11-28')) },
    ],
    [
      'what the file names, replaced and in use',
      {
        ...secret,
        previous: [previous('secret', 'A'), previous('certificate', 'B'), previous('federated', 'C')],
      },
      { passwordCredentials: [own, listing('a')], keyCredentials: [listing('b')], federated: [trust('c')] },
      { 'credential.registered': registered },
    ],
    [
      'what the file names, each of another kind',
      {
        ...secret,
        previous: [previous('certificate', 'A'), previous('federated', 'B'), previous('secret', 'C')],
      },
      {
        passwordCredentials: [own, listing('a')],
        keyCredentials: [listing('b', over)],
        federated: [trust('c')],
      },
      {
        'credential.registered': registered,
        'app.secrets': beyond(`1: ${shown('a')}`),
        'app.federatedCredentials': beyond('1: "ci-c" ("repo:octo/c" of https://issuer.example)'),
        'app.expiredCredentials': leftover(shown('b', '2026-11-28')),
      },
    ],
    [
      'the only secret, where the file names none',
      { kind: 'secret' },
      { passwordCredentials: [own, listing('a', over)] },
      {
        'credential.registered': unnamed,
        'app.expiredCredentials': leftover(shown('a', '2026-11-28')),
      },
    ],
    [
      'the only one beside a replaced one, where the file names none',
      { kind: 'secret', previous: [previous('secret', 'a')] },
      { passwordCredentials: [own, listing('a')] },
      { 'credential.registered': unnamed },
    ],
    [
      'two, where the file names none',
      { kind: 'certificate' },
      { keyCredentials: [own, listing('a')] },
      {
        'credential.registered': unnamed,
        'app.certificates': beyond(`2: ${shown('own')} and ${shown('a')}`),
      },
    ],
    [
      'one of the other kind, where the file names none',
      { kind: 'certificate' },
      { passwordCredentials: [own] },
      { 'credential.registered': unnamed, 'app.secrets': beyond(`1: ${shown('own')}`) },
    ],
    [
      'a secret beside a trust',
      bySubject,
      { passwordCredentials: [own], federated: [trust('own')] },
      {
        'credential.registered': is('"ci-own", for "repo:octo/own"'),
        'app.secrets': beyond(`1: ${shown('own')}`),
      },
    ],
    [
      'a replaced trust beside the one in use',
      { ...bySubject, previous: [previous('federated', 'A')] },
      { federated: [trust('own'), trust('a'), trust('b')] },
      {
        'credential.registered': is('"ci-own", for "repo:octo/own"'),
        'app.federatedCredentials': beyond('1: "ci-b" ("repo:octo/b" of https://issuer.example)'),
      },
    ],
    [
      'more than five',
      secret,
      { passwordCredentials: [own, ...['1', '2', '3', '4', '5', '6'].map((id) => listing(id))] },
      {
        'credential.registered': registered,
        'app.secrets': beyond(`6: ${['1', '2', '3', '4', '5'].map((id) => shown(id)).join(', ')} and 1 more`),
      },
    ],
    [
      'some on the service principal',
      secret,
      {
        passwordCredentials: [own],
        hidden: { passwordCredentials: [listing('a')], keyCredentials: [listing('b', over)] },
      },
      {
        'credential.registered': registered,
        'app.hiddenCredentials': {
          status: 'warn',
          evidence: `on the service principal, where the portal does not show them: ${shown('a')} and ${shown('b', '2026-11-28')}`,
          remedy:
            'setup never puts any there: find out who did. A secret goes by POST /servicePrincipals/{id}/removePassword with its keyId.',
          code: 'credential-hidden',
        },
      },
    ],
  ])('%s', (_name, held, given, expected) => {
    expect(checkListedCredentials(held, inventory(given), now)).toEqual(allOf(held.kind, expected));
  });
});

describe('what was not seen', () => {
  const why = { hidden: 'this account may not read it' };
  const hidden = hiddenFrom(why.hidden);
  const absent = notChecked('there is no application');

  it.each<[string, Held, Partial<Inventory>, readonly Verdict[]]>([
    [
      'nothing',
      secret,
      { application: why, servicePrincipal: why, federated: why },
      [hidden, hidden, hidden, hidden, hidden, hidden],
    ],
    [
      'nothing of a trust',
      federated,
      { application: why, servicePrincipal: why, federated: why },
      [hidden, hidden, hidden, hidden, hidden, hidden],
    ],
    [
      'no application',
      secret,
      { application: { value: undefined }, servicePrincipal: { value: undefined } },
      [absent, absent, absent, absent, absent, notChecked('there is no service principal')],
    ],
    [
      'no application that could trust anybody',
      federated,
      { application: { value: undefined }, federated: { value: [trust('own')] } },
      [absent, absent, absent, absent, absent, is('none')],
    ],
    [
      'an application that may not be read, and its trusts',
      federated,
      { application: why, federated: { value: [trust('own')] } },
      [
        is('"ci-own", for "repo:octo/own"'),
        hidden,
        hidden,
        is('none but what the file names'),
        hidden,
        is('none'),
      ],
    ],
  ])('%s', (_name, held, more, verdicts) => {
    expect(checkListedCredentials(held, inventory({}, more), now)).toEqual(
      Object.entries(titles).map(([id, title], index) => ({ id, title, ...verdicts[index] })),
    );
  });
});
