import { describe, expect, it } from 'vitest';
import { credentialKinds } from '../../../src/core/choices.ts';
import { checkListedCredentials, heldEntry } from '../../../src/tenant/credential/listed-credentials.ts';
import type { Inventory } from '../../../src/tenant/inventory.ts';
import type { Verdict } from '../../../src/tenant/verdict.ts';
import {
  allOf,
  beyond,
  bySubject,
  certificate,
  federated,
  type Held,
  type Id,
  inventory,
  is,
  type Listing,
  later,
  listing,
  notChecked,
  now,
  over,
  secret,
  shown,
  titles,
  trust,
} from './listed-data.ts';

const hiddenFrom = (reason: string): Verdict => ({ ...notChecked(reason), reason: 'cannot-tell' });

const gone = (evidence: string): Verdict => ({
  status: 'fail',
  evidence,
  remedy: 'Somebody, or another machine, removed this one. Make a new one: `reporting-setup`',
  code: 'credential-unregistered',
});

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
