import { describe, expect, it } from 'vitest';
import type { PreviousCredential } from '../../../src/config/config.ts';
import type { CredentialKind } from '../../../src/core/choices.ts';
import { checkListedCredentials } from '../../../src/tenant/credential/listed-credentials.ts';
import type { Verdict } from '../../../src/tenant/verdict.ts';
import {
  allOf,
  beyond,
  bySubject,
  type Held,
  type Id,
  inventory,
  is,
  type Listing,
  listing,
  notChecked,
  now,
  over,
  secret,
  shown,
  trust,
} from './listed-data.ts';

const previous = (kind: CredentialKind, keyId: string): PreviousCredential => ({
  kind,
  keyId,
  replacedAt: '2026-11-27T00:00:00Z',
  retireAfter: '2026-12-04T00:00:00Z',
});

const leftover = (evidence: string): Verdict => ({
  status: 'warn',
  evidence,
  remedy: 'They open nothing any more, and can be removed under App registrations > Certificates & secrets.',
  code: 'credential-leftover',
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
