import { describe, expect, it } from 'vitest';
import type { CredentialKind } from '../../src/core/choices.ts';
import type { Finding } from '../../src/core/findings.ts';
import type { CredentialPolicy, ListedCredential } from '../../src/tenant/directory-objects.ts';
import { checkRenewal } from '../../src/tenant/policy.ts';
import type { Verdict } from '../../src/tenant/verdict.ts';
import {
  capped,
  certCapped,
  free,
  hiddenOnes,
  nowBlocked,
  passing,
  unrestricted,
  untold,
} from './policy-data.ts';

describe('the next credential', () => {
  const entry = (startDateTime: string, endDateTime: string): ListedCredential => ({
    keyId: 'key',
    displayName: null,
    startDateTime,
    endDateTime,
  });
  const over = (words: string, allowed: string): Verdict => ({
    status: 'warn',
    evidence: `the ${words}, and the tenant now allows ${allowed}`,
    remedy: `It goes on working; the next one is valid for ${allowed} at most: plan to renew it that often.`,
    code: 'policy-caps-lifetime',
  });
  const noon = '2026-11-28T12:00:00Z';
  const atCap = entry(noon, '2027-02-26T12:00:00Z');
  const overCap = entry(noon, '2027-02-26T12:00:01Z');
  const next = passing('the next one may be valid for 90 days at most');

  it.each<
    [string, CredentialKind, Partial<CredentialPolicy> | undefined, ListedCredential | undefined, Verdict]
  >([
    ['of a trust', 'federated', undefined, overCap, passing('there is nothing that has to be renewed')],
    [
      'of a policy that nobody read',
      'secret',
      undefined,
      overCap,
      { status: 'skip', reason: 'cannot-tell', evidence: 'not checked: no policy was read' },
    ],
    ['of no restriction', 'secret', {}, overCap, unrestricted],
    ['of no secrets', 'secret', { secretsBlocked: true, ...capped, ...hiddenOnes }, overCap, nowBlocked],
    ['of no secrets, for a certificate', 'certificate', { secretsBlocked: true }, overCap, unrestricted],
    ['of what nobody can tell', 'secret', hiddenOnes, atCap, untold('why of secrets')],
    [
      'of what nobody can tell, for a certificate',
      'certificate',
      hiddenOnes,
      atCap,
      untold('why of certificates'),
    ],
    [
      'of a cap, and of what nobody can tell',
      'secret',
      { ...capped, ...hiddenOnes },
      atCap,
      untold('why of secrets'),
    ],
    [
      'of a cap that it is over, and of what nobody can tell',
      'secret',
      { ...capped, ...hiddenOnes },
      overCap,
      over('secret in use is valid for 90 days', '90 days'),
    ],
    ['of a cap, for one that is not known', 'secret', capped, undefined, next],
    ['of a cap, for one without a start', 'secret', capped, entry('', noon), next],
    ['of a cap, for one without an end', 'secret', capped, entry(noon, ''), next],
    ['of a cap that it is within', 'secret', capped, atCap, passing('within the cap of 90 days')],
    [
      'of a cap that it is over',
      'secret',
      capped,
      overCap,
      over('secret in use is valid for 90 days', '90 days'),
    ],
    [
      'of a cap, for a certificate',
      'certificate',
      certCapped,
      entry(noon, '2028-11-28T00:00:00Z'),
      over('certificate in use is valid for 731 days', '90 days'),
    ],
    [
      'of a cap below a day',
      'secret',
      { secretLifetimeCap: { months: 0, days: 0, seconds: 43_200 } },
      entry(noon, '2026-11-29T12:00:00Z'),
      over('secret in use is valid for 1 day', '12 hours'),
    ],
    ['of a cap of the other kind', 'certificate', capped, overCap, unrestricted],
  ])('is told %s', (_name, kind, said, held, verdict) => {
    const finding: Finding = { id: 'policy.credential', title: 'Policy for the next credential', ...verdict };
    expect(checkRenewal(said && { ...free, ...said }, kind, held)).toEqual(finding);
  });
});
